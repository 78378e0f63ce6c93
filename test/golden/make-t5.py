"""A tiny random T5 v1.0 and what transformers computes with it: states, logits, loss, gradients."""

import torch
from transformers import T5Config, T5ForConditionalGeneration

from common import HERE, gradients, randomise, recorded, save_json, save_model, save_tensors, versions

FOLDER = HERE / "t5-tiny"

CONFIG = T5Config(
    vocab_size=40,
    d_model=16,
    d_kv=6,
    num_heads=3,
    d_ff=24,
    num_layers=2,
    num_decoder_layers=2,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=12,
    dropout_rate=0.0,
    feed_forward_proj="relu",
    tie_word_embeddings=True,
    decoder_start_token_id=0,
)

INPUT_IDS = [[5, 12, 33, 7, 28, 19, 1], [9, 5, 31, 22, 1, 0, 0], [14, 38, 1, 0, 0, 0, 0]]
LABELS = [[11, 4, 27, 36, 1], [8, 1, -100, -100, -100], [25, 17, 9, 1, -100]]


def build():
    """The model with the committed weights; embeddings N(0, 1) as in T5, so that the logits spread."""
    model = T5ForConditionalGeneration._from_config(CONFIG, attn_implementation="eager")
    randomise(model, seed=20)
    with torch.no_grad():
        model.shared.weight.copy_(torch.randn(model.shared.weight.shape, generator=torch.Generator().manual_seed(21)))
    return model


def reference(model):
    """One forward and backward pass with the embeddings as leaves of their own."""
    ids, labels = torch.tensor(INPUT_IDS), torch.tensor(LABELS)
    mask = (ids != 0).long()
    decoder_ids = model._shift_right(labels)
    embeds, decoder_embeds = model.shared(ids), model.shared(decoder_ids)
    embeds.retain_grad()
    decoder_embeds.retain_grad()
    tensors = {}
    hooks = recorded(model.encoder.block, tensors, "expected.encoder.hidden")
    hooks += recorded(model.decoder.block, tensors, "expected.decoder.hidden")
    hooks.append(
        model.decoder.register_forward_hook(
            lambda _m, _a, output: tensors.__setitem__("expected.decoder.final", output.last_hidden_state.detach())
        )
    )
    output = model(inputs_embeds=embeds, attention_mask=mask, decoder_inputs_embeds=decoder_embeds, labels=labels)
    for hook in hooks:
        hook.remove()
    output.loss.backward()
    tensors["expected.encoder.final"] = output.encoder_last_hidden_state
    tensors["expected.logits"] = output.logits
    tensors["expected.loss"] = output.loss
    tensors.update(gradients(model))
    tensors["grad.inputs_embeds"] = embeds.grad
    tensors["grad.decoder_inputs_embeds"] = decoder_embeds.grad
    inputs = {
        "input_ids": INPUT_IDS,
        "attention_mask": mask.tolist(),
        "labels": LABELS,
        "decoder_input_ids": decoder_ids.tolist(),
    }
    return inputs, tensors


def main():
    model = build()
    save_model(model, FOLDER)
    inputs, tensors = reference(model)
    save_tensors(FOLDER / "expected.safetensors", tensors)
    save_json(
        FOLDER / "reference.json",
        {
            "versions": versions(),
            "inputs": inputs,
            "loss": tensors["expected.loss"].item(),
            "tensors": {
                "expected.encoder.hidden.<i>": "0: embeddings; i: output of encoder block i (before the final norm)",
                "expected.encoder.final": "encoder output after the final norm",
                "expected.decoder.hidden.<i>": "0: embeddings; i: output of decoder block i (before the final norm)",
                "expected.decoder.final": "decoder output after the final norm, before the factor d_model^-0.5",
                "expected.logits": "[batch, target, vocab]",
                "expected.loss": "mean cross-entropy over labels other than -100",
                "grad.<weight>": "d loss / d weight; grad.shared.weight sums both embeddings and the tied head",
                "grad.inputs_embeds": "d loss / d encoder embeddings",
                "grad.decoder_inputs_embeds": "d loss / d decoder embeddings",
            },
        },
    )


if __name__ == "__main__":
    main()
