"""
Prompt tuning of the real PEFT on the tiny T5: adapters as its versions save them, and the logits that it computes with those
and with one that this program exported (`node test/adapters/write-exported.ts` first).
"""

import peft
import torch
from peft import PeftModel, PromptTuningConfig, TaskType, get_peft_model
from transformers import T5ForConditionalGeneration

from common import HERE, save_json, save_tensors, versions

FOLDER = HERE / "peft"
T5 = HERE / "t5-tiny"
PROMPT = 4
CASE = {
    "input_ids": [[5, 12, 33, 7, 28, 19, 1], [9, 5, 31, 22, 1, 0, 0], [14, 38, 1, 0, 0, 0, 0]],
    "labels": [[11, 4, 27, 36, 1], [8, 1, -100, -100, -100], [25, 17, 9, 1, -100]],
}


def t5():
    return T5ForConditionalGeneration.from_pretrained(T5).eval()


def save_adapter(name, submodules, safe):
    """An adapter with random values, as PEFT saves it: with one half or two, as safetensors or through torch.save."""
    torch.manual_seed(submodules)
    config = PromptTuningConfig(
        task_type=TaskType.SEQ_2_SEQ_LM, num_virtual_tokens=PROMPT, num_transformer_submodules=submodules
    )
    model = get_peft_model(t5(), config)
    model.peft_config["default"].base_model_name_or_path = "tiny-t5"
    model.save_pretrained(FOLDER / name, safe_serialization=safe)
    (FOLDER / name / "README.md").unlink(missing_ok=True)
    for path in (FOLDER / name).iterdir():
        path.chmod(0o644)


def logits(name):
    model = PeftModel.from_pretrained(t5(), FOLDER / name).eval()
    ids, labels = (torch.tensor(CASE[key]) for key in ("input_ids", "labels"))
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=(ids != 0).long(), labels=labels).logits


def main():
    FOLDER.mkdir(exist_ok=True)
    save_adapter("one-half", 1, True)
    save_adapter("two-halves", 2, False)
    names = ["exported", "one-half", "two-halves"]
    save_tensors(FOLDER / "expected.safetensors", {f"{name}.logits": logits(name) for name in names})
    save_json(FOLDER / "reference.json", {"versions": versions() | {"peft": peft.__version__}, "case": CASE})


if __name__ == "__main__":
    main()
