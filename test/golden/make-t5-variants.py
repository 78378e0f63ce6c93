"""T5 in its published forms beside t5-tiny: v1.0 on long inputs, v1.1 (gated, untied), weights in half precision, buckets.

What transformers 5.23 makes of an output head, followed by the engine: it is scaled unless the config has
tie_word_embeddings false or scale_decoder_outputs false; it is the embedding unless the checkpoint holds another
lm_head.weight, whatever the config calls it. Saved again, v1.1 has tie_word_embeddings true.
"""

import json
import shutil

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from transformers import T5Config, T5ForConditionalGeneration
from transformers.models.t5.modeling_t5 import T5Attention

from common import HERE, gradients, randomise, recorded, save_json, save_model, save_tensors, versions

LONG = T5Config(
    vocab_size=37,
    d_model=10,
    d_kv=7,
    num_heads=3,
    d_ff=17,
    num_layers=2,
    num_decoder_layers=3,
    dropout_rate=0.0,
    layer_norm_epsilon=1e-5,
    decoder_start_token_id=0,
)
GATED = T5Config(
    vocab_size=41,
    d_model=12,
    d_kv=5,
    num_heads=3,
    d_ff=19,
    num_layers=3,
    num_decoder_layers=2,
    relative_attention_num_buckets=20,
    relative_attention_max_distance=30,
    dropout_rate=0.0,
    feed_forward_proj="gated-gelu",
    tie_word_embeddings=False,
    decoder_start_token_id=2,
)

# Text positions, of which each row attends to all but these ranges; label positions, of which these do not count.
LONG_CASE = {
    "text": 168,
    "hidden": [[(0, 9)], [(140, 168)], [(0, 5), (60, 71), (156, 168)]],
    "target": 118,
    "uncounted": [[], [(40, 118)], [(7, 10), (100, 118)]],
    "scores": [1.0, 0.3, 0.6],
}
GATED_CASE = {
    "text": 27,
    "hidden": [[], [(20, 27)], [(0, 8)], [(0, 3), (11, 12), (25, 27)]],
    "target": 43,
    "uncounted": [[], [(5, 43)], [(12, 14), (30, 43)], [(1, 43)]],
    "scores": [0.3, 1.0, 0.6, 0.9],
}
PROMPT = 6

BUCKETS = [(32, 128), (8, 12), (20, 30), (33, 100), (10, 40), (64, 256), (16, 9), (4, 3), (7, 1000)]
FARTHEST = 1200


def build(config, seed):
    """Random weights, embeddings N(0, 1); an untied config gets a head of its own, as in published checkpoints."""
    model = T5ForConditionalGeneration._from_config(config, attn_implementation="eager")
    if not config.scale_decoder_outputs:
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    randomise(model, seed)
    with torch.no_grad():
        noise = torch.randn(model.shared.weight.shape, generator=torch.Generator().manual_seed(seed + 1))
        model.shared.weight.copy_(noise)
    return model.eval()


def draw(case, config, seed):
    """Ids, mask and labels of a case, and a soft prompt."""
    generator = torch.Generator().manual_seed(seed)
    rows = len(case["scores"])
    ids = torch.randint(3, config.vocab_size, (rows, case["text"]), generator=generator)
    labels = torch.randint(3, config.vocab_size, (rows, case["target"]), generator=generator)
    mask = torch.ones_like(ids)
    for row in range(rows):
        for first, end in case["hidden"][row]:
            mask[row, first:end] = 0
            ids[row, first:end] = 0
        for first, end in case["uncounted"][row]:
            labels[row, first:end] = -100
    prompt = torch.randn(PROMPT, config.d_model, generator=generator)
    return ids, mask, labels, prompt


def run(model, ids, mask, labels, prompt, scores):
    """States and logits behind [prompt ; text], the plain and the weighted loss with the gradients of both."""
    dtype = model.shared.weight.dtype
    prompt = prompt.detach().to(dtype).requires_grad_()
    mask = torch.cat([mask.new_ones(len(ids), PROMPT), mask], 1)
    tensors = {"prompt": prompt}
    hooks = recorded(model.encoder.block, tensors, "expected.encoder.hidden")
    hooks += recorded(model.decoder.block, tensors, "expected.decoder.hidden")
    hooks.append(
        model.decoder.register_forward_hook(
            lambda _m, _a, output: tensors.__setitem__("expected.decoder.final", output.last_hidden_state.detach())
        )
    )
    embeds = torch.cat([prompt.expand(len(ids), -1, -1), model.shared(ids)], 1)
    output = model(inputs_embeds=embeds, attention_mask=mask, labels=labels)
    for hook in hooks:
        hook.remove()
    tensors["expected.encoder.final"] = output.encoder_last_hidden_state
    tensors["expected.logits"] = output.logits

    each = F.cross_entropy(output.logits.transpose(1, 2).float(), labels, reduction="none")  # 0 where not counted
    own = each.sum(1) / (labels != -100).sum(1)
    weighted = (own * torch.tensor(scores)).mean()
    for name, loss in (("grad", output.loss), ("weighted", weighted)):
        model.zero_grad()
        prompt.grad = None
        loss.backward(retain_graph=True)
        found = {**gradients(model), "grad.prompt": prompt.grad}
        tensors.update({key.replace("grad", name, 1): value.clone() for key, value in found.items()})
    inputs = {
        "input_ids": ids.tolist(),
        "attention_mask": mask.tolist(),
        "labels": labels.tolist(),
        "decoder_input_ids": model._shift_right(labels).tolist(),
        "scores": scores,
    }
    return inputs, tensors, {"loss": output.loss.item(), "weighted_loss": weighted.item()}


ABOUT = {
    "prompt": "soft prompt [prompt, width], before the text of every row",
    "expected.encoder.hidden.<i>": "0: embeddings; i: output of encoder block i (before the final norm)",
    "expected.encoder.final": "encoder output after the final norm",
    "expected.decoder.hidden.<i>": "0: embeddings; i: output of decoder block i (before the final norm)",
    "expected.decoder.final": "decoder output after the final norm, before the head's scale",
    "expected.logits": "[batch, target, vocab]",
    "grad.<weight>, grad.prompt": "gradient of `loss`, the mean over labels other than -100",
}
ABOUT_WEIGHTED = {
    "weighted.<weight>, weighted.prompt": "gradient of `weighted_loss`: mean over rows of score * mean over its labels",
}
ABOUT_HEADS = {
    "tied.logits": "of the same model without lm_head.weight",
    "scaled.logits": "of the same model without scale_decoder_outputs in its config",
}


def write_full(name, config, case, seed):
    folder = HERE / name
    model = build(config, seed)
    save_model(model, folder)
    check_copies(folder, model)
    drawn = draw(case, config, seed + 2)
    inputs, tensors, losses = run(model, *drawn, case["scores"])
    about = {**ABOUT, **ABOUT_WEIGHTED}
    if not config.scale_decoder_outputs:
        tensors.update(other_heads(folder, drawn))
        about.update(ABOUT_HEADS)
    save_tensors(folder / "expected.safetensors", tensors)
    save_json(folder / "reference.json", {"versions": versions(), "inputs": inputs, **losses, "tensors": about})
    return model


def other_heads(folder, drawn):
    """Logits with what else can be saved: no head of its own, unscaled (v1.1 begun in transformers 5); own, yet scaled."""
    copy = folder.with_name(f"{folder.name}-copy")
    logits = {}
    for name in ("tied", "scaled"):
        shutil.copytree(folder, copy)
        tensors = load_file(folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text())
        if name == "tied":
            del tensors["lm_head.weight"]
        else:
            del config["scale_decoder_outputs"]
        save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
        (copy / "config.json").write_text(json.dumps(config))
        model = T5ForConditionalGeneration.from_pretrained(copy, attn_implementation="eager")
        logits[f"{name}.logits"] = run(model, *drawn, [1.0] * len(drawn[0]))[1]["expected.logits"]
        shutil.rmtree(copy)
    return logits


def check_copies(folder, model):
    """transformers itself reads the forms of a checkpoint that the tests make of this one as the same model."""
    copy = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, copy)
    tensors = load_file(folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    table = tensors.pop("shared.weight")
    own_head = "lm_head.weight" in tensors
    if own_head:  # as v1.1 and Flan were published
        config.pop("scale_decoder_outputs")
        config["tie_word_embeddings"] = False
        (copy / "config.json").write_text(json.dumps(config))
    unused = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    stacks = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight"]
    forms = [stacks[1:], ["shared.weight", *stacks]]
    if not own_head:
        forms += [["lm_head.weight"], ["shared.weight", *stacks, "lm_head.weight"]]
    for names in forms:
        held = {**tensors, unused: torch.ones(2, 3), **{name: table.clone() for name in names}}
        save_file(held, copy / "model.safetensors", metadata={"format": "pt"})
        loaded = T5ForConditionalGeneration.from_pretrained(copy)
        state = loaded.state_dict()
        assert loaded.config.scale_decoder_outputs == model.config.scale_decoder_outputs
        assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    shutil.rmtree(copy)


def write_half(name, full, dtype, case, seed, **options):
    """`full` saved in half precision; states, logits and gradients of those weights as float32, logits of dtype itself."""
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    full.save_pretrained(folder)  # through from_pretrained, which keeps some weights of a float16 T5 in float32
    T5ForConditionalGeneration.from_pretrained(folder, dtype=dtype).save_pretrained(folder, **options)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if "max_shard_size" in options:
        (folder / "model.safetensors").unlink()
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)
    load = T5ForConditionalGeneration.from_pretrained
    ids, mask, labels, prompt = draw(case, full.config, seed)
    drawn = ids, mask, labels, prompt.to(dtype).float()
    inputs, tensors, losses = run(load(folder, dtype=torch.float32, attn_implementation="eager"), *drawn, case["scores"])
    own = load(folder, dtype=dtype, attn_implementation="eager")
    _, own_tensors, _ = run(own, *drawn, case["scores"])
    kept = ("expected.logits", "expected.encoder.final", "expected.decoder.final")
    del losses["weighted_loss"]
    tensors = {key: value for key, value in tensors.items() if not key.startswith("weighted.")}
    tensors.update({f"half.{key.removeprefix('expected.')}": own_tensors[key] for key in kept})
    reference = {
        "versions": versions(),
        "inputs": inputs,
        **losses,
        "tensors": {**ABOUT, "half.<name>": f"the same computed in {dtype} throughout".replace("torch.", "")},
    }
    save_tensors(folder / "expected.safetensors", tensors)
    save_json(folder / "reference.json", reference)


def bucket_table():
    """For each number of buckets and farthest distance: the positions from which on there is another bucket."""
    positions = torch.arange(-FARTHEST, FARTHEST + 1)
    table = []
    for count, farthest in BUCKETS:
        row = {"num_buckets": count, "max_distance": farthest}
        for name, both in (("bidirectional", True), ("causal", False)):
            found = T5Attention._relative_position_bucket(positions, both, count, farthest).tolist()
            starts = [i for i in range(len(found)) if i == 0 or found[i] != found[i - 1]]
            row[name] = {"from": [positions[i].item() for i in starts], "buckets": [found[i] for i in starts]}
        table.append(row)
    return {"versions": versions(), "last": FARTHEST, "configs": table}


HALF_CASE = {
    "text": 9,
    "hidden": [[], [(5, 9)], [(0, 3)]],
    "target": 7,
    "uncounted": [[], [(3, 7)], [(2, 3), (6, 7)]],
    "scores": [1.0, 0.3, 0.6],
}


def main():
    long = write_full("t5-long", LONG, LONG_CASE, seed=30)
    gated = write_full("t5-gated", GATED, GATED_CASE, seed=40)
    write_half("t5-float16", long, torch.float16, HALF_CASE, seed=50)
    write_half("t5-bfloat16", gated, torch.bfloat16, HALF_CASE, seed=51, max_shard_size="8KB")
    save_json(HERE / "t5-buckets.json", bucket_table())


if __name__ == "__main__":
    main()
