"""AdamW as transformers had it until 4.x: eps joins the uncorrected sqrt(v), decay follows the step. make-old-adamw.py checks it."""

import math

import torch


class OldAdamW(torch.optim.Optimizer):
    """Takes torch's parameter groups, so that torch's and transformers' schedules drive it."""

    def __init__(self, groups, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0):
        super().__init__(groups, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, eps, (beta1, beta2) = group["lr"], group["eps"], group["betas"]
            for weight in group["params"]:
                state = self.state[weight]
                if not state:
                    state.update(t=0, m=torch.zeros_like(weight), v=torch.zeros_like(weight))
                state["t"] += 1
                state["m"].mul_(beta1).add_(weight.grad, alpha=1 - beta1)
                state["v"].mul_(beta2).addcmul_(weight.grad, weight.grad, value=1 - beta2)
                size = lr * math.sqrt(1 - beta2 ** state["t"]) / (1 - beta1 ** state["t"])
                weight.addcdiv_(state["m"], state["v"].sqrt().add_(eps), value=-size)
                weight.add_(weight, alpha=-lr * group["weight_decay"])
