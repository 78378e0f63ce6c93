"""Patch tokens of CLIP in transformers, from picture files on, for the model and pictures of test/bench/features.ts.

usage: features.py MODEL PICTURES FIRST.safetensors REPEAT [THREADS] -> one JSON line {seconds: [...]}
Writes the tokens of the first picture (0.jpg) to FIRST.safetensors.
"""

import json
import sys
import time
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPVisionModel, logging
from transformers.utils import is_torchvision_available

# on torchvision; on Pillow where that is not installed
if is_torchvision_available():
    from transformers import CLIPImageProcessor
else:
    from transformers import CLIPImageProcessorPil as CLIPImageProcessor

logging.set_verbosity_error()
BATCH = 32

model_folder, picture_folder, first, repeat = sys.argv[1:5]
if len(sys.argv) > 5:
    torch.set_num_threads(int(sys.argv[5]))
processor = CLIPImageProcessor.from_pretrained(model_folder)
model = CLIPVisionModel.from_pretrained(model_folder, dtype=torch.float32).eval()
paths = sorted(Path(picture_folder).iterdir(), key=lambda path: int(path.stem))


def features():
    tokens = []
    with torch.inference_mode():
        for start in range(0, len(paths), BATCH):
            images = [Image.open(path).convert("RGB") for path in paths[start : start + BATCH]]
            pixels = processor(images, return_tensors="pt")["pixel_values"]
            # what is before the final norm, without the class token
            tokens.append(model(pixels).last_hidden_state[:, 1:])
    return torch.cat(tokens)


tokens = features()
save_file({"tokens": tokens[0].contiguous()}, first)
seconds = []
for _ in range(int(repeat)):
    begun = time.perf_counter()
    features()
    seconds.append(time.perf_counter() - begun)
print(json.dumps({"seconds": seconds}))
