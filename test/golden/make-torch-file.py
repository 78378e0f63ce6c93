"""Files as torch.save writes them, and what torch.load finds in them and in the published DePT prompts (read in place)."""

import hashlib
from collections import OrderedDict

import torch
from safetensors.torch import save_file

from common import HERE, save_json, versions

FOLDER = HERE / "torch-file"
PUBLISHED = HERE.parents[2] / "shared" / "data" / "dept-checkpoints"


def state():
    """Every element type, a storage that two tensors share, a view that starts inside, a scalar, an empty tensor, a parameter."""
    generator = torch.Generator().manual_seed(60)
    drawn = torch.randn(4, 6, generator=generator)
    whole = torch.arange(-6, 6).reshape(3, 4)
    types = {torch.float64: drawn, torch.float16: drawn, torch.bfloat16: drawn, torch.int64: whole * 10**12}
    types |= {torch.int32: whole * 10**6, torch.int16: whole * 1000, torch.int8: whole, torch.uint8: whole + 6}
    made = OrderedDict((str(dtype).removeprefix("torch."), values.to(dtype)) for dtype, values in types.items())
    made["bool"] = whole > 0
    made["float32"] = drawn
    made["shared"] = drawn
    made["rows"] = drawn[1:3]
    made["column of one"] = drawn.flatten()[3:5].as_strided((2, 1), (1, 7))
    made["scalar"] = drawn[2, 2]
    made["empty"] = torch.empty(0, 3)
    made["parameter"] = torch.nn.Parameter(drawn[0])
    made._metadata = OrderedDict(version=1)
    return made


def plain():
    """Tensors without views, more than Python's short memo numbers are enough for: every element type, no to four axes, one empty."""
    types = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8]
    types += [torch.uint8, torch.bool]
    shapes = [(), (3,), (2, 3), (2, 1, 3), (1, 2, 3, 2), (0, 3), (300,)]
    made = {}
    for index in range(40):
        shape = shapes[index % len(shapes)]
        values = torch.arange(torch.Size(shape).numel()).remainder(7)
        made[f"tensor {index}"] = values.reshape(shape).to(types[index % len(types)])
    return made


def digest(tensor):
    return hashlib.sha256(tensor.detach().cpu().contiguous().numpy().tobytes()).hexdigest()


def published():
    found = {}
    for folder in sorted(path for path in PUBLISHED.iterdir() if path.is_dir()):
        tensors = torch.load(folder / "adapter_model.bin", map_location="cpu", weights_only=True)
        found[folder.name] = [
            {"name": name, "shape": list(value.shape), "sha256": digest(value), "std": value.std().item()}
            for name, value in tensors.items()
        ]
    return found


def main():
    FOLDER.mkdir(exist_ok=True)
    made = state()
    torch.save(made, FOLDER / "state.pt")
    copies = {name: value.detach().contiguous().clone() for name, value in made.items()}
    save_file(copies, FOLDER / "expected.safetensors")
    torch.save(plain(), FOLDER / "plain.pt")
    torch.save({"only": torch.arange(6.0)}, FOLDER / "only.pt")
    torch.save({"turned": torch.ones(2, 3).T}, FOLDER / "view.pt")
    torch.save(made, FOLDER / "old.pt", _use_new_zipfile_serialization=False)
    wrapped = {f"module.{name}": made[name] for name in ("float32", "bfloat16")}
    torch.save({"name": "run", "epoch": 3, "rate": 0.5, "state_dict": wrapped, "optimizer": {"step": [1]}}, FOLDER / "training.pt")
    torch.save(torch.nn.Identity(), FOLDER / "module.pt")
    for path in FOLDER.iterdir():
        path.chmod(0o644)
    save_json(FOLDER / "reference.json", {"versions": versions(), "published": published()})


if __name__ == "__main__":
    main()
