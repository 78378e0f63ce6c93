"""Optimiser and schedule numbers: 20 steps of both AdamWs on given gradients, clipping, and the linear schedule."""

import torch
from torch import nn
from transformers import get_linear_schedule_with_warmup

from common import HERE, save_json, versions
from old_adamw import OldAdamW

STEPS = 20
BETAS, EPS = (0.9, 0.999), 1e-6
RATES = {"a": 0.3, "b": 0.005}
SHAPES = {"a": (2, 3), "b": (4,)}


def problem():
    """Two tensors with rates of their own. Gradients of every size down to eps; `b`'s last entry has none until step 10."""
    generator = torch.Generator().manual_seed(50)
    start = {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
    gradients = []
    for step in range(STEPS):
        drawn = {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
        drawn["a"] *= torch.tensor([[1.0, 1e-1, 1e-2], [1e-4, 1e-5, 1e-6]])
        drawn["b"][3] *= step >= 10
        gradients.append(drawn)
    return start, gradients


def run(make, weight_decay, start, gradients):
    """Both tensors after every step, in float64 so that only the formula counts. Rates are constant, nothing is clipped."""
    weights = {name: nn.Parameter(value.double()) for name, value in start.items()}
    groups = [{"params": [weight], "lr": RATES[name]} for name, weight in weights.items()]
    optimizer = make(groups, betas=BETAS, eps=EPS, weight_decay=weight_decay)
    after = []
    for gradient in gradients:
        for name, weight in weights.items():
            weight.grad = gradient[name].double()
        optimizer.step()
        after.append({name: weight.detach().flatten().tolist() for name, weight in weights.items()})
    return after


def clipping(gradients):
    """torch's clip_grad_norm_ over both tensors, for a limit that bites and one that does not."""
    cases = []
    for limit in (0.5, 100.0):
        weights = {name: nn.Parameter(torch.zeros(shape)) for name, shape in SHAPES.items()}
        for name, weight in weights.items():
            weight.grad = gradients[0][name].clone()
        norm = nn.utils.clip_grad_norm_(weights.values(), limit)
        clipped = {name: weight.grad.flatten().tolist() for name, weight in weights.items()}
        cases.append({"max_norm": limit, "norm": norm.item(), "clipped": clipped})
    return cases


def schedule(warmup, total, steps):
    """Factor on the peak rate in force at each 0-based step."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = get_linear_schedule_with_warmup(optimizer, warmup, total)
    factors = {}
    for step in range(max(steps) + 1):
        if step in steps:
            factors[str(step)] = scheduler.get_last_lr()[0]
        optimizer.step()
        scheduler.step()
    return {"warmup": warmup, "total": total, "factors": factors}


def main():
    start, gradients = problem()
    save_json(
        HERE / "optim.json",
        {
            "versions": versions(),
            "about": {
                "problem": "tensors a [2, 3] and b [4], flattened; a gradient for every step; every tensor has its own rate",
                "torch": "torch.optim.AdamW: decay before the step, eps added to sqrt(v) after its bias correction",
                "transformers": "AdamW of transformers 4: eps added to the uncorrected sqrt(v), decay after the step",
                "runs": "tensors after each step, computed in float64",
                "clipping": "gradients of step 0, scaled by max_norm / (norm + 1e-6) where that is below 1",
                "schedules": "factor on the peak rate in force at each 0-based step; the first step runs at rate 0",
            },
            "betas": list(BETAS),
            "eps": EPS,
            "rates": RATES,
            "start": {name: value.flatten().tolist() for name, value in start.items()},
            "gradients": [{name: value.flatten().tolist() for name, value in step.items()} for step in gradients],
            "runs": [
                {"optimizer": name, "weight_decay": decay, "after": run(make, decay, start, gradients)}
                for name, make in (("torch", torch.optim.AdamW), ("transformers", OldAdamW))
                for decay in (0.0, 0.01)
            ],
            "clipping": clipping(gradients),
            "schedules": [
                schedule(5, 30, range(33)),
                schedule(0, 10, range(12)),
                schedule(500, 40000, [0, 1, 250, 499, 500, 501, 1000, 20000, 39999, 40000]),
            ],
        },
    )


if __name__ == "__main__":
    main()
