"""The problem that all optimisers solve: three tensors, each with its rate, and 50 steps of given gradients."""

import torch
from torch import nn

STEPS = 50
RATES = {"matrix": 0.3, "vector": 0.005, "cube": 0.3}
SHAPES = {"matrix": (3, 4), "vector": (5,), "cube": (2, 2, 3)}


def problem():
    """
    Gradients of every size from 1e3 down to the eps of Adam. A row of the matrix never has one (as A's rows beyond the longest
    text), an entry of the vector only from step 25 on; at step 20 all are a thousand times larger, at step 30 all are zero.
    """
    generator = torch.Generator().manual_seed(50)
    start = {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
    gradients = {name: torch.randn(STEPS, *shape, generator=generator) for name, shape in SHAPES.items()}
    gradients["matrix"] *= torch.tensor([[1.0, 1e-1, 1e-2, 1e-3], [1e-4, 1e-5, 1e-6, 1e-7], [0.0, 0.0, 0.0, 0.0]])
    gradients["vector"][:25, 4] = 0
    gradients["cube"][:, 1] *= 1e-3
    for gradient in gradients.values():
        gradient[20] *= 1000
        gradient[30] = 0
    return start, gradients


def run(make, start, gradients, rates=RATES, **options):
    """All tensors after every step, in float32 as training has it. Rates are constant, nothing is clipped."""
    weights = {name: nn.Parameter(value.clone()) for name, value in start.items()}
    groups = [{"params": [weight], **({} if rates is None else {"lr": rates[name]})} for name, weight in weights.items()]
    optimizer = make(groups, **options)
    after = {name: [] for name in weights}
    for step in range(STEPS):
        for name, weight in weights.items():
            weight.grad = gradients[name][step].clone()
        optimizer.step()
        for name, weight in weights.items():
            after[name].append(weight.detach().clone())
    return {name: torch.stack(values) for name, values in after.items()}


def runs_as_tensors(runs):
    return {f"{run}.{name}": values for run, after in runs.items() for name, values in after.items()}
