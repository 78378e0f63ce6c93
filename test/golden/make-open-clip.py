"""
Two tiny random CLIPs of two transformers in open_clip's layout and what open_clip computes with them. Needs the environment
that make-clip-resnet.py names.
"""

import open_clip
import torch
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import save_file

from common import HERE, hashed_pixels, randomise, save_json, save_tensors, versions

TEXT = {"context_length": 8, "vocab_size": 30, "width": 12, "heads": 2, "layers": 2}
IDS = [[27, 5, 14, 22, 9, 3, 17, 29], [27, 11, 6, 19, 29, 0, 0, 0]]
# As OpenAI's (quick GELU) from torch.save; as LAION's (GELU) with heads of another width, float16, in safetensors.
MODELS = {
    "open-clip-vit": {
        "seed": 40,
        "dtype": torch.float32,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 12, "layers": 3, "width": 64, "patch_size": 4, "mlp_ratio": 1},
    },
    "open-clip-vit-float16": {
        "seed": 41,
        "dtype": torch.float16,
        "quick_gelu": False,
        "vision_cfg": {"image_size": 14, "layers": 2, "width": 24, "head_width": 8, "patch_size": 4, "mlp_ratio": 3.5},
    },
}


def save_folder(folder, model, dtype, model_cfg):
    folder.mkdir(exist_ok=True)
    open_clip.set_model_preprocess_cfg(model, {**vars(open_clip.transform.PreprocessCfg()), "size": model.visual.image_size})
    save_config_for_hf(model, folder / "open_clip_config.json", model_cfg)
    tensors = {name: value.to(dtype) for name, value in model.state_dict().items()}
    if dtype == torch.float32:
        torch.save(tensors, folder / "open_clip_pytorch_model.bin")
    else:
        save_file(tensors, folder / "open_clip_model.safetensors")
        (folder / "open_clip_model.safetensors").chmod(0o644)


def main():
    for name, options in MODELS.items():
        model_cfg = {"embed_dim": 10, "quick_gelu": options["quick_gelu"], "vision_cfg": options["vision_cfg"], "text_cfg": TEXT}
        model = open_clip.CLIP(**model_cfg).eval()
        randomise(model, options["seed"], 0.1)
        with torch.no_grad():
            for weight in model.parameters():
                weight.copy_(weight.to(options["dtype"]))
        save_folder(HERE / name, model, options["dtype"], model_cfg)
        with torch.no_grad():
            pixels = hashed_pixels(2, options["vision_cfg"]["image_size"])
            output = model.visual.forward_intermediates(pixels, output_fmt="NLC")
            tensors = {f"expected.tokens.{i + 1}": state for i, state in enumerate(output["image_intermediates"])}
            tensors["expected.vision"] = model.encode_image(pixels)
            tensors["expected.text"] = model.encode_text(torch.tensor(IDS))
        save_tensors(HERE / name / "expected.safetensors", tensors)
        save_json(
            HERE / name / "reference.json",
            {
                "versions": {**versions(), "open_clip_torch": open_clip.__version__},
                "inputs": {"input_ids": IDS},
                "parameters": sum(weight.numel() for weight in model.parameters()),
                "tensors": {
                    "expected.tokens.<i>": "[2, patches, width], output of layer i without the class token",
                    "expected.vision, expected.text": "[2, 10], not normalised",
                },
            },
        )


if __name__ == "__main__":
    main()
