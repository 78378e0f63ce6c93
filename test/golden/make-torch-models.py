"""Weights of other goldens as `torch.save` writes a model's state dict: in one file, in shards, with tied tensors in one storage."""

import torch
from transformers import CLIPModel, T5ForConditionalGeneration

from common import HERE, save_json

FOLDER = HERE / "torch-models"
# In one file, or in so many shards.
MODELS = {
    "t5-tiny": (T5ForConditionalGeneration, 1),
    "t5-float16": (T5ForConditionalGeneration, 2),
    "t5-bfloat16": (T5ForConditionalGeneration, 3),
    "clip-tiny": (CLIPModel, 1),
}


def main():
    for name, (kind, shards) in MODELS.items():
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        model = kind.from_pretrained(HERE / name, dtype="auto")
        state = model.state_dict()
        if shards == 1:
            torch.save(state, folder / "pytorch_model.bin")
            continue
        names = list(state)
        size = -(-len(names) // shards)
        weight_map = {}
        for i in range(shards):
            file = f"pytorch_model-{i + 1:05}-of-{shards:05}.bin"
            part = names[i * size : (i + 1) * size]
            torch.save({key: state[key] for key in part}, folder / file)
            weight_map.update(dict.fromkeys(part, file))
        total = sum(value.numel() * value.element_size() for value in state.values())
        save_json(folder / "pytorch_model.bin.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map})


if __name__ == "__main__":
    main()
