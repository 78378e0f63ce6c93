"""What transformers' generate() answers with tiny T5s on which ties, near-ties, and early and late ends occur."""

import contextlib
import copy
import itertools
import json
import random

import torch
from transformers import T5Config, T5ForConditionalGeneration

from common import HERE, randomise, save_model, save_tensors, versions

EOS = 1
NONE = -1e6  # a score below this stands for a place that no answer filled: -1e9, divided by the length penalty
CLOSE = 3e-6  # relative change of the weights of all blocks under which the ids must stay the same

PROMPTS = [
    [5, 12, 23, 7, 28, 19, 1],
    [9, 5, 21, 22, 1, 0, 0],
    [14, 8, 1, 0, 0, 0, 0],
    [24, 8, 20, 11, 27, 1, 0],
    [17, 1, 0, 0, 0, 0, 0],
]


def config(**changes):
    shape = {"vocab_size": 30, "d_model": 12, "d_kv": 4, "num_heads": 3, "d_ff": 16}
    depth = {"num_layers": 2}
    rest = {"relative_attention_num_buckets": 8, "relative_attention_max_distance": 12, "dropout_rate": 0.0}
    return T5Config(**{**shape, **depth, **rest, "decoder_start_token_id": 0, **changes})


GATED = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}


def build(seed, **changes):
    """Random weights; embeddings N(0, 1), as is a head of its own, so that the logits spread."""
    model = T5ForConditionalGeneration._from_config(config(**changes), attn_implementation="eager")
    if not model.config.scale_decoder_outputs:  # transformers 5 makes every new T5 with a tied head
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    randomise(model, seed=seed, std=0.5)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for table in {model.shared.weight: None, model.lm_head.weight: None}:
            table.copy_(torch.randn(table.shape, generator=generator))
    return model.eval()


def saved(name):
    """The model as it is read back from its folder, which looks like that of a published one."""
    folder, model = HERE / f"decoding-{name}", MODELS[name]()
    save_model(model, folder)
    if model.lm_head.weight is not model.shared.weight:
        weights = {key: value for key, value in model.state_dict().items() if not key.endswith("embed_tokens.weight")}
        save_tensors(folder / "model.safetensors", weights)
        text = (folder / "config.json").read_text().replace('"tie_word_embeddings": true', '"tie_word_embeddings": false')
        (folder / "config.json").write_text(text)
    again = T5ForConditionalGeneration.from_pretrained(folder, attn_implementation="eager")
    assert torch.equal(again.lm_head.weight, model.lm_head.weight) and torch.equal(again.shared.weight, model.shared.weight)
    return again.eval()


def tiny():
    """t5-tiny's shape; seed and longer EOS row are chosen so that answers end at many lengths, some at the limit."""
    model = T5ForConditionalGeneration.from_pretrained(HERE / "t5-tiny", attn_implementation="eager")
    randomise(model, seed=101, std=0.5)
    with torch.no_grad():
        model.shared.weight.copy_(torch.randn(model.shared.weight.shape, generator=torch.Generator().manual_seed(101)))
        model.shared.weight[EOS] *= 1.3
    return model.eval()


def gated(seed=210):
    """v1.1, as Flan."""
    model = build(seed, **GATED)
    with torch.no_grad():
        model.lm_head.weight.mul_(0.5)
    return model


TWINS = [[2, 3], [5, 6, 7], [10, 20], [11, 21, 22, 23], [28, 29]]


def twins(seed=109):
    """Some ids share their row of the embedding: exact ties at every step, between answers equal but for such ids."""
    model = build(seed)
    with torch.no_grad():
        for first, *others in TWINS:
            model.shared.weight[others] = model.shared.weight[first].clone()
        model.shared.weight[EOS] *= 1.3
    return model


def near(seed=210):
    """The head's rows come in pairs that differ by 1e-5 to 1e-3 of themselves: near-ties at every step."""
    model = build(seed, **GATED)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        head = model.lm_head.weight
        head.mul_(0.5)
        for first in range(2, 30, 2):
            size = 10.0 ** -(3 + first % 3)
            head[first + 1] = head[first] + size * torch.randn(head[first].shape, generator=generator)
    return model


def flat():
    """All logits are zero: every choice is a tie."""
    model = build(113, num_layers=1, **GATED)
    with torch.no_grad():
        model.lm_head.weight.zero_()
    return model


def ending(push):
    """Every embedding has the same first value, and so has every decoder state: it decides how likely EOS is."""
    model = build(127, num_layers=1, **GATED)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith((".o.weight", ".wo.weight")):
                weight.mul_(0.3)
                weight[0] = 0.0
        model.shared.weight[:, 0] = 4.0
        model.decoder.final_layer_norm.weight[0] = 1.0
        model.lm_head.weight.mul_(0.5)
        model.lm_head.weight[:, 0] = 0.0
        model.lm_head.weight[EOS, 0] = push
    return model


MODELS = {
    "tiny": tiny,
    "gated": gated,
    "twins": twins,
    "near": near,
    "flat": flat,
    "ends": lambda: ending(3.0),
    "endless": lambda: ending(-3.0),
}


@contextlib.contextmanager
def stable_topk():
    """torch.topk promises no order among equals: here the lower index comes first. Collects the gaps between candidates."""
    original, gaps = torch.topk, []

    def topk(values, k):
        ordered, order = torch.sort(values, dim=-1, descending=True, stable=True)
        above = ordered[..., : k + 1]
        close = (above[..., :-1] - above[..., 1:])[above[..., 1:] > NONE]
        gaps.extend(close[close > 0].tolist())
        return ordered[..., :k], order[..., :k]

    torch.topk = topk
    try:
        yield gaps
    finally:
        torch.topk = original


def generate(model, options):
    """By prompt, best first: [ids without the start token, up to and with EOS, as text; score]."""
    ids = torch.tensor(PROMPTS)
    output = model.generate(
        input_ids=ids,
        attention_mask=(ids != 0).long(),
        do_sample=False,
        return_dict_in_generate=True,
        output_scores=True,
        **options,
    )
    rows = [row[1:] for row in output.sequences.tolist()]
    rows = [row[: row.index(EOS) + 1] if EOS in row else row for row in rows]
    if options["num_beams"] == 1:
        steps = model.compute_transition_scores(output.sequences, output.scores, normalize_logits=True)
        scores = [part[: len(row)].sum().item() for row, part in zip(rows, steps)]
    else:
        scores = output.sequences_scores.tolist()
    entries = [[" ".join(map(str, row)), score] for row, score in zip(rows, scores)]
    returned = options.get("num_return_sequences", 1)
    return [entries[start : start + returned] for start in range(0, len(entries), returned)]


def filled(answers, greedy):
    """Without the places that no answer filled; a greedy answer that had to take banned ids has no score."""
    if greedy:
        return [[[text, round(score, 6) if score > NONE else None]] for [[text, score]] in answers]
    return [[[text, round(score, 6)] for text, score in row if score > NONE] for row in answers]


def texts(answers):
    return [[text for text, _ in row] for row in answers]


def moved(model, seed):
    """A copy with the weights of every block changed by CLOSE of themselves; what ties through embedding or head still does."""
    other = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in other.named_parameters():
            if ".block." in name:
                weight.mul_(1 + CLOSE * torch.randn(weight.shape, generator=generator))
    return other.eval()


class Maker:
    def __init__(self):
        self.models = {name: saved(name) for name in MODELS}
        self.moved = {name: [moved(model, seed) for seed in (1, 2)] for name, model in self.models.items()}
        self.cases, self.gaps, self.too_close = [], [], 0

    def add(self, name, options):
        """One case; a prompt whose ids hang on less than CLOSE is null, since rounding decides there."""
        options = {key: value for key, value in options.items() if value is not None}
        if any(case["model"] == name and case["options"] == options for case in self.cases):
            return
        greedy = options["num_beams"] == 1
        own = filled(generate(self.models[name], options), greedy)
        with stable_topk() as gaps:
            stable = filled(generate(self.models[name], options), greedy)
            others = [texts(filled(generate(model, options), greedy)) for model in self.moved[name]]
        close = [any(other[i] != row for other in others) for i, row in enumerate(texts(stable))]
        self.too_close += sum(close)
        self.gaps += gaps
        case = {"model": name, "options": options}
        case["answers"] = [None if too_close else row for row, too_close in zip(stable, close)]
        if texts(own) != texts(stable):
            case["torch"] = own
        self.cases.append(case)


PLAIN = {
    "num_beams": [2, 4, 5],
    "length_penalty": [1.0, 0.6, 2.0, -0.7, 0.0],
    "early_stopping": [False, True, "never"],
}

MIXED = {
    "num_beams": [1, 1, 2, 4, 5],
    "length_penalty": [None, None, 0.6, 2.0, -1.0],
    "early_stopping": [None, None, True, "never"],
    "no_repeat_ngram_size": [None, 1, 2, 3],
    "repetition_penalty": [None, None, 1.3, 2.5, 0.8],
    "forced_bos_token_id": [None] * 6 + [7, EOS],
    "forced_eos_token_id": [None, None, None, EOS],
}


def mixed(draw):
    """Options at random; lengths with or without the start token counted, as transformers has both."""
    options = {key: draw.choice(values) for key, values in MIXED.items()}
    if options["num_beams"] == 1:
        options["length_penalty"] = options["early_stopping"] = None
    options["num_return_sequences"] = draw.randint(1, options["num_beams"])
    longest = draw.choice([1, 4, 8, 12])
    shortest = draw.choice([None, None, draw.randint(1, longest)])
    counted = draw.choice([0, 1])
    options["max_length" if counted else "max_new_tokens"] = longest + counted
    if shortest is not None:
        options["min_length" if counted else "min_new_tokens"] = shortest + counted
    return options


def main():
    maker = Maker()
    draw = random.Random(7)
    for name in ("tiny", "gated", "twins", "near"):
        for values in itertools.product(*PLAIN.values()):
            options = dict(zip(PLAIN, values))
            maker.add(name, {**options, "max_new_tokens": 10, "num_return_sequences": 2})
    for name in MODELS:
        for beams in (1, 4):
            maker.add(name, {"num_beams": beams, "max_new_tokens": 10, "num_return_sequences": beams})
            # more ids than there are: at the end only EOS is left
            maker.add(name, {"num_beams": beams, "max_new_tokens": 42, "no_repeat_ngram_size": 1})
            # and more beams than there are
            for early in (False, True, "never"):
                wide = {"num_beams": 44, "early_stopping": early, "num_return_sequences": 3}
                maker.add(name, {**wide, "max_new_tokens": 4, "length_penalty": 0.6 if beams == 1 else None})
        # and where EOS is not allowed either, nothing
        maker.add(name, {"num_beams": 1, "max_new_tokens": 42, "min_new_tokens": 42, "no_repeat_ngram_size": 1})
        for _ in range(30 if name in ("tiny", "gated", "twins", "near") else 20):
            maker.add(name, mixed(draw))
    # one id at first, fewer than beams after that: copies of the first beam fill the places and end early
    for length_penalty in (1.0, 0.6):
        rare = {"forced_bos_token_id": 7, "no_repeat_ngram_size": 1, "early_stopping": True, "max_new_tokens": 8}
        maker.add("gated", {"num_beams": 30, "length_penalty": length_penalty, **rare, "num_return_sequences": 30})
    cases, gaps = maker.cases, sorted(maker.gaps)
    about = {
        "answers": "per prompt, best first: ids without the start token, up to and with EOS; score, for greedy search the "
        "sum of log-probabilities (null where banned ids had to be taken). Places that generate() could not fill are left "
        "out. torch.topk is made stable: of equal candidates the lower index comes first. null: rounding decides",
        "torch": "the same with torch.topk as it is, where its order among equals leads to other ids",
        "closest": f"{gaps[0]:.1e}, 1 % below {gaps[len(gaps) // 100]:.1e}: gaps between candidates that are not equal",
        "twins": TWINS,
    }
    head = {"versions": versions(), "about": about, "inputs": PROMPTS}
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / "decoding-cases.json").write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
    tied = sum("torch" in case for case in cases)
    print(f"{len(cases)} cases, {tied} with ties that matter, {maker.too_close} prompts too close; {about['closest']}")


if __name__ == "__main__":
    main()
