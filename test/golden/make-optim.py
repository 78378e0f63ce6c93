"""Optimiser and schedule numbers: 50 steps of every optimiser on given gradients, clipping, and all schedules."""

import torch
from torch import nn
from transformers.optimization import (
    Adafactor,
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_inverse_sqrt_schedule,
    get_linear_schedule_with_warmup,
)

from common import HERE, save_json, save_tensors, versions
from optim_problem import RATES, STEPS, problem, run, runs_as_tensors

FOLDER = HERE / "optim"
CLIP_LIMITS = (0.5, 100.0)

# Prompt tuning as in Lester et al.: constant rate, no parameter scale, no first moment.
LESTER = {"eps": (1e-30, 1e-3), "clip_threshold": 1.0, "decay_rate": -0.8, "beta1": None, "weight_decay": 1e-5}
SCALED = {**LESTER, "clip_threshold": 0.5, "weight_decay": 0.01}
GIVEN = {"relative_step": False, "scale_parameter": False}


def optimiser_runs(start, gradients):
    """The names that test/training/optimisers.test.ts gives its settings for."""

    def of(make, **options):
        return run(make, start, gradients, **options)

    adam = {"betas": (0.9, 0.999), "eps": 1e-6}
    return {
        "adamw": of(torch.optim.AdamW, **adam, weight_decay=0.0),
        "adamw.decay": of(torch.optim.AdamW, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01),
        "adam": of(torch.optim.Adam, **adam, weight_decay=0.0),
        "adam.decay": of(torch.optim.Adam, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01),
        "sgd": of(torch.optim.SGD),
        "sgd.momentum": of(torch.optim.SGD, momentum=0.9),
        "sgd.nesterov": of(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=0.01),
        "adafactor.lester": of(Adafactor, **LESTER, **GIVEN),
        "adafactor.first-moment": of(Adafactor, **{**LESTER, "beta1": 0.9, "weight_decay": 0.01}, **GIVEN),
        "adafactor.scaled": of(Adafactor, **SCALED, relative_step=False, scale_parameter=True),
        "adafactor.relative": of(Adafactor, rates=None, relative_step=True, scale_parameter=True),
        "adafactor.relative-warm": of(
            Adafactor, rates=None, relative_step=True, scale_parameter=True, warmup_init=True, beta1=0.9
        ),
    }


def clipping(gradients):
    """torch's clip_grad_norm_ over all tensors of a step, for a limit that bites at most steps and one at few."""
    tensors = {}
    for limit in CLIP_LIMITS:
        norms, clipped = [], {name: [] for name in gradients}
        for step in range(STEPS):
            weights = {name: nn.Parameter(torch.zeros(values.shape[1:])) for name, values in gradients.items()}
            for name, weight in weights.items():
                weight.grad = gradients[name][step].clone()
            norms.append(nn.utils.clip_grad_norm_(weights.values(), limit))
            for name, weight in weights.items():
                clipped[name].append(weight.grad)
        tensors[f"clipped.{limit:g}.norm"] = torch.stack(norms)
        tensors.update({f"clipped.{limit:g}.{name}": torch.stack(values) for name, values in clipped.items()})
    return tensors


def row(name, warmup, total, timescale, steps, factors):
    known = {"name": name, "warmup": warmup, "total": total, "timescale": timescale}
    return {**known, "steps": list(steps), "factors": factors}


def schedule(name, make, steps, warmup, total=None, timescale=None):
    """Factor on the peak rate in force at each 0-based step."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    given = {"num_training_steps": total, "timescale": timescale}
    scheduler = make(optimizer, warmup, **{key: value for key, value in given.items() if value is not None})
    factors = []
    for step in range(max(steps) + 1):
        if step in steps:
            factors.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return row(name, warmup, total, timescale, steps, factors)


def relative_step(warmup_init, steps):
    """Adafactor's own rate without the parameter's scale; its first step is step 1."""
    group = {"lr": None, "relative_step": True, "warmup_init": warmup_init, "scale_parameter": False}
    factors = [Adafactor._get_lr(group, {"step": step + 1}) for step in steps]
    return row("relative-step", 10_000 if warmup_init else 0, None, None, steps, factors)


def schedules():
    first, far = range(STEPS + 1), [0, 1, 250, 499, 500, 501, 1000, 20000, 39999, 40000]
    linear, cosine = get_linear_schedule_with_warmup, get_cosine_schedule_with_warmup
    constant, inverse = get_constant_schedule_with_warmup, get_inverse_sqrt_schedule
    return [
        schedule("linear", linear, first, 5, STEPS),
        schedule("linear", linear, first, 0, STEPS),
        schedule("linear", linear, far, 500, 40000),
        schedule("constant", constant, first, 5),
        schedule("constant", constant, first, 0),
        schedule("cosine", cosine, first, 5, STEPS),
        schedule("cosine", cosine, first, 0, STEPS),
        schedule("cosine", cosine, far, 500, 40000),
        schedule("inverse-sqrt", inverse, first, 5),
        schedule("inverse-sqrt", inverse, first, 0),
        schedule("inverse-sqrt", inverse, first, 5, timescale=3),
        schedule("inverse-sqrt", inverse, far, 500),
        relative_step(False, [*first, 9998, 9999, 10000, 10001, 40000]),
        relative_step(True, [*first, 9998, 9999, 10000, 10001, 40000]),
    ]


def main():
    FOLDER.mkdir(exist_ok=True)
    start, gradients = problem()
    runs = optimiser_runs(start, gradients)
    save_tensors(
        FOLDER / "expected.safetensors",
        {
            **{f"start.{name}": value for name, value in start.items()},
            **{f"gradient.{name}": value for name, value in gradients.items()},
            **runs_as_tensors(runs),
            **clipping(gradients),
        },
    )
    save_json(
        FOLDER / "reference.json",
        {
            "versions": versions(),
            "rates": RATES,
            "runs": list(runs),
            "clip_limits": list(CLIP_LIMITS),
            "schedules": schedules(),
            "tensors": {
                "start.<name>, gradient.<name>": "matrix [3, 4], vector [5], cube [2, 2, 3]; gradients of 50 steps [50, ...]",
                "<run>.<name>": "the tensor after each step [50, ...], its rate constant; the relative runs have Adafactor's own",
                "clipped.<limit>.<name>": "gradients of every step after clip_grad_norm_, and the norms before",
                "old-adamw.safetensors": "the runs of make-old-adamw.py on the same problem",
            },
        },
    )


if __name__ == "__main__":
    main()
