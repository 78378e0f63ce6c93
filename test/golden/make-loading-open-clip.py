"""
The tiniest CLIPs in open_clip's layout, a vision transformer and a ResNet, in float32, float16 and bfloat16, as safetensors and by
torch.save; and what open_clip computes with each in float32. Needs the environment of make-clip-resnet.py.
"""

import shutil
from importlib import import_module

import open_clip
import torch
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import save_file

from common import HERE, hashed_pixels, randomise, save_json, save_tensors, versions

FOLDER = HERE / "loading"
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
TEXT = {"context_length": 6, "vocab_size": 20, "width": 8, "heads": 2, "layers": 1}
IDS = [[17, 5, 14, 2, 9, 19], [17, 11, 6, 19, 0, 0]]
FAMILIES = {
    "open-clip-vit": {"image_size": 8, "layers": 1, "width": 8, "head_width": 4, "patch_size": 4, "mlp_ratio": 1.5},
    "open-clip-resnet": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 2, "head_width": 16},
}


def build(vision_cfg):
    model_cfg = {"embed_dim": 6, "quick_gelu": True, "vision_cfg": vision_cfg, "text_cfg": TEXT}
    model = open_clip.CLIP(**model_cfg).eval()
    if isinstance(vision_cfg["layers"], list):
        import_module("make-clip-resnet").randomise(model, 91, torch.float32)
    else:
        randomise(model, 90)
    return model, model_cfg


def main():
    for family, vision_cfg in FAMILIES.items():
        shutil.rmtree(FOLDER / family, ignore_errors=True)
        tensors = {}
        for dtype, torch_dtype in DTYPES.items():
            model, model_cfg = build(vision_cfg)
            state = {key: value.to(torch_dtype) if value.is_floating_point() else value for key, value in model.state_dict().items()}
            open_clip.set_model_preprocess_cfg(model, {**vars(open_clip.transform.PreprocessCfg()), "size": model.visual.image_size})
            for layout, name in (("safetensors", "open_clip_model.safetensors"), ("bin", "open_clip_pytorch_model.bin")):
                folder = FOLDER / family / f"{dtype}-{layout}"
                folder.mkdir(parents=True)
                save_config_for_hf(model, folder / "open_clip_config.json", model_cfg)
                save_file(state, folder / name) if layout == "safetensors" else torch.save(state, folder / name)
                (folder / name).chmod(0o644)
                read = open_clip.CLIP(**model_cfg).eval()
                open_clip.load_checkpoint(read, str(folder / name))
                with torch.no_grad():
                    pixels = hashed_pixels(2, vision_cfg["image_size"])
                    found = {f"{dtype}.vision": read.encode_image(pixels), f"{dtype}.text": read.encode_text(torch.tensor(IDS))}
                assert all(torch.equal(value, tensors.setdefault(name, value)) for name, value in found.items())
        save_tensors(FOLDER / family / "expected.safetensors", tensors)
        save_json(
            FOLDER / family / "reference.json",
            {
                "versions": {**versions(), "open_clip_torch": open_clip.__version__},
                "inputs": {"input_ids": IDS},
                "parameters": sum(weight.numel() for weight in model.parameters()),
                "tensors": {"<type>.vision, <type>.text": "[2, 6], not normalised: the weights rounded to the type, in float32"},
            },
        )


if __name__ == "__main__":
    main()
