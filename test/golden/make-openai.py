"""
A tiny random CLIP in a file as OpenAI published its own: a TorchScript archive, weights in float16 but for norms and embeddings, no
configuration; and what open_clip computes with it after it has read the file. Needs the environment of make-clip-resnet.py.
"""

import open_clip
import torch
from open_clip.model import convert_weights_to_lp
from open_clip.openai import load_openai_model
from torch import nn

from common import HERE, hashed_pixels, randomise, save_json, save_tensors, versions

FOLDER = HERE / "openai-vit"
FILE = FOLDER / "ViT-tiny.pt"
# Heads of 64 and a feed-forward layer of four times the width go without saying in such a file.
MODEL = {
    "embed_dim": 12,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 12, "layers": 1, "width": 64, "patch_size": 4},
    "text_cfg": {"context_length": 8, "vocab_size": 30, "width": 64, "heads": 1, "layers": 1},
}
IDS = [[27, 5, 14, 22, 9, 3, 17, 29], [27, 11, 6, 19, 29, 0, 0, 0]]


class Weights(nn.Module):
    """Weights alone, under the names of a state dict; the published archives hold the program as well."""

    def __init__(self, tensors):
        super().__init__()
        for name, value in tensors.items():
            *path, last = name.split(".")
            place = self
            for part in path:
                if part not in place._modules:
                    place.add_module(part, nn.Module())
                place = place._modules[part]
            place.register_buffer(last, value) if value.dtype == torch.long else place.register_parameter(last, nn.Parameter(value))

    def forward(self, x: torch.Tensor):
        return x


def main():
    FOLDER.mkdir(exist_ok=True)
    model = open_clip.CLIP(**MODEL).eval()
    randomise(model, 44, 0.1)
    convert_weights_to_lp(model, dtype=torch.float16)
    vision, text = MODEL["vision_cfg"], MODEL["text_cfg"]
    numbers = {"input_resolution": vision["image_size"], "context_length": text["context_length"], "vocab_size": text["vocab_size"]}
    tensors = {**model.state_dict(), **{name: torch.tensor(value) for name, value in numbers.items()}}
    tensors.pop("attn_mask", None)
    torch.jit.save(torch.jit.script(Weights(tensors)), str(FILE))

    read = load_openai_model(str(FILE), precision="fp32", device="cpu")
    with torch.no_grad():
        pixels = hashed_pixels(len(IDS), vision["image_size"])
        output = read.visual.forward_intermediates(pixels, output_fmt="NLC")
        expected = {f"expected.tokens.{i + 1}": state for i, state in enumerate(output["image_intermediates"])}
        expected["expected.vision"] = read.encode_image(pixels)
        expected["expected.text"] = read.encode_text(torch.tensor(IDS))
    save_tensors(FOLDER / "expected.safetensors", expected)
    save_json(
        FOLDER / "reference.json",
        {
            "versions": {**versions(), "open_clip_torch": open_clip.__version__},
            "inputs": {"input_ids": IDS},
            "parameters": sum(weight.numel() for weight in read.parameters()),
            "tensors": "as in open-clip-vit",
        },
    )


if __name__ == "__main__":
    main()
