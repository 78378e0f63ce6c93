"""
Penn Treebank tokens. `ptb.json`: captions with their tokens; captions stay, tokens are made again. `ptb-wordnet.json`: every tenth
gloss of WordNet (definitions and example sentences), which is read from node_modules; for each line of 16, six hexadecimal
digits of the sha256 of its tokens, so that no text of it is here.

Needs Java and pycocoevalcap 1.2, which brings the tokenizer the COCO evaluation runs. Neither is in requirements.txt, for
their size. The texts are lines of one file that ends in a newline; a line's tokens may depend on the line below it.
"""

import hashlib
import importlib.util
import json
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CLASS = "edu.stanford.nlp.process.PTBTokenizer"


def tokenized(captions):
    package = Path(importlib.util.find_spec("pycocoevalcap").submodule_search_locations[0])
    jar = next((package / "tokenizer").glob("stanford-corenlp-*.jar"))
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "captions.txt"
        text.write_text("".join(f"{caption}\n" for caption in captions), encoding="utf-8")
        command = ["java", "-Dfile.encoding=UTF-8", "-cp", str(jar), CLASS, "-preserveLines", "-lowerCase", str(text)]
        output = subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")
    return output.removesuffix("\n").split("\n")


def glosses():
    lines = []
    for part in ["noun", "verb", "adj", "adv"]:
        text = (HERE.parents[1] / f"node_modules/wordnet/db/data.{part}").read_text(encoding="latin-1")
        lines += [line.split(" | ", 1)[1].strip() for line in text.splitlines() if not line.startswith(" ")]
    return lines[::10]


def written(name, rows):
    (HERE / name).write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n", encoding="utf-8")


captions = [caption for caption, _ in json.loads((HERE / "ptb.json").read_text(encoding="utf-8"))]
written("ptb.json", zip(captions, tokenized(captions), strict=True))
digests = [hashlib.sha256(tokens.encode()).hexdigest()[:6] for tokens in tokenized(glosses())]
written("ptb-wordnet.json", ["".join(digests[i : i + 16]) for i in range(0, len(digests), 16)])
