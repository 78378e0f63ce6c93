"""A tiny random CLIP and what transformers computes with it: states, embeddings, logits, loss, every gradient."""

import torch
from transformers import CLIPConfig, CLIPModel

from common import HERE, gradients, randomise, recorded, save_json, save_model, save_tensors, versions

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


def build(hidden_act):
    """Random weights, the same for both activations; the logit scale keeps CLIP's initial value."""
    model = CLIPModel._from_config(config(hidden_act), attn_implementation="eager")
    randomise(model, seed=30)
    with torch.no_grad():
        model.logit_scale.fill_(model.config.logit_scale_init_value)
    return model


def pixel_values():
    """[3, 3, 12, 12], already normalised."""
    return torch.randn(3, 3, 12, 12, generator=torch.Generator().manual_seed(31))


def reference(model):
    """One forward and backward pass of the contrastive loss. No text mask: the causal mask hides what follows the end."""
    ids, tensors = torch.tensor(INPUT_IDS), {"input.pixel_values": pixel_values()}
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


def pooled_by_highest_id(model):
    """Pooled text of the same weights under `eos_token_id: 2`, as older published configs have it."""
    model.text_model.eos_token_id = 2
    with torch.no_grad():
        pooled = model.text_model(input_ids=torch.tensor(INPUT_IDS)).pooler_output
    model.text_model.eos_token_id = EOS
    return pooled


def main():
    model = build("quick_gelu")
    save_model(model, FOLDER)
    tensors = reference(model)
    tensors["expected.text.pooled_by_highest_id"] = pooled_by_highest_id(model)
    gelu_model = build("gelu")
    gelu = reference(gelu_model)
    kept = [name for name in gelu if ".layers.0.mlp." in name] + [
        "expected.loss",
        "expected.logits_per_image",
        "grad.vision_model.embeddings.patch_embedding.weight",
        "grad.text_model.embeddings.token_embedding.weight",
    ]
    tensors.update({f"gelu.{name}": gelu[name] for name in kept})
    save_tensors(FOLDER / "expected.safetensors", tensors)
    gelu_config = FOLDER / "config-gelu.json"
    gelu_model.config.to_json_file(gelu_config)
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
                "expected.text.pooled_by_highest_id": "[3, 12], where the config says eos_token_id 2: at the first position of "
                "the row's highest id (differs in the third row only)",
                "expected.text.projected": "[3, 8], text_projection(pooled), not normalised",
                "expected.image_embeds": "[3, 8], projected and divided by its length",
                "expected.text_embeds": "[3, 8], projected and divided by its length",
                "expected.logits_per_image": "[image, text] = exp(logit_scale) * image_embeds * text_embeds'",
                "expected.loss": "mean of the cross-entropies of the rows and the columns of logits_per_image",
                "grad.<weight>": "d loss / d weight (of every k_proj.bias: zero but for rounding)",
                "gelu.<name>": "the same weights and inputs under config-gelu.json: loss, logits, a few gradients",
            },
        },
    )


if __name__ == "__main__":
    main()
