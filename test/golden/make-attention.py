"""Where the decoder looks: transformers' cross-attention on the batches of t5-tiny and t5-gated, by layer and head."""

import json

import torch
from safetensors.torch import load_file
from transformers import T5ForConditionalGeneration

from common import HERE, save_json, save_tensors, versions

FOLDER = HERE / "t5-attention"
MODELS = ("t5-tiny", "t5-gated")


def cross_attentions(name):
    """One tensor [batch, heads, target, source] per decoder layer, for the inputs of the model's reference.json."""
    folder = HERE / name
    inputs = json.loads((folder / "reference.json").read_text())["inputs"]
    model = T5ForConditionalGeneration.from_pretrained(folder, attn_implementation="eager").eval()
    ids, mask = torch.tensor(inputs["input_ids"]), torch.tensor(inputs["attention_mask"])
    embeds = model.shared(ids)
    prompt = load_file(folder / "expected.safetensors").get("prompt")
    if prompt is not None:
        embeds = torch.cat([prompt.expand(len(ids), -1, -1), embeds], 1)
    decoder_ids = torch.tensor(inputs["decoder_input_ids"])
    output = model(inputs_embeds=embeds, attention_mask=mask, decoder_input_ids=decoder_ids, output_attentions=True)
    return output.cross_attentions


def main():
    FOLDER.mkdir(exist_ok=True)
    tensors = {}
    with torch.no_grad():
        for name in MODELS:
            for layer, weights in enumerate(cross_attentions(name)):
                tensors[f"{name}.{layer}"] = weights
    save_tensors(FOLDER / "expected.safetensors", tensors)
    about = {"<model>.<layer>": "cross-attention of a decoder layer, counted from 0 [batch, heads, target, source]"}
    save_json(FOLDER / "reference.json", {"versions": versions(), "tensors": about})


if __name__ == "__main__":
    main()
