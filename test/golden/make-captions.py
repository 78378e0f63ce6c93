"""
captions/: what pycocoevalcap makes of captions, and METEOR 1.5 with and without its table of paraphrases.

    python make-captions.py FOLDER      FOLDER: `data/` of the source package of aac-metrics 0.6.0

Needs Java and pycocoevalcap 1.2, which brings the Java programs; neither is in requirements.txt, for their size. Three sets:

edge.json         sets of a few captions of our own: empty ones, single words, one image, punctuation, nothing in common
definitions.json  WordNet's definitions of nouns, as if they were captions: where a noun has four or more that are kinds of it,
                  the first one's definition against those of up to five others. Read from node_modules; only scores are here
audiocaps.json    912 predictions and 4,560 people's captions of AudioCaps' test set, which come with aac-metrics. As numbers: after
                  the tokenizer, the n-th new word is n in base 36, so no text of theirs is here
meteor.json       alignments of random sentences; the tokens of random strings; the METEOR of the oracles in ../shared; and what the
                  paraphrases add, on the 1,376 predictions of AudioCaps' validation and test sets
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pycocoevalcap
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

HERE = Path(__file__).parent
OUT = HERE / "captions"
ROOT = HERE.parents[1]
JAR = Path(pycocoevalcap.__path__[0]) / "meteor" / "meteor-1.5.jar"
OURS = "exact stem synonym"
SETTINGS = ["-l", "en", "-norm"]
# The tools read a file in the platform's encoding, which Java takes from here.
os.environ["JAVA_TOOL_OPTIONS"] = "-Dfile.encoding=UTF-8"


def java(*arguments, text=None):
    command = ["java", "-Xmx2G", "-jar", str(JAR), *arguments]
    return subprocess.run(command, check=True, input=text, capture_output=True, encoding="utf-8").stdout


def meteor(items, modules=None):
    """Per caption and in total, as pycocoevalcap's wrapper asks for it; items: (prediction, references), tokens with blanks."""
    options = [*SETTINGS, *(["-m", modules] if modules else [])]
    asked = "".join(f"SCORE ||| {' ||| '.join(refs)} ||| {prediction}\n" for prediction, refs in items)
    counts = java("-", "-", "-stdio", *options, text=asked).splitlines()
    scores = java("-", "-", "-stdio", *options, text="EVAL ||| " + " ||| ".join(counts) + "\n").split()
    return float(scores[-1]), [float(score) for score in scores[: len(items)]]


def tokenized(texts):
    """Lists of captions, list by list, as the COCO evaluation tokenizes one file."""
    named = {i: [{"caption": text} for text in own] for i, own in enumerate(texts)}
    return list(PTBTokenizer().tokenize(named).values())


def rounded(value):
    return [rounded(each) for each in value] if isinstance(value, (list, tuple)) else round(float(value), 10)


def scores(items):
    """Items with raw captions. Columns: CIDEr, BLEU-1 to BLEU-4, ROUGE-L, METEOR with our matchers, METEOR."""
    predictions = tokenized([[prediction] for prediction, _ in items])
    references = tokenized([own for _, own in items])
    return token_scores([(own[0], refs) for own, refs in zip(predictions, references, strict=True)])


def token_scores(items):
    res = {i: [prediction] for i, (prediction, _) in enumerate(items)}
    gts = {i: references for i, (_, references) in enumerate(items)}
    cider = Cider().compute_score(gts, res)
    bleu = Bleu(4).compute_score(gts, res, verbose=0)
    rouge = Rouge().compute_score(gts, res)
    rows = [cider, *zip(*bleu), rouge, meteor(items, OURS), meteor(items)]
    return {"corpus": rounded([row[0] for row in rows]), "perItem": rounded(list(zip(*[row[1] for row in rows])))}


def written(name, value):
    """A line for each entry of a list of lists, so that a change shows where it is."""
    path = OUT / name
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text.replace("],[", "],\n[").replace('},{', '},\n{') + "\n", encoding="utf-8")


EDGES = {
    "an empty prediction": [("", ["a red bus", "the bus"]), ("a cat sleeps", ["a cat sleeps"])],
    "only punctuation": [("... !", ["a red bus."]), (".", ["a dog"]), ("a dog", ["a dog runs"])],
    "single words": [("bus", ["bus"]), ("cat", ["a cat", "cats"]), ("dogs", ["dog"])],
    "nothing in common": [("two dogs run", ["a red bus stops here"]), ("blue sky above", ["his old wooden chair"])],
    "one image": [("A man is riding a horse.", ["A man rides a brown horse.", "Someone on a horse, riding."])],
    "one image, the same": [("A man is riding a horse.", ["A man is riding a horse."])],
    "the same caption for all": [("a man", [f"a man {verb} a {thing}"]) for verb, thing in [("eats", "pie"), ("sees", "cat")]],
    "repeated words": [("the the the the the the the", ["the cat is on the mat", "there is a cat on the mat"]), ("a a", ["a"])],
    "no-break spaces": [("1 1/2 cups of rice", ["1 1/2 pounds of rice", "rice"]), ("call 555 123-4567", ["call (555) 123-4567"])],
    "long and short": [("a " * 60 + "dog", ["a dog", "a " * 30 + "cat"]), ("dog", ["a very big brown dog " * 8])],
    "quotes, brackets and clitics": [
        ("The sign doesn't say 'stop' (it's blank)", ['A sign that says "Stop"', "the sign can't be read, it's blank"]),
        ("U.S. flags at 3:30 p.m. & more!!", ["flags of the U.S.A. at 3.30 p.m.", "A flag costs $5.00..."]),
        ("Café naïve über 5½", ["cafe naive uber", "Café naïve über five and a half"]),
    ],
}


def definitions():
    """Up to six definitions of kinds of a noun, for 1,200 nouns."""
    meaning, kinds = {}, []
    for line in (ROOT / "node_modules/wordnet/db/data.noun").read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        head, gloss = line.split(" | ", 1)
        fields = head.split(" ")
        meaning[fields[0]] = gloss.strip().split('; "')[0]
        pointers = fields[5 + 2 * int(fields[3], 16) :]
        below = [pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] == "~"]
        if len(below) >= 4:
            kinds.append(below[:6])
    return [(meaning[first], [meaning[each] for each in others]) for first, *others in kinds[:1200]]


def audiocaps(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [(row["caption_predicted"], [row[f"caption_{i}"] for i in range(1, 6)]) for row in rows]


def base36(number):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < 36 else base36(number // 36) + digits[number % 36]


def numbered(items):
    """The token texts with a number for each word."""
    numbers = {}
    as_numbers = lambda text: " ".join(base36(numbers.setdefault(word, len(numbers))) for word in text.split())
    return [[as_numbers(prediction), *map(as_numbers, references)] for prediction, references in items]


def token_items(items):
    predictions = tokenized([[prediction] for prediction, _ in items])
    references = tokenized([own for _, own in items])
    return [(own[0], refs) for own, refs in zip(predictions, references, strict=True)]


FAMILIES = ["dog dogs", "nation nations national", "car cars auto autos", "couch sofa couches", "a", "the", "ride rides riding ran"]


def aligned(hypotheses, references):
    """Alignments as METEOR writes them: [position in the reference, in the hypothesis, matcher]."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ["hypotheses", "references"]]
        for path, texts in zip(paths, [hypotheses, references]):
            path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        java(*map(str, paths), *SETTINGS, "-m", OURS, "-writeAlignments", "-f", f"{folder}/out")
        blocks = (Path(folder) / "out-align.out").read_text(encoding="utf-8").strip().split("\n\n")
    texts = [block.split("\n")[1] for block in blocks]
    rows = [[[int(field.split(":")[0]) for field in line.split()[:3]] for line in block.split("\n")[4:]] for block in blocks]
    return texts, rows


def random_sentences(generator, count):
    words = " ".join(FAMILIES).split()

    def sentence(mark):
        rare = generator.choice([0, 0.2, 0.5])
        length = generator.randint(1, 9)
        return " ".join(generator.choice("qzwk") + mark if generator.random() < rare else generator.choice(words) for _ in range(length))

    return [sentence("x") for _ in range(count)], [sentence("y") for _ in range(count)]


def random_strings(generator, count):
    parts = [*"aab", *"é12.,.,'''--- ", "!", "?", ":", '"', "`", "$", "&", "(", "½", "…", "—", "u.s.", "vs.", "mr.", "_", "x", " "]
    strings = set()
    while len(strings) < count:
        text = "".join(generator.choice(parts) for _ in range(generator.randint(3, 20)))
        text = " ".join(text.replace("`", "'").split())
        if text:
            strings.add(text)
    return sorted(strings)


def sections(folder):
    generator = random.Random(20)
    hypotheses, references = random_sentences(generator, 800)
    _, rows = aligned(hypotheses, references)
    strings = random_strings(generator, 800)
    tokens, _ = aligned(strings, strings)
    both = [item for name in ["example_1.csv", "example_2.csv"] for item in token_items(audiocaps(folder / name))]
    (own, own_items), (full, full_items) = meteor(both, OURS), meteor(both)
    added = [b - a for a, b in zip(own_items, full_items)]
    oracle = json.loads((ROOT.parent / "shared/data/oracles/caption_metrics_oracle.json").read_text(encoding="utf-8"))
    debug, examples = oracle["coco_debug10"], oracle["published_examples"]
    sets = {"coco_debug10": [(debug["hyps"][i][0], debug["refs"][i]) for i in debug["hyps"]]}
    sets |= {name: list(zip(each["hyps"], each["refs"])) for name, each in examples.items()}
    return {
        "alignments": list(zip(hypotheses, references, rows)),
        "tokens": list(zip(strings, tokens)),
        "oracles": {name: scores(items) for name, items in sets.items()},
        "paraphrases": {
            "captions": len(both),
            "without": rounded(own),
            "with": rounded(full),
            "meanAdded": rounded(sum(added) / len(added)),
            "largestAdded": rounded(max(added)),
            "largestTaken": rounded(-min(added)),
        },
    }


OUT.mkdir(exist_ok=True)
folder = Path(sys.argv[1])
written("edge.json", {name: {"items": items, **scores(items)} for name, items in EDGES.items()})
written("definitions.json", scores(definitions()))
test = token_items(audiocaps(folder / "example_2.csv"))
written("audiocaps.json", {"captions": numbered(test), **token_scores(test)})
written("meteor.json", sections(folder))
