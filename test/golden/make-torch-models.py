"""Weights of other goldens as `torch.save` writes a model's state dict: in one file, in shards, with tied tensors in one storage."""

from transformers import CLIPModel, T5ForConditionalGeneration

from common import HERE, save_state

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
        save_state(model.state_dict(), folder, shards)


if __name__ == "__main__":
    main()
