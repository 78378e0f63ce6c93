"""
Tiny random CLIPs and what transformers computes with them: states, embeddings, logits, loss, every gradient. And what
transformers reads from configs as they were published over the years.
"""

from copy import deepcopy

import torch
from transformers import CLIPConfig, CLIPModel

from common import HERE, gradients, hashed_pixels, randomise, recorded, save_json, save_model, save_tensors, versions

FOLDER = HERE / "clip-tiny"

BOS, EOS, PAD = 27, 28, 1
# Id 29 stands for a token added after the end-of-text id: the third row's highest id is not where its text ends.
INPUT_IDS = [
    [BOS, 5, 14, 22, 9, 3, 17, EOS],
    [BOS, 11, 6, 19, EOS, PAD, PAD, PAD],
    [BOS, 8, 29, 12, 4, EOS, PAD, PAD],
]


def config(hidden_act):
    """The same shapes for both activations."""
    common = {"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_act": hidden_act, "projection_dim": 8}
    text = {
        "vocab_size": 30,
        "hidden_size": 12,
        "intermediate_size": 20,
        "max_position_embeddings": 10,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "pad_token_id": PAD,
    }
    vision = {"hidden_size": 16, "intermediate_size": 28, "patch_size": 4, "image_size": 12}
    return CLIPConfig(text_config=text | common, vision_config=vision | common, projection_dim=8)


def build(model_config, seed=30):
    """Random weights; the logit scale has the config's initial value."""
    model = CLIPModel._from_config(model_config, attn_implementation="eager")
    randomise(model, seed)
    with torch.no_grad():
        model.logit_scale.fill_(model.config.logit_scale_init_value)
    return model


def pixel_values():
    """[3, 3, 12, 12], already normalised."""
    return torch.randn(3, 3, 12, 12, generator=torch.Generator().manual_seed(31))


def reference(model, input_ids, pixels):
    """One forward and backward pass of the contrastive loss. No text mask: the causal mask hides what follows the end."""
    ids, tensors = torch.tensor(input_ids), {"input.pixel_values": pixels}
    hooks = recorded(model.vision_model.encoder.layers, tensors, "expected.vision.hidden")
    hooks += recorded(model.text_model.encoder.layers, tensors, "expected.text.hidden")
    for name in ("vision", "text"):

        def keep(_module, _arguments, output, name=name):
            tensors[f"expected.{name}.last_hidden_state"] = output.last_hidden_state.detach()
            tensors[f"expected.{name}.pooled"] = output.pooler_output.detach()

        hooks.append(getattr(model, f"{name}_model").register_forward_hook(keep))
    output = model(input_ids=ids, pixel_values=tensors["input.pixel_values"], return_loss=True)
    for hook in hooks:
        hook.remove()
    output.loss.backward()
    tensors["expected.vision.projected"] = model.visual_projection(tensors["expected.vision.pooled"])
    tensors["expected.text.projected"] = model.text_projection(tensors["expected.text.pooled"])
    tensors["expected.image_embeds"] = output.image_embeds
    tensors["expected.text_embeds"] = output.text_embeds
    tensors["expected.logits_per_image"] = output.logits_per_image
    tensors["expected.loss"] = output.loss
    tensors.update(gradients(model))
    return tensors


def tiny():
    """Every tensor under quick GELU, some under GELU."""
    model = build(config("quick_gelu"))
    save_model(model, FOLDER)
    tensors = reference(model, INPUT_IDS, pixel_values())
    gelu = reference(build(config("gelu")), INPUT_IDS, pixel_values())
    kept = [name for name in gelu if ".layers.0.mlp." in name] + [
        "expected.loss",
        "expected.logits_per_image",
        "grad.vision_model.embeddings.patch_embedding.weight",
        "grad.text_model.embeddings.token_embedding.weight",
    ]
    tensors.update({f"gelu.{name}": gelu[name] for name in kept})
    save_tensors(FOLDER / "expected.safetensors", tensors)
    save_json(
        FOLDER / "reference.json",
        {
            "versions": versions(),
            "inputs": {"input_ids": INPUT_IDS},
            "loss": tensors["expected.loss"].item(),
            "tensors": {
                "input.pixel_values": "[3, 3, 12, 12], normalised",
                "expected.vision.hidden.<i>": "0: after pre_layrnorm; i: output of layer i",
                "expected.vision.last_hidden_state": "[3, 10, 16], equal to the last hidden state (no norm)",
                "expected.vision.pooled": "[3, 16], post_layernorm of the class token",
                "expected.vision.projected": "[3, 8], visual_projection(pooled), not normalised",
                "expected.text.hidden.<i>": "0: token + position embeddings; i: output of layer i",
                "expected.text.last_hidden_state": "[3, 8, 12], after final_layer_norm",
                "expected.text.pooled": "[3, 12], at the first eos_token_id (28)",
                "expected.text.projected": "[3, 8], text_projection(pooled), not normalised",
                "expected.image_embeds": "[3, 8], projected and divided by its length",
                "expected.text_embeds": "[3, 8], projected and divided by its length",
                "expected.logits_per_image": "[image, text] = exp(logit_scale) * image_embeds * text_embeds'",
                "expected.loss": "mean of the cross-entropies of the rows and the columns of logits_per_image",
                "grad.<weight>": "d loss / d weight (of every k_proj.bias: zero but for rounding)",
                "gelu.<name>": "the same weights and inputs with hidden_act gelu in both towers: loss, logits, a few gradients",
            },
        },
    )


# The published patch sizes. 14 does not divide its picture size. End of text: 29 is the highest id, as in CLIP's vocabulary.
# "highest id" stands for configs with eos_token_id 2, whatever the id is; there, texts are padded with the end-of-text id.
OLD_IDS = [[27, 5, 14, 22, 9, 29], [27, 11, 29, 29, 29, 29], [27, 8, 2, 4, 29, 29]]
NEW_IDS = [[27, 5, 14, 22, 9, 28], [27, 29, 6, 28, 28, 28], [27, 8, 2, 12, 4, 3]]  # the last has no end
VARIANTS = {
    "clip-patch8": {
        "vision": {"patch_size": 8, "image_size": 32, "hidden_size": 12, "num_attention_heads": 3, "num_hidden_layers": 3},
        "text": {"eos_token_id": 2, "num_hidden_layers": 1},
        "both": {"hidden_act": "gelu", "layer_norm_eps": 1e-6},
        "input_ids": OLD_IDS,
    },
    "clip-patch14": {
        "vision": {"patch_size": 14, "image_size": 32, "hidden_size": 8, "num_attention_heads": 2, "hidden_act": "gelu"},
        "text": {"eos_token_id": 28, "hidden_act": "quick_gelu"},
        "input_ids": NEW_IDS,
    },
    "clip-patch16": {
        "vision": {"patch_size": 16, "image_size": 48, "hidden_size": 6, "num_attention_heads": 1, "hidden_act": "quick_gelu"},
        "text": {"eos_token_id": 28, "hidden_act": "gelu", "num_hidden_layers": 3},
        "input_ids": NEW_IDS,
    },
    "clip-patch32": {
        "vision": {"patch_size": 32, "image_size": 64, "hidden_size": 4, "num_attention_heads": 2},
        "text": {"eos_token_id": 2},
        "both": {"hidden_act": "quick_gelu"},
        "logit_scale_init_value": 4.6052,  # what training clips it to
        "input_ids": OLD_IDS,
    },
}


def variant_config(vision, text, both={}, logit_scale_init_value=2.6592):
    """Two layers each unless said; projection width 5."""
    common = {"num_hidden_layers": 2} | both
    text_base = {"vocab_size": 30, "hidden_size": 8, "intermediate_size": 12, "num_attention_heads": 2, "max_position_embeddings": 7}
    return CLIPConfig(
        text_config=text_base | common | text,
        vision_config={"intermediate_size": 10} | common | vision,
        projection_dim=5,
        logit_scale_init_value=logit_scale_init_value,
    )


def projected_with_mask(model, input_ids, end):
    """What a text mask as the tokenizer makes it would change."""
    ids = torch.tensor(input_ids)
    mask = torch.ones_like(ids)
    for row, values in enumerate(input_ids):
        if end in values:
            mask[row, values.index(end) + 1 :] = 0
    with torch.no_grad():
        return model.get_text_features(input_ids=ids, attention_mask=mask).pooler_output


def variant(name, number, input_ids, **settings):
    """All tensors but the input."""
    folder = HERE / name
    model = build(variant_config(**settings), seed=40 + number)
    save_model(model, folder)
    tensors = reference(model, input_ids, hashed_pixels(len(input_ids), model.config.vision_config.image_size))
    del tensors["input.pixel_values"]
    tensors["expected.text.projected_with_mask"] = projected_with_mask(model, input_ids, 29 if input_ids is OLD_IDS else 28)
    save_tensors(folder / "expected.safetensors", tensors)
    save_json(
        folder / "reference.json",
        {
            "versions": versions(),
            "inputs": {"input_ids": input_ids, "pixel_values": "see hashed_pixels in common.py"},
            "loss": tensors["expected.loss"].item(),
            "tensors": "as in clip-tiny; expected.text.projected_with_mask: with an attention mask over what follows the end",
        },
    )


# Configs in the forms that published models have.
TOWERS_L14 = {
    "vision": {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": 14},
    "text": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12},
}
CONFIGS = {
    "nothing but the kind": {"model_type": "clip"},
    "towers that say only what differs": {
        "model_type": "clip",
        "projection_dim": 768,
        "vision_config": TOWERS_L14["vision"] | {"image_size": 336},
        "text_config": TOWERS_L14["text"],
    },
    "the end-of-text id of old configs": {"model_type": "clip", "vision_config": {"patch_size": 16}, "text_config": {"eos_token_id": 2}},
    "both forms, the old one null": {
        "model_type": "clip",
        "vision_config": {"patch_size": 16},
        "vision_config_dict": None,
        "text_config": {"eos_token_id": 2},
        "text_config_dict": None,
    },
    "both forms, which differ": {
        "model_type": "clip",
        "projection_dim": 768,
        "vision_config": TOWERS_L14["vision"] | {"image_size": 336, "hidden_act": "gelu"},
        "vision_config_dict": TOWERS_L14["vision"] | {"projection_dim": 768},
        "text_config": TOWERS_L14["text"] | {"eos_token_id": 2, "layer_norm_eps": 1e-6},
        "text_config_dict": TOWERS_L14["text"] | {"projection_dim": 768},
    },
    "the old form alone": {"model_type": "clip", "vision_config_dict": TOWERS_L14["vision"], "text_config_dict": {"vocab_size": 1000}},
    "a projection width in the towers": {
        "model_type": "clip",
        "projection_dim": 1024,
        "vision_config": {"projection_dim": 640, "hidden_act": "gelu", "hidden_size": 1280, "num_attention_heads": 16},
        "text_config": {"projection_dim": 512, "hidden_act": "gelu", "hidden_size": 1024, "num_attention_heads": 16},
    },
    "a projection width in the towers alone": {"model_type": "clip", "vision_config": {"projection_dim": 640}},
}
TOWER_FIELDS = ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_act", "layer_norm_eps"]


def configs():
    """Each config and what of it transformers has in the end."""
    cases = []
    for name, published in CONFIGS.items():
        parsed = CLIPConfig.from_dict(deepcopy(published))  # it writes into what it is given
        read = {
            "projection_dim": parsed.projection_dim,
            "vision": {key: getattr(parsed.vision_config, key) for key in [*TOWER_FIELDS, "image_size", "patch_size"]},
            "text": {
                key: getattr(parsed.text_config, key)
                for key in [*TOWER_FIELDS, "vocab_size", "max_position_embeddings", "eos_token_id"]
            },
        }
        cases.append({"name": name, "config": published, "read": read})
    save_json(HERE / "clip-configs.json", {"versions": versions(), "cases": cases})


def main():
    tiny()
    for number, (name, settings) in enumerate(VARIANTS.items()):
        variant(name, number, **settings)
    configs()


if __name__ == "__main__":
    main()
