"""What every maker shares: one thread, fixed seeds, and how tensors and JSON are written."""

import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).parent
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def randomise(model, seed, std=0.3):
    """Fill every weight: N(0, std), norm scales N(1, std), biases N(0, std); zeros would hide mistakes."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator) * std
            is_norm_scale = "norm" in name and name.endswith("weight")
            weight.copy_(noise + 1 if is_norm_scale else noise)


def hashed_pixels(count, size):
    """[count, 3, size, size] in -1..1 from a hash of the element's index, so that a test can make them again."""
    x = np.arange(count * 3 * size * size, dtype=np.uint64)
    for _ in range(2):
        x = ((x ^ (x >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
    values = (x ^ (x >> 16)) / 2**31 - 1
    return torch.from_numpy(values.astype(np.float32)).reshape(count, 3, size, size)


def save_model(model, folder):
    """config.json and model.safetensors, as transformers writes them."""
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "model.safetensors").chmod(0o644)


def save_state(state, folder, shards):
    """A state dict as transformers wrote it before safetensors: pytorch_model.bin, or shards with an index."""
    if shards == 1:
        torch.save(state, folder / "pytorch_model.bin")
        return
    names = list(state)
    size = -(-len(names) // shards)
    weight_map = {}
    for i in range(shards):
        file = f"pytorch_model-{i + 1:05}-of-{shards:05}.bin"
        part = names[i * size : (i + 1) * size]
        torch.save({key: state[key] for key in part}, folder / file)
        weight_map.update(dict.fromkeys(part, file))
    total = sum(value.numel() * value.element_size() for value in state.values())
    save_json(folder / "pytorch_model.bin.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map})


def save_tensors(path, tensors):
    """float32 tensors, in the order of their names."""
    floats = {name: tensors[name].detach().to(torch.float32).contiguous().clone() for name in sorted(tensors)}
    assert all(bool(torch.isfinite(value).all()) for value in floats.values())
    save_file(floats, path)
    path.chmod(0o644)


def save_json(path, value):
    """Two spaces of indent, with lists of plain values on one line."""
    path.write_text(_text(value, "") + "\n")


def _text(value, indent):
    inner = indent + "  "
    if isinstance(value, dict) and value:
        items = ",\n".join(f"{inner}{json.dumps(key)}: {_text(item, inner)}" for key, item in value.items())
        return "{\n" + items + "\n" + indent + "}"
    if isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value):
        return "[\n" + ",\n".join(inner + _text(item, inner) for item in value) + "\n" + indent + "]"
    return json.dumps(value)


def versions():
    """What made the numbers; stands in every JSON file."""
    return {"torch": torch.__version__, "transformers": transformers.__version__}


def gradients(model):
    """`grad.<weight name>` for every weight that took part."""
    return {f"grad.{name}": weight.grad for name, weight in model.named_parameters() if weight.grad is not None}


def recorded(modules, store, prefix):
    """Record each module's first output under `<prefix>.<1-based index>`, the first module's input under `.0`."""

    def keep(name, value):
        store[name] = (value[0] if isinstance(value, tuple) else value).detach()

    def first_input(_module, arguments, options):
        keep(f"{prefix}.0", arguments if arguments else options["hidden_states"])

    hooks = [modules[0].register_forward_pre_hook(first_input, with_kwargs=True)]
    for index, module in enumerate(modules):
        name = f"{prefix}.{index + 1}"
        hooks.append(module.register_forward_hook(lambda _m, _a, output, name=name: keep(name, output)))
    return hooks
