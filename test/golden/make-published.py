"""Configs of every published T5 and CLIP ViT, as far as they decide sizes, and the parameters that transformers counts for each."""

import torch
from transformers import CLIPConfig, CLIPModel, T5Config, T5ForConditionalGeneration

from common import HERE, save_json, versions

# d_model, d_kv, d_ff, layers in each stack, heads
T5 = {
    "t5-small": (512, 64, 2048, 6, 8),
    "t5-base": (768, 64, 3072, 12, 12),
    "t5-large": (1024, 64, 4096, 24, 16),
    "t5-3b": (1024, 128, 16384, 24, 32),
    "t5-11b": (1024, 128, 65536, 24, 128),
}
# Flan-T5 has the sizes of T5 v1.1 under the same names.
GATED = {
    "small": (512, 64, 1024, 8, 6),
    "base": (768, 64, 2048, 12, 12),
    "large": (1024, 64, 2816, 24, 16),
    "xl": (2048, 64, 5120, 24, 32),
    "xxl": (4096, 64, 10240, 24, 64),
}
LARGE = {
    "projection_dim": 768,
    "vision_config": {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16, "patch_size": 14},
    "text_config": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12},
}
CLIP = {
    "clip-vit-base-patch32": {},
    "clip-vit-base-patch16": {"vision_config": {"patch_size": 16}},
    "clip-vit-large-patch14": LARGE,
    "clip-vit-large-patch14-336": {**LARGE, "vision_config": {**LARGE["vision_config"], "image_size": 336}},
}


def t5_config(sizes, gated):
    names = ("d_model", "d_kv", "d_ff", "num_layers", "num_heads")
    config = {"model_type": "t5", "vocab_size": 32128, **dict(zip(names, sizes)), "feed_forward_proj": "relu"}
    return {**config, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False} if gated else config


def count_t5(config):
    model = T5ForConditionalGeneration(T5Config(**{key: value for key, value in config.items() if key != "model_type"}))
    if not config.get("tie_word_embeddings", True):  # transformers 5 ties it all the same until weights are loaded
        model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.lm_head.weight))
    return sum(weight.numel() for weight in model.parameters())


def main():
    configs = {name: t5_config(sizes, False) for name, sizes in T5.items()}
    configs |= {f"{kind}-{size}": t5_config(sizes, True) for kind in ("t5-v1_1", "flan-t5") for size, sizes in GATED.items()}
    with torch.device("meta"):
        models = {name: {"config": config, "parameters": count_t5(config)} for name, config in configs.items()}
        for name, config in CLIP.items():
            count = sum(weight.numel() for weight in CLIPModel(CLIPConfig(**config)).parameters())
            models[name] = {"config": {"model_type": "clip", **config}, "parameters": count}
    save_json(HERE / "published.json", {"versions": versions(), "models": models})


if __name__ == "__main__":
    main()
