"""What transformers' generate() answers with a tiny T5: greedy and beam search."""

import itertools

import torch
from transformers import T5ForConditionalGeneration

from common import HERE, randomise, save_json, save_model, versions

FOLDER = HERE / "decoding-tiny"

PROMPTS = [
    [5, 12, 33, 7, 28, 19, 1],
    [9, 5, 31, 22, 1, 0, 0],
    [14, 38, 1, 0, 0, 0, 0],
    [16, 6, 35, 2, 1, 0, 0],
    [24, 8, 30, 11, 27, 1, 0],
    [37, 1, 0, 0, 0, 0, 0],
]
LIMIT, BEAMS, RETURNED = 12, 4, 2
EOS = 1


def build():
    """t5-tiny's shape; seed and longer EOS row are chosen so that answers end at many lengths, some at the limit."""
    model = T5ForConditionalGeneration.from_pretrained(HERE / "t5-tiny", attn_implementation="eager")
    randomise(model, seed=101, std=0.5)
    with torch.no_grad():
        model.shared.weight.copy_(torch.randn(model.shared.weight.shape, generator=torch.Generator().manual_seed(101)))
        model.shared.weight[EOS] *= 1.3
    return model.eval()


def generate(model, prompts, **options):
    """Answers without the start token and without what follows EOS, and generate()'s own record."""
    ids = torch.tensor(prompts)
    output = model.generate(
        input_ids=ids,
        attention_mask=(ids != 0).long(),
        max_new_tokens=LIMIT,
        do_sample=False,
        return_dict_in_generate=True,
        output_scores=True,
        **options,
    )
    rows = [row[1:] for row in output.sequences.tolist()]
    return [row[: row.index(EOS) + 1] if EOS in row else row for row in rows], output


def greedy(model):
    answers, output = generate(model, PROMPTS, num_beams=1)
    token_scores = model.compute_transition_scores(output.sequences, output.scores, normalize_logits=True)
    totals = [scores[: len(answer)].sum().item() for answer, scores in zip(answers, token_scores)]
    return [{"ids": answer, "log_prob": total} for answer, total in zip(answers, totals)]


def beam(model, length_penalty, early_stopping):
    options = {"num_beams": BEAMS, "length_penalty": length_penalty, "early_stopping": early_stopping}
    answers, output = generate(model, PROMPTS, num_return_sequences=RETURNED, **options)
    best, _ = generate(model, PROMPTS, num_return_sequences=1, **options)
    assert best == answers[::RETURNED], "asking for one answer gives the first of two"
    entries = [{"ids": ids, "score": score} for ids, score in zip(answers, output.sequences_scores.tolist())]
    returned = [entries[start : start + RETURNED] for start in range(0, len(entries), RETURNED)]
    return {"length_penalty": length_penalty, "early_stopping": early_stopping, "returned": returned}


def main():
    model = build()
    save_model(model, FOLDER)
    save_json(
        FOLDER / "reference.json",
        {
            "versions": versions(),
            "about": {
                "greedy": "per prompt: ids without the start token, up to and with EOS; "
                "log_prob is the sum of their log-probabilities",
                "beam": "per prompt the two best, best first (asking for one gives the first): ids as above; "
                "score is the sum of log-probabilities / (number of ids)^length_penalty",
            },
            "inputs": {"input_ids": PROMPTS, "max_new_tokens": LIMIT, "num_beams": BEAMS},
            "greedy": greedy(model),
            "beam": [beam(model, *rule) for rule in itertools.product((1.0, 0.6, 2.0), (False, True))],
        },
    )


if __name__ == "__main__":
    main()
