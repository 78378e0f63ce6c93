"""
The tiniest T5 v1.0, T5 v1.1 (which Flan-T5 is too) and CLIP, saved in float32, float16 and bfloat16, as safetensors and by torch.save,
whole and in shards; and what transformers computes with each in float32. It reads every layout of a type as the same weights.
"""

import shutil

import torch
from transformers import CLIPConfig, CLIPModel, T5Config, T5ForConditionalGeneration

from common import HERE, hashed_pixels, randomise, save_json, save_state, save_tensors, versions

FOLDER = HERE / "loading"
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
SHARDS = 2

T5_SIZES = {"vocab_size": 20, "d_model": 8, "d_kv": 4, "num_heads": 2, "d_ff": 12, "num_layers": 1, "num_decoder_layers": 1}
T5_IDS = [[5, 12, 7, 18, 1], [9, 15, 1, 0, 0]]
T5_LABELS = [[11, 4, 1], [8, 1, -100]]
CLIP_IDS = [[17, 5, 14, 2, 9, 18], [17, 11, 6, 18, 1, 1]]
TOWER = {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2}


def t5(**options):
    config = T5Config(**T5_SIZES, dropout_rate=0.0, relative_attention_num_buckets=8, decoder_start_token_id=0, **options)
    model = T5ForConditionalGeneration._from_config(config)
    if options:
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    return model


def clip():
    vision = {**TOWER, "image_size": 8, "patch_size": 4}
    text = {**TOWER, "vocab_size": 20, "max_position_embeddings": 6, "bos_token_id": 17, "eos_token_id": 18, "pad_token_id": 1}
    return CLIPModel._from_config(CLIPConfig(vision_config=vision, text_config=text, projection_dim=6))


FAMILIES = {
    "t5": t5,
    "t5-v1_1": lambda: t5(feed_forward_proj="gated-gelu", tie_word_embeddings=False),
    "clip": clip,
}


def computed(model):
    """Logits of a T5; of a CLIP its embeddings and the cosines of pictures and texts times the scale."""
    with torch.no_grad():
        if isinstance(model, CLIPModel):
            output = model(input_ids=torch.tensor(CLIP_IDS), pixel_values=hashed_pixels(2, 8))
            return {"logits": output.logits_per_image}
        ids = torch.tensor(T5_IDS)
        output = model(input_ids=ids, attention_mask=(ids != 0).long(), labels=torch.tensor(T5_LABELS))
        return {"logits": output.logits}


def save_torch(model, folder, shards):
    """With its config, as `save_state` has it."""
    folder.mkdir()
    model.config.save_pretrained(folder)
    save_state(model.state_dict(), folder, shards)


def save_layouts(model, folder, dtype):
    """The model in each layout, by the names of their folders."""
    total = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    layouts = {layout: folder / f"{dtype}-{layout}" for layout in ("safetensors", "safetensors-shards", "bin", "bin-shards")}
    model.save_pretrained(layouts["safetensors"])
    model.save_pretrained(layouts["safetensors-shards"], max_shard_size=int(total * 0.7))
    save_torch(model, layouts["bin"], 1)
    save_torch(model, layouts["bin-shards"], SHARDS)
    return layouts


def main():
    for number, (family, build) in enumerate(FAMILIES.items()):
        shutil.rmtree(FOLDER / family, ignore_errors=True)
        tensors = {}
        for dtype, torch_dtype in DTYPES.items():
            model = build().eval()
            randomise(model, 80 + number)
            for layout, folder in save_layouts(model.to(torch_dtype), FOLDER / family, dtype).items():
                (folder / "generation_config.json").unlink(missing_ok=True)
                for path in folder.iterdir():
                    path.chmod(0o644)
                assert (len(list(folder.glob("*of-00002.*"))) == 2) == layout.endswith("shards"), folder
                read = type(model).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
                found = {f"{dtype}.{name}": value for name, value in computed(read).items()}
                assert all(torch.equal(value, tensors.setdefault(name, value)) for name, value in found.items())
        save_tensors(FOLDER / family / "expected.safetensors", tensors)
        inputs = {"input_ids": CLIP_IDS} if family == "clip" else {"input_ids": T5_IDS, "labels": T5_LABELS}
        save_json(
            FOLDER / family / "reference.json",
            {
                "versions": versions(),
                "inputs": inputs,
                "parameters": sum(weight.numel() for weight in build().parameters()),
                "tensors": {"<type>.logits": "with the weights rounded to the type, computed in float32"},
            },
        )


if __name__ == "__main__":
    main()
