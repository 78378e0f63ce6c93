"""CIDEr, BLEU and ROUGE-L of pycocoevalcap, its PTB tokenizer (Java) included, on captions that test/bench/captions.ts made.

usage: caption_metrics.py CAPTIONS.json REPEAT -> a last line of JSON {seconds: [...], scores: {...}}
"""

import contextlib
import json
import sys
import time

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

with open(sys.argv[1]) as file:
    items = json.load(file)
references = {i: [{"caption": text} for text in item["references"]] for i, item in enumerate(items)}
predictions = {i: [{"caption": item["prediction"]}] for i, item in enumerate(items)}


def score():
    tokenizer = PTBTokenizer()
    gts, res = tokenizer.tokenize(references), tokenizer.tokenize(predictions)
    return {
        "CIDEr": float(Cider().compute_score(gts, res)[0]),
        "BLEU-4": float(Bleu(4).compute_score(gts, res)[0][3]),
        "ROUGE-L": float(Rouge().compute_score(gts, res)[0]),
    }


seconds = []
for _ in range(int(sys.argv[2])):
    begun = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        scores = score()
    seconds.append(time.perf_counter() - begun)
print(json.dumps({"seconds": seconds, "scores": scores}))
