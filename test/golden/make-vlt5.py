"""
VL-T5's visual embedding (spec 2.2) with DePT over the tiny T5, on 7 x 7 cells pooled to 6 x 6: the embedding, the encoder's input
and output, logits, both losses, gradients of all trained tensors; boxes of zeros as in the published runs, and others.
"""

from importlib import import_module

import torch
from torch import nn
from torch.nn import functional as F
from transformers.models.t5.modeling_t5 import T5LayerNorm

from common import HERE, save_json, save_tensors, versions

dept = import_module("make-dept")

FOLDER = HERE / "vlt5-tiny"

SIDE, POOLED, VISUAL_WIDTH = 7, 6, 9
TOKENS = POOLED**2
NEW_ROWS = 40  # by which the word embedding is lengthened; the last is that of the first visual token
IMAGES = 2
WIDTHS, RN101 = (512, 768, 1024), 2048  # of T5-small, base and large


class VisualEmbedding(nn.Module):
    """RMSNorm(W1 v + b1) + RMSNorm(W2 [box; area] + b2) + the order of the image and of the token: [batch, 36, 9] -> [batch, 36, 16]."""

    def __init__(self, width, words, boxes, visual_width=VISUAL_WIDTH, eps=1e-6):
        super().__init__()
        self.words = words  # shared and frozen
        self.boxes = boxes  # x1, x2, y1, y2 of each token, the same for every picture
        self.feature = nn.Linear(visual_width, width)
        self.feature_norm = T5LayerNorm(width, eps=eps)
        self.place = nn.Linear(5, width)
        self.place_norm = T5LayerNorm(width, eps=eps)
        self.image_order = nn.Embedding(IMAGES, width)

    def forward(self, features):
        boxes = self.boxes.expand(len(features), -1, -1)
        x1, x2, y1, y2 = boxes.unbind(-1)
        area = (y2 - y1) * (x2 - x1)
        place = self.place_norm(self.place(torch.cat([boxes, area[..., None]], -1)))
        image_ids = torch.zeros(features.shape[:2], dtype=torch.long)
        token_ids = len(self.words) - 1 - torch.arange(features.shape[1])
        order = self.image_order(image_ids) + self.words[token_ids]
        return self.feature_norm(self.feature(features)) + place + order


class VLT5(dept.Dept):
    """DePT with VL-T5's visual embedding in the place of the linear one."""

    def __init__(self, t5, init, boxes):
        super().__init__(t5, init["prompt"].clone(), init["A"].clone(), init["B"].clone())
        words = torch.cat([t5.shared.weight.detach(), init["new_rows"]])
        self.projection = VisualEmbedding(t5.config.d_model, words, boxes, eps=t5.config.layer_norm_epsilon)
        names = dict(self.projection.named_parameters())
        self.projection.load_state_dict({name: init[f"projection.{name}"] for name in names})

    def forward(self, ids, grid, labels):
        """`grid` [batch, 9, 7, 7]: the cells of a ResNet's last layer, channels first."""
        tokens = F.adaptive_max_pool2d(grid, POOLED).flatten(2).transpose(1, 2)
        return super().forward(ids, tokens, labels)


def initial():
    """Trainable tensors away from their first values, rows that lengthen the word embedding, boxes of the 36 cells."""
    generator = torch.Generator().manual_seed(60)

    def normal(*shape, std=1.0):
        return torch.randn(*shape, generator=generator) * std

    width = 16
    return {
        "prompt": normal(dept.PROMPT, width),
        "A": normal(dept.TEXT, dept.RANK, std=0.5),
        "B": normal(dept.RANK, width, std=0.3),
        "projection.feature.weight": normal(width, VISUAL_WIDTH),
        "projection.feature.bias": normal(width),
        "projection.feature_norm.weight": 1 + normal(width, std=0.3),
        "projection.place.weight": normal(width, 5),
        "projection.place.bias": normal(width),
        "projection.place_norm.weight": 1 + normal(width, std=0.3),
        "projection.image_order.weight": normal(IMAGES, width),
        "new_rows": normal(NEW_ROWS, width),
    }


def cell_boxes():
    """x1, x2, y1, y2 of the cells of the grid, row by row, in 0..1."""
    edges = torch.arange(POOLED + 1) / POOLED
    rows = [[edges[x], edges[x + 1], edges[y], edges[y + 1]] for y in range(POOLED) for x in range(POOLED)]
    return torch.tensor(rows)


def spreads():
    """Trained values on RN101, and how torch's classes draw the first values of each tensor."""
    torch.manual_seed(61)
    made = {width: VisualEmbedding(width, None, None, RN101) for width in WIDTHS}
    counts = {str(width): sum(weight.numel() for weight in module.parameters()) for width, module in made.items()}
    first = {name: {"std": value.std().item(), "mean": value.mean().item()} for name, value in made[768].named_parameters()}
    return counts, first


def main():
    FOLDER.mkdir(exist_ok=True)
    init = initial()
    grid = torch.randn(4, VISUAL_WIDTH, SIDE, SIDE, generator=torch.Generator().manual_seed(62))
    tensors = {f"init.{name}": value for name, value in init.items() if name != "new_rows"}
    tensors["init.object_order"] = init["new_rows"].flip(0)[:TOKENS]
    tensors["case.grid"] = grid
    tensors["boxes.cells"] = cell_boxes()
    labels, scores = torch.tensor(dept.CASE["labels"]), torch.tensor(dept.CASE["scores"])
    for place, boxes in (("zeros", torch.zeros(TOKENS, 4)), ("cells", cell_boxes())):
        for task, loss_of in (("caption", dept.caption_loss), ("vqa", dept.vqa_loss)):
            model, case = VLT5(dept.load_t5(), init, boxes), f"{place}.{task}"
            output, embeds = model(torch.tensor(dept.CASE["input_ids"]), grid, labels)
            loss = loss_of(output.logits, labels, scores)
            loss.backward()
            tensors[f"{case}.loss"] = loss
            tensors |= {f"{case}.grad.{name}": weight.grad for name, weight in dept.trainable(model).items()}
        tensors |= {f"{place}.inputs_embeds": embeds, f"{place}.encoder.final": output.encoder_last_hidden_state}
        tensors[f"{place}.logits"] = output.logits
    counts, first = spreads()
    save_tensors(FOLDER / "expected.safetensors", tensors)
    save_json(
        FOLDER / "reference.json",
        {
            "versions": versions(),
            "model": "../t5-tiny",
            "sizes": {"side": SIDE, "pool": POOLED, "visual_width": VISUAL_WIDTH},
            "case": dept.CASE,
            "counts_on_RN101": counts,
            "first_values": first,
            "tensors": {
                "init.<name>": "prompt [4, 16], A [8, 3], B [3, 16], projection.*; object_order [36, 16]: rows V - 1 - i of the "
                "lengthened word embedding, i = 0 .. 35",
                "case.grid": "cells of `case`, [4, 9, 7, 7]",
                "boxes.cells": "x1, x2, y1, y2 of the 36 cells, [36, 4]; zeros: all zero",
                "<boxes>.inputs_embeds": "[prompt ; text ; visual], [4, 4 + 7 + 36, 16]",
                "<boxes>.encoder.final, <boxes>.logits": "[4, 47, 16], [4, 5, 40]",
                "<boxes>.<task>.loss, <boxes>.<task>.grad.<name>": "loss of the task, d loss / d trainable tensor",
                "counts_on_RN101": "trained values for d = 512, 768, 1024",
                "first_values": "of torch's classes, d = 768 on RN101",
            },
        },
    )


if __name__ == "__main__":
    main()
