"""
Real and odd images, made here, as transformers prepares them for CLIP: `load_image` (turned as EXIF says, `convert("RGB")`), then
CLIPImageProcessor in its Pillow form. With the embeddings of a tiny CLIP (`clip-patch8`, so run make-clip.py first), and what
transformers reads from published preprocessor configs.
"""

import hashlib
import math
import struct
import zlib
from importlib.metadata import version

import numpy as np
import torch
from common import HERE, hashed_pixels, save_json, versions
from PIL import Image, features
from safetensors.torch import save_file
from transformers import CLIPModel
from transformers.image_utils import load_image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

FOLDER = HERE / "images"
WIDTH, HEIGHT = 48, 36


def photo(width, height):
    """Waves, an edge and noise: the frequencies of a photograph."""
    noise = np.random.default_rng(width).normal(0, 9, (height, width, 3))
    y, x, channel = np.mgrid[0:height, 0:width, 0:3]
    waves = 80 * np.sin(x * (1 + channel) / 17) * np.cos(y / 13)
    edge = np.where((x > width / 3) & (y > height / 2), 45, -25)
    return Image.fromarray((128 + waves + edge + noise).clip(0, 255).astype(np.uint8))


def ramp(width, height):
    """0..255 from left to right."""
    return Image.fromarray(np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1)))


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def write_png(path, pixels, colour_type, chunks=(), interlaced=False):
    """What Pillow does not write: 16-bit colours, Adam7. `pixels` [height, width, channels], uint8 or uint16."""

    def rows(part):
        data = part.astype(part.dtype.newbyteorder(">"))
        return b"".join(b"\0" + row.tobytes() for row in data)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    parts = [pixels[y::dy, x::dx] for x, y, dx, dy in passes] if interlaced else [pixels]
    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, pixels.dtype.itemsize * 8, colour_type, 0, 0, int(interlaced))
    content = chunk(b"IDAT", zlib.compress(b"".join(rows(part) for part in parts), 9))
    extra = b"".join(chunk(kind, data) for kind, data in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + content + chunk(b"IEND", b""))


def write_jpegs(picture):
    picture.save(FOLDER / "photo.jpg", quality=85)
    picture.save(FOLDER / "progressive.jpg", progressive=True, quality=80)
    picture.save(FOLDER / "full-colour.jpg", subsampling=0, quality=75)
    picture.save(FOLDER / "half-colour.jpg", subsampling=1, quality=75)
    picture.convert("L").save(FOLDER / "grey.jpg", quality=85)
    picture.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=90)
    photo(500, 333).save(FOLDER / "large.jpg", quality=70)
    for orientation in range(1, 9):
        picture.save(FOLDER / f"exif-{orientation}.jpg", quality=75, exif=exif(orientation))


def write_webps(picture, clear):
    picture.save(FOLDER / "photo.webp", quality=80)
    clear.save(FOLDER / "clear.webp", quality=80)
    clear.save(FOLDER / "lossless.webp", lossless=True)


def write_lossless(picture, clear):
    picture.save(FOLDER / "exif-6.png", exif=exif(6))
    picture.quantize(24).save(FOLDER / "palette.png", transparency=bytes([0, 100, 255, 200]))
    clear.save(FOLDER / "clear.png")
    clear.convert("LA").save(FOLDER / "clear-grey.png")
    picture.convert("1").save(FOLDER / "one-bit.png")
    photo(1, 1).save(FOLDER / "dot.png")
    photo(3, 400).convert("L").save(FOLDER / "sliver.png")
    photo(13, 9).save(FOLDER / "tiny.png")
    picture.save(FOLDER / "photo.tiff", compression="tiff_lzw")
    picture.convert("CMYK").save(FOLDER / "cmyk.tiff", compression="tiff_lzw")
    animation = [picture.quantize(16), photo(WIDTH, HEIGHT).rotate(180).quantize(16)]
    animation[0].save(FOLDER / "animation.gif", save_all=True, append_images=animation[1:])
    values = np.asarray(picture)
    key = struct.pack(">HHH", *[int(value) for value in values[0, 0]])
    write_png(FOLDER / "interlaced.png", values, 2, [(b"gAMA", struct.pack(">I", 100_000)), (b"tRNS", key)], interlaced=True)
    fine = values.astype(np.uint16) * 257
    fine[::2] ^= 0x55  # the lower eight bits say something of their own
    write_png(FOLDER / "sixteen-bit.png", fine[:24, :32], 2)
    write_png(FOLDER / "sixteen-bit-clear.png", np.dstack([fine[:24, :32, :1], fine[:24, :32, 1:2]]), 4)


def write_images():
    picture = photo(WIDTH, HEIGHT)
    clear = picture.copy()
    clear.putalpha(ramp(WIDTH, HEIGHT))
    write_jpegs(picture)
    write_webps(picture, clear)
    write_lossless(picture, clear)
    grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(FOLDER / "sixteen-bit-grey.png")
    picture.save(FOLDER / "photo.avif", quality=80)
    picture.save(FOLDER / "full-colour.avif", quality=80, subsampling="4:4:4")
    picture.quantize(16).save(FOLDER / "clear.gif", transparency=3)


SQUARE = {"height": 32, "width": 32}
PUBLISHED = {"size": 32, "crop_size": 32, "resample": 3, "do_center_crop": True, "feature_extractor_type": "CLIPFeatureExtractor"}
SQUASHED = {"size": SQUARE, "crop_size": SQUARE}
OWN = {"size": {"shortest_edge": 37}, "crop_size": SQUARE, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.2, 0.1]}
UNNORMALISED = {"size": {"height": 45, "width": 45}, "crop_size": SQUARE, "do_normalize": False}

# Beside every file as PUBLISHED.
CASES = [
    ("photo.jpg", SQUASHED),
    ("large.jpg", SQUASHED),
    ("large.jpg", SQUASHED | {"resample": 2}),
    ("large.jpg", OWN),
    ("tiny.png", SQUASHED),
    ("tiny.png", UNNORMALISED),
    ("sliver.png", SQUASHED),
    ("exif-6.jpg", {"size": {"shortest_edge": 33}, "crop_size": SQUARE}),
    ("clear.gif", {"size": {"shortest_edge": HEIGHT}, "crop_size": SQUARE}),  # not resized: clear and opaque pixels stay apart
]
# Of these the normalised values are kept as well, not only the bytes.
VALUES = [SQUASHED | {"resample": 2}, OWN, UNNORMALISED]


def loaded(path):
    """As load_image; of 16-bit greys the upper bytes, where Pillow clips all above 255 to white."""
    with Image.open(path) as image:
        if image.mode == "I;16":
            return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    return load_image(str(path))


def prepared(image, config, **changed):
    return np.asarray(CLIPImageProcessorPil(**config | changed)(image)["pixel_values"][0])


def features_of(pixels):
    """Unnormalised embeddings, [images, 5]."""
    model = CLIPModel.from_pretrained(HERE / "clip-patch8", attn_implementation="eager").eval()
    with torch.no_grad():
        return model.get_image_features(torch.from_numpy(np.stack(pixels))).pooler_output


def prepare_images():
    """One case for every file, then CASES. The bytes before normalising, some of the values, all embeddings."""
    files = sorted(path.name for path in FOLDER.iterdir() if path.suffix not in (".json", ".safetensors"))
    cases, tensors, pixels = [], {}, []
    for file, config in [(file, PUBLISHED) for file in files] + CASES:
        image = loaded(FOLDER / file)
        name = f"case.{len(cases)}"
        pixels.append(prepared(image, config))
        raw = prepared(image, config, do_rescale=False, do_normalize=False)
        tensors[name] = torch.from_numpy(raw.astype(np.uint8))
        if config in VALUES:
            tensors[f"{name}.values"] = torch.from_numpy(pixels[-1])
        cases.append({"name": name, "image": file} | ({} if config == PUBLISHED else {"config": config}))
    tensors["embeddings"] = features_of(pixels)
    save_file({name: tensors[name].contiguous() for name in sorted(tensors)}, FOLDER / "expected.safetensors")
    (FOLDER / "expected.safetensors").chmod(0o644)
    return cases


def hashed_image(width, height):
    """Noise from the values of hashed_pixels, in their order, so that a test can make it again."""
    values = hashed_pixels(1, math.isqrt(width * height) + 1).flatten()[: width * height * 3].double()
    return Image.fromarray(((values + 1) * 128).floor().clamp(max=255).byte().reshape(height, width, 3).numpy())


SIZES = [
    *[(640, 480, 224, 224), (500, 375, 298, 224), (333, 500, 224, 336), (100, 80, 224, 224), (1, 1, 7, 5)],
    *[(3, 400, 32, 4266), (400, 3, 224, 224), (37, 41, 36, 42), (224, 300, 224, 224), (64, 64, 64, 31), (1000, 700, 13, 9)],
    # Pillow shrinks these heights before these widths, but for the first and the third.
    *[(480, 640, 224, 224), (333, 500, 224, 224), (100, 150, 90, 130), (100, 151, 90, 130), (3, 400, 32, 32), (20, 90, 40, 89)],
]


def resize_images():
    """SHA-256 of what Pillow's resize gives."""
    filters = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
    return [
        {
            "from": [width, height],
            "to": [to_width, to_height],
            "interpolation": name,
            "sha256": hashlib.sha256(hashed_image(width, height).resize((to_width, to_height), number).tobytes()).hexdigest(),
        }
        for width, height, to_width, to_height in SIZES
        for name, number in filters.items()
    ]


def as_saved(**settings):
    """As save_pretrained writes it, with its nulls."""
    return CLIPImageProcessorPil(**settings).to_dict()


# Preprocessor configs in the forms that published models have.
CONFIGS = {
    "nothing": {},
    "one number": {"size": 224, "crop_size": 224, "resample": 3, "feature_extractor_type": "CLIPFeatureExtractor"},
    "336 pixels": {"size": 336, "crop_size": 336, "image_processor_type": "CLIPFeatureExtractor"},
    "no size of the crop": {"size": 256},
    "sizes by name": {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "rescale_factor": 1 / 255},
    "squashed": {"size": {"height": 224, "width": 224}, "do_center_crop": False, "crop_size": None},
    "squashed, then cropped": {"size": [256, 256], "resample": 2},
    "one mean for all channels": {"image_mean": 0.5, "image_std": 0.25, "do_convert_rgb": True},
    "not normalised": {"do_normalize": False, "image_processor_type": "CLIPImageProcessorFast", "do_pad": False},
    "as saved": as_saved(size=336, crop_size=336),
}


def read_configs():
    cases = []
    for name, config in CONFIGS.items():
        processor = CLIPImageProcessorPil(**config)
        read = {
            "size": {key: value for key, value in dict(processor.size).items() if value is not None},
            "crop": processor.crop_size.height if processor.do_center_crop else None,
            "resample": int(processor.resample),
            "normalises": processor.do_normalize,
            "mean": np.broadcast_to(processor.image_mean, 3).tolist(),
            "std": np.broadcast_to(processor.image_std, 3).tolist(),
        }
        cases.append({"name": name, "config": config, "read": read})
    return cases


def main():
    FOLDER.mkdir(exist_ok=True)
    write_images()
    libraries = {name: features.version(name) for name in ("libjpeg_turbo", "webp", "avif")}
    save_json(
        FOLDER / "reference.json",
        {
            "versions": versions() | {"pillow": version("pillow")} | libraries,
            "published": PUBLISHED,
            "cases": prepare_images(),
            "resized": resize_images(),
            "configs": read_configs(),
        },
    )


main()
