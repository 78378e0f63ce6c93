"""Penn Treebank tokens of the captions in ptb.json, which is written anew: captions stay, tokens are made again.

Needs Java and pycocoevalcap 1.2, which brings the tokenizer the COCO evaluation runs. Neither is in requirements.txt, for
their size. The captions are lines of one file that ends in a newline; a line's tokens may depend on the line below it.
"""

import importlib.util
import json
import subprocess
import tempfile
from pathlib import Path

FILE = Path(__file__).parent / "ptb.json"
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


captions = [caption for caption, _ in json.loads(FILE.read_text(encoding="utf-8"))]
rows = [json.dumps(pair, ensure_ascii=False) for pair in zip(captions, tokenized(captions), strict=True)]
FILE.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
