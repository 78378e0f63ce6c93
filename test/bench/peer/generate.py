"""Greedy and beam search of transformers on the model and the encoder input that test/bench/decoding.ts wrote.

usage: generate.py FOLDER LENGTH BEAMS REPEAT wall|cpu THREADS (0: torch's own number) -> one JSON line {seconds: [...], ids: [[...]]}
FOLDER holds config.json, model.safetensors and inputs.safetensors with `states` [batch, source, width].
"""

import json
import sys
import time

import torch
from safetensors.torch import load_file
from transformers import T5ForConditionalGeneration

folder, length, beams, repeat = sys.argv[1], *map(int, sys.argv[2:5])
clock = {"wall": time.perf_counter, "cpu": time.process_time}[sys.argv[5]]
if int(sys.argv[6]) > 0:
    torch.set_num_threads(int(sys.argv[6]))

model = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
states = load_file(f"{folder}/inputs.safetensors")["states"]
mask = torch.ones(states.shape[:2], dtype=torch.long)


def generate():
    with torch.inference_mode():
        return model.generate(
            inputs_embeds=states, attention_mask=mask, num_beams=beams, max_new_tokens=length, do_sample=False
        )


ids = generate()
seconds = []
for _ in range(repeat):
    begun = clock()
    ids = generate()
    seconds.append(clock() - begun)
# the first id is the start id
print(json.dumps({"seconds": seconds, "ids": ids[:, 1:].tolist()}))
