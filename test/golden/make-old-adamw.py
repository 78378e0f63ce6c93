"""
50 steps of transformers' own AdamW, which trained the published DePT prompts and left with version 5. Needs an environment of
its own, with torch, safetensors and numpy as in requirements.txt and transformers==4.44.2.

Also checks that `old_adamw.py`, which stands in for it in the other makers, is equal to it bit for bit.
"""

import torch
from transformers.optimization import AdamW

from common import HERE, save_json, save_tensors, versions
from old_adamw import OldAdamW
from optim_problem import problem, run, runs_as_tensors

FOLDER = HERE / "optim"
RUNS = {
    "old-adamw": {"betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.0},
    "old-adamw.decay": {"betas": (0.9, 0.98), "eps": 1e-6, "weight_decay": 0.01},
}


def main():
    start, gradients = problem()
    runs = {name: run(AdamW, start, gradients, **options, no_deprecation_warning=True) for name, options in RUNS.items()}
    for name, options in RUNS.items():
        ours = run(OldAdamW, start, gradients, **options)
        assert all(torch.equal(ours[tensor], values) for tensor, values in runs[name].items()), name
    save_tensors(FOLDER / "old-adamw.safetensors", runs_as_tensors(runs))
    save_json(FOLDER / "old-adamw.json", {"versions": versions(), "runs": list(runs)})


if __name__ == "__main__":
    main()
