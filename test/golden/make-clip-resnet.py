"""
Two tiny random CLIP ResNets and what open_clip computes with them: grids, embedding, gradients; the weights of the published
ones by name and shape. Needs an environment of its own: open_clip_torch==3.3.0 with torch==2.14.1, torchvision==0.29.1, and
transformers, safetensors and numpy as in requirements.txt.
"""

import hashlib

import open_clip
import torch
import torch.nn.functional as F
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import save_file

from common import HERE, gradients, hashed_pixels, save_json, save_tensors, versions

BATCH = 2
TEXT = {"context_length": 4, "vocab_size": 12, "width": 8, "heads": 2, "layers": 1}
# The grids of RN50 / RN101 and of RN50x4. The second is as published but for width and depth (heads of 64), in float16.
MODELS = {
    "clip-resnet-7x7": {
        "seed": 70,
        "dtype": torch.float32,
        "embed_dim": 16,
        "vision_cfg": {"image_size": 224, "layers": [2, 2, 3, 2], "width": 2, "head_width": 16},
    },
    "clip-resnet-9x9": {
        "seed": 90,
        "dtype": torch.float16,
        "embed_dim": 24,
        "vision_cfg": {"image_size": 288, "layers": [1, 1, 2, 1], "width": 4, "patch_size": None},
    },
}
PUBLISHED = ["RN50", "RN101", "RN50x4", "RN50x16", "RN50x64"]


def randomise(model, seed, dtype):
    """Weights under which activations keep their size and attention is neither even nor all on one cell; no statistic 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if not value.is_floating_point():
                continue
            noise = torch.randn(value.shape, generator=generator)
            if name == "logit_scale":
                noise = value
            elif name.endswith("running_var"):
                noise = 0.5 + torch.rand(value.shape, generator=generator)
            elif value.dim() == 4:
                noise *= (2 / value[0].numel()) ** 0.5
            elif value.dim() == 2 and "positional" not in name:
                noise *= 0.3 * value.shape[-1] ** -0.5
            elif value.dim() == 1:
                noise = 0.3 * noise + name.endswith("weight")
            value.copy_(noise.to(dtype))


def build(embed_dim, vision_cfg, seed, dtype):
    model = open_clip.CLIP(embed_dim=embed_dim, vision_cfg=vision_cfg, text_cfg=TEXT, quick_gelu=True)
    randomise(model, seed, dtype)
    return model.eval()


def save_folder(folder, model, dtype, model_cfg):
    """open_clip_config.json and open_clip_model.safetensors, as open_clip's own upload writes them."""
    folder.mkdir(exist_ok=True)
    open_clip.set_model_preprocess_cfg(model, {**vars(open_clip.transform.PreprocessCfg()), "size": model.visual.image_size})
    save_config_for_hf(model, folder / "open_clip_config.json", model_cfg)
    tensors = {name: value.to(dtype) if value.is_floating_point() else value for name, value in model.state_dict().items()}
    save_file(tensors, folder / "open_clip_model.safetensors")
    (folder / "open_clip_model.safetensors").chmod(0o644)


def reference(model, seed):
    """One forward and backward pass; the loss is linear in the embedding."""
    visual = model.visual
    direction = torch.randn(BATCH, visual.output_dim, generator=torch.Generator().manual_seed(seed + 1))
    output = visual.forward_intermediates(hashed_pixels(BATCH, visual.image_size))
    stem, *layers = output["image_intermediates"]
    grids = {"stem": stem, **{f"layer{i + 1}": grid for i, grid in enumerate(layers[:3])}}
    embedding = output["image_features"]
    loss = (embedding * direction).sum()
    loss.backward()
    tensors = {"input.direction": direction, "expected.embedding": embedding, "expected.loss": loss}
    tensors.update({f"expected.{name}": grid[:, :, ::4, ::4] for name, grid in grids.items()})
    tensors["expected.tokens"] = layers[-1].flatten(2).transpose(1, 2)
    tensors["expected.pooled"] = F.adaptive_max_pool2d(layers[-1], 6).flatten(2).transpose(1, 2)
    tensors.update(gradients(model))
    return tensors


def published(name):
    """The config and every tensor of the image tower's file, by name and shape; nothing is computed."""
    config = open_clip.get_model_config(name)
    with torch.device("meta"):
        model = open_clip.CLIP(**config)
    tensors = {key: value for key, value in model.visual.state_dict().items() if value.is_floating_point()}
    lines = sorted(f"visual.{key} [{', '.join(map(str, value.shape))}]\n" for key, value in tensors.items())
    return {
        "model_cfg": config,
        "tensors": len(lines),
        "sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
        "visual_parameters": sum(weight.numel() for weight in model.visual.parameters()),
        "parameters": sum(weight.numel() for weight in model.parameters()),
    }


def main():
    made_by = {**versions(), "open_clip_torch": open_clip.__version__}
    for name, options in MODELS.items():
        seed, dtype = options["seed"], options["dtype"]
        model_cfg = {key: options[key] for key in ("embed_dim", "vision_cfg")} | {"quick_gelu": True, "text_cfg": TEXT}
        model = build(options["embed_dim"], options["vision_cfg"], seed, dtype)
        save_folder(HERE / name, model, dtype, model_cfg)
        tensors = reference(model, seed)
        save_tensors(HERE / name / "expected.safetensors", tensors)
        save_json(
            HERE / name / "reference.json",
            {
                "versions": made_by,
                "parameters": sum(weight.numel() for weight in model.parameters()),
                "tensors": {
                    "input.direction": "[2, width]",
                    "expected.stem, expected.layer<1 to 3>": "[2, channels, ...], every fourth row and column of the grid",
                    "expected.tokens": "[2, cells, channels], layer4 row by row",
                    "expected.pooled": "[2, 36, channels], adaptive_max_pool2d(layer4, 6) row by row",
                    "expected.embedding": "[2, width], attention pooling, not normalised",
                    "expected.loss": "sum of input.direction times expected.embedding",
                    "grad.<weight>": "d loss / d weight (of attnpool.k_proj.bias: zero but for rounding)",
                },
            },
        )
    shapes = {name: published(name) for name in PUBLISHED}
    save_json(HERE / "clip-resnet-published.json", {"versions": made_by, "models": shapes})


if __name__ == "__main__":
    main()
