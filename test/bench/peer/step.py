"""
The same training step in PyTorch and transformers: `python step.py <case> <t5> [--dropout P] [--steps N] [--threads N]
[--attention eager|sdpa]`. Prints one JSON line, as test/bench/step.ts does.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F
from transformers import T5ForConditionalGeneration, logging
from transformers.models.t5.modeling_t5 import T5LayerNorm

logging.set_verbosity_error()
logging.disable_progress_bar()
RATES = {"prompt": 0.3, "lowRank": 5e-3, "projection": 3e-4}


def memory(field):
    """A field of this process's status, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field + ":"))
    return 1024 * int(line.split()[1])


class TunedT5(nn.Module):
    """[P ; W[ids] + c A B ; projection(V)] over a frozen T5; A and B are absent in prompt tuning."""

    def __init__(self, t5, values, alpha):
        super().__init__()
        self.t5 = t5.requires_grad_(False)
        self.prompt = nn.Parameter(values["prompt_embeddings"]) if "prompt_embeddings" in values else None
        self.A = self.B = self.linear = None
        if "prompt_encoder.lora_embedding_A" in values:
            self.A = nn.Parameter(values["prompt_encoder.lora_embedding_A"])
            self.B = nn.Parameter(values["prompt_encoder.lora_embedding_B"])
            self.scale = alpha / self.A.shape[1] ** 0.5
        if "visual_projection.linear.weight" in values:
            weight = values["visual_projection.linear.weight"]
            self.linear = nn.Linear(weight.shape[1], weight.shape[0])
            self.linear.weight = nn.Parameter(weight)
            self.linear.bias = nn.Parameter(values["visual_projection.linear.bias"])
            self.norm = T5LayerNorm(weight.shape[0], eps=t5.config.layer_norm_epsilon)
            self.norm.weight = nn.Parameter(values["visual_projection.norm.weight"])

    def groups(self):
        named = {
            "prompt": [] if self.prompt is None else [self.prompt],
            "lowRank": [] if self.A is None else [self.A, self.B],
            "projection": [] if self.linear is None else [*self.linear.parameters(), *self.norm.parameters()],
        }
        return [{"params": params, "lr": RATES[name]} for name, params in named.items() if params]

    def forward(self, ids, visual, labels):
        words = self.t5.shared(ids)
        if self.A is not None:
            words = words + self.scale * (self.A @ self.B)[: ids.shape[1]]
        parts = [] if self.prompt is None else [self.prompt.expand(len(ids), -1, -1)]
        parts.append(words)
        if self.linear is not None:
            parts.append(self.norm(self.linear(visual)))
        embeds = torch.cat(parts, dim=1)
        attention = self.t5.encoder.block[0].layer[0].SelfAttention
        without_order = 0 if self.linear is None else visual.shape[1]
        attention.compute_bias = order_bias(type(attention).compute_bias, attention, embeds.shape[1] - without_order)
        mask = torch.ones(embeds.shape[:2], dtype=torch.long)
        return self.t5(inputs_embeds=embeds, attention_mask=mask, labels=labels).loss


def order_bias(compute_bias, attention, ordered):
    """T5's position bias for the first `ordered` positions; none for pairs with a visual token."""

    def padded(query_length, key_length, device=None, past_seen_tokens=0):
        bias = compute_bias(attention, ordered, ordered, device, past_seen_tokens)
        return F.pad(bias, (0, key_length - ordered, 0, query_length - ordered))

    return padded


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", type=Path)
    parser.add_argument("t5", type=Path)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="eager")
    options = parser.parse_args()
    if options.threads is not None:
        torch.set_num_threads(options.threads)

    case = json.loads((options.case / "case.json").read_text())
    values = load_file(options.case / "case.safetensors")
    ids, labels = torch.tensor(case["texts"]), torch.tensor(case["targets"])
    base = memory("VmRSS")
    t5 = T5ForConditionalGeneration.from_pretrained(
        options.t5, attn_implementation=options.attention, dropout_rate=options.dropout
    )
    t5.config.use_cache = False
    model = TunedT5(t5, values, case["alpha"]).train()
    optimizer = torch.optim.AdamW(model.groups(), betas=(0.9, 0.999), eps=1e-6, weight_decay=0)
    losses, seconds = [], []
    for _ in range(options.steps):
        begun = time.perf_counter()
        loss = model(ids, values["visual"], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        seconds.append(time.perf_counter() - begun)
    print(json.dumps({"losses": losses, "seconds": seconds[1:], "memory": memory("VmHWM"), "baseMemory": base}))


if __name__ == "__main__":
    main()
