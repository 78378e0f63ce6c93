"""
Photographs as transformers prepares them for CLIP: `load_image`, then CLIPImageProcessor in its Pillow form. Kept is the SHA-256 of
`pixel_values` (float32, little-endian). A turned photograph is the same file with an EXIF segment put behind its first two bytes.
"""

import hashlib
import io
import struct
from importlib.metadata import version

from common import HERE, save_json, versions
from PIL import Image, features
from transformers.image_utils import load_image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

FOLDER = HERE / "photographs"

SETTINGS = {
    "CLIP's published": {"size": 224, "crop_size": 224, "resample": 3, "do_center_crop": True},
    "336 pixels": {"size": 336, "crop_size": 336, "resample": 3, "do_center_crop": True},
    "squashed": {"size": {"height": 224, "width": 224}, "do_center_crop": False},
    "squashed, bilinear": {"size": {"height": 224, "width": 224}, "do_center_crop": False, "resample": 2},
}
TURNS = {"as taken": None} | {f"EXIF orientation {number}": number for number in (3, 6, 8)}


def exif_segment(orientation):
    """A JPEG segment that says how the picture is turned; empty for None."""
    if orientation is None:
        return b""
    tags = Image.Exif()
    tags[0x0112] = orientation
    data = tags.tobytes()
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def loaded(path, orientation):
    content = path.read_bytes()
    return load_image(Image.open(io.BytesIO(content[:2] + exif_segment(orientation) + content[2:])))


def sha256(image, settings):
    values = CLIPImageProcessorPil(**settings)(image)["pixel_values"][0]
    assert values.dtype == "float32"
    return hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()


save_json(
    FOLDER / "reference.json",
    {
        "versions": versions() | {"pillow": version("pillow"), "libjpeg_turbo": features.version("libjpeg_turbo")},
        "settings": SETTINGS,
        "exif": {turn: exif_segment(orientation).hex() for turn, orientation in TURNS.items()},
        "cases": [
            {"photograph": path.name, "turn": turn, "settings": name, "sha256": sha256(loaded(path, orientation), settings)}
            for path in sorted(FOLDER.glob("*.jpg"))
            for turn, orientation in TURNS.items()
            for name, settings in SETTINGS.items()
        ],
    },
)
