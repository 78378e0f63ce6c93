"""Images as CLIPImageProcessor (its Pillow form) prepares them: enlarged, shrunk, squashed, cropped."""

import numpy as np
import PIL
import torch
from common import HERE, save_json, save_tensors, versions
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

FOLDER = HERE / "images"

SQUARE = {"height": 32, "width": 32}
CASES = {
    "enlarged": ("tiny.png", {"size": SQUARE, "crop_size": SQUARE}),
    "shrunk": ("wide.png", {"size": SQUARE, "crop_size": SQUARE}),
    "bilinear": ("wide.png", {"size": SQUARE, "crop_size": SQUARE, "resample": 2}),
    "from-jpeg": ("wide.jpg", {"size": SQUARE, "crop_size": SQUARE}),
    "cropped-wide": ("wide.png", {"size": {"shortest_edge": 37}, "crop_size": SQUARE}),
    "cropped-tall": ("tall.png", {"size": {"shortest_edge": 33}, "crop_size": SQUARE}),
    "own-constants": ("grey.png", {"size": SQUARE, "crop_size": SQUARE, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.2, 0.1]}),
}


def photo(width, height):
    """Waves, an edge and noise: the frequencies of a photograph."""
    noise = np.random.default_rng(width).normal(0, 9, (height, width, 3))
    y, x, channel = np.mgrid[0:height, 0:width, 0:3]
    waves = 80 * np.sin(x * (1 + channel) / 17) * np.cos(y / 13)
    edge = np.where((x > width / 3) & (y > height / 2), 45, -25)
    return Image.fromarray((128 + waves + edge + noise).clip(0, 255).astype(np.uint8))


def main():
    FOLDER.mkdir(exist_ok=True)
    wide = photo(101, 67)
    wide.save(FOLDER / "wide.png")
    wide.save(FOLDER / "wide.jpg", quality=85)
    photo(41, 58).save(FOLDER / "tall.png")
    photo(13, 9).save(FOLDER / "tiny.png")
    photo(50, 40).convert("L").save(FOLDER / "grey.png")

    expected = {}
    for name, (file, config) in CASES.items():
        with Image.open(FOLDER / file) as image:
            pixels = CLIPImageProcessorPil(**config)(image)["pixel_values"][0]
        expected[name] = torch.from_numpy(np.asarray(pixels))
    save_tensors(FOLDER / "expected.safetensors", expected)
    cases = [{"name": name, "image": image, "config": config} for name, (image, config) in CASES.items()]
    save_json(FOLDER / "reference.json", {"versions": {**versions(), "pillow": PIL.__version__}, "cases": cases})


main()
