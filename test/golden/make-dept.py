"""
DePT and prompt tuning on CLIP-T5's input order over the tiny T5: losses and gradients for both scales and all first values,
texts padded to s as the authors pad them, first values of torch, 30 training steps.
"""

import torch
from torch import nn
from torch.nn import functional as F
from transformers import T5ForConditionalGeneration, get_linear_schedule_with_warmup
from transformers.models.t5.modeling_t5 import T5LayerNorm

from common import HERE, save_json, save_tensors, versions
from old_adamw import OldAdamW

FOLDER = HERE / "dept-tiny"

PROMPT, RANK, TEXT, ALPHA = 4, 3, 8, 8  # m, r, s and the scale of A B
PT_PROMPT = 6
VISUAL, VISUAL_WIDTH = 5, 10
STEPS, WARMUP, CLIP = 30, 5, 1.0
LONG = 256  # s of the published runs: texts padded to it, with every row of A added
INIT_TEXT_IDS = [23, 24, 1]  # what the prompt starts from in the cases of promptInit text
RANKS = [15, 24, 30, 45]
SPREAD = 6  # times the usual range of the projection: smaller gradients, so that clipping bites at some steps only
RATES = {"prompt": 0.05, "A": 0.01, "B": 0.01, "projection": 0.005}

# The longest text stays below s, so that the last row of A gets no gradient. The last answer is empty: score 0.
CASE = {
    "input_ids": [[5, 12, 33, 7, 28, 19, 1], [9, 5, 31, 22, 1, 0, 0], [14, 38, 1, 0, 0, 0, 0], [16, 6, 35, 1, 0, 0, 0]],
    "labels": [[11, 4, 27, 36, 1], [8, 1, -100, -100, -100], [25, 17, 9, 1, -100], [1, -100, -100, -100, -100]],
    "scores": [1.0, 0.6, 0.3, 0.0],
}
# (text lengths, target lengths) of the six batches that training walks in turn.
LENGTHS = [
    ([4, 7, 5], [3, 5, 2]),
    ([8, 3, 6], [2, 2, 4]),
    ([3, 3, 3], [6, 4, 5]),
    ([6, 2, 4], [3, 3, 3]),
    ([5, 5, 8], [1, 4, 2]),
    ([2, 7, 3], [5, 2, 6]),
]


class VisualProjection(nn.Module):
    """Linear and RMS norm: [batch, 5, 10] -> [batch, 5, 16]."""

    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(VISUAL_WIDTH, width)
        self.norm = T5LayerNorm(width, eps=1e-6)

    def forward(self, features):
        return self.norm(self.linear(features))


class PromptTuning(nn.Module):
    """Encoder input [P ; W[ids] ; V] over a frozen T5; V is the projection of the visual features."""

    def __init__(self, t5, prompt):
        super().__init__()
        self.t5 = t5.requires_grad_(False)
        self.prompt = nn.Parameter(prompt)
        self.projection = VisualProjection(t5.config.d_model)

    def embed(self, ids):
        return self.t5.shared(ids)

    def forward(self, ids, visual, labels):
        batch = ids.shape[0]
        prompt = self.prompt.expand(batch, -1, -1)
        embeds = torch.cat([prompt, self.embed(ids), self.projection(visual)], dim=1)
        mask = torch.cat([torch.ones(batch, len(self.prompt)), (ids != 0).float(), torch.ones(visual.shape[:2])], dim=1)
        attention = self.t5.encoder.block[0].layer[0].SelfAttention
        attention.compute_bias = self._bias(type(attention).compute_bias, attention, len(self.prompt) + ids.shape[1])
        return self.t5(inputs_embeds=embeds, attention_mask=mask.long(), labels=labels), embeds

    @staticmethod
    def _bias(compute_bias, attention, ordinary):
        """T5's position bias for the first `ordinary` positions; zero for pairs with a visual token (spec 2.3)."""

        def padded(query_length, key_length, device=None, past_seen_tokens=0):
            bias = compute_bias(attention, ordinary, ordinary, device, past_seen_tokens)
            return F.pad(bias, (0, key_length - ordinary, 0, query_length - ordinary))

        return padded


class Dept(PromptTuning):
    """Adds c (A B)[0..L) to the word embeddings, c = alpha / sqrt(r), or 1 where alpha is None (spec 1.2)."""

    def __init__(self, t5, prompt, a, b, alpha=ALPHA):
        super().__init__(t5, prompt)
        self.A = nn.Parameter(a)
        self.B = nn.Parameter(b)
        self.alpha = alpha

    def embed(self, ids):
        scale = 1 if self.alpha is None else self.alpha / self.A.shape[1] ** 0.5
        return self.t5.shared(ids) + scale * (self.A @ self.B)[: ids.shape[1]]


def caption_loss(logits, labels, _scores):
    """Cross-entropy averaged over all tokens of the batch."""
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)


def vqa_loss(logits, labels, scores):
    """Per sample the mean over its tokens, times the answer's score, averaged over the batch (spec 2.4)."""
    token = F.cross_entropy(logits.transpose(1, 2), labels, ignore_index=-100, reduction="none")
    per_sample = token.sum(1) / (labels != -100).sum(1)
    return (per_sample * scores).mean()


def initial():
    """The trainable tensors before training. `B.random` is for the gradients away from B = 0."""
    generator = torch.Generator().manual_seed(40)

    def normal(*shape):
        return torch.randn(*shape, generator=generator)

    def uniform(bound, *shape):
        return (torch.rand(*shape, generator=generator) * 2 - 1) * bound

    return {
        "prompt": normal(PROMPT, 16),
        "A": uniform(RANK**-0.5, TEXT, RANK),
        "B": torch.zeros(RANK, 16),
        "B.random": normal(RANK, 16) * 0.3,
        "pt.prompt": normal(PT_PROMPT, 16),
        "projection.linear.weight": uniform(SPREAD * VISUAL_WIDTH**-0.5, 16, VISUAL_WIDTH),
        "projection.linear.bias": uniform(SPREAD * VISUAL_WIDTH**-0.5, 16),
        "projection.norm.weight": 1 + normal(16) * 0.3,
    }


def load_t5():
    return T5ForConditionalGeneration.from_pretrained(HERE / "t5-tiny", attn_implementation="eager").eval()


def build(method, init, prompt="prompt", a="A", b="B", alpha=ALPHA):
    t5 = load_t5()
    if method == "dept":
        model = Dept(t5, init[prompt].clone(), init[a].clone(), init[b].clone(), alpha)
    else:
        model = PromptTuning(t5, init["pt.prompt"].clone())
    model.load_state_dict({name: init[name] for name in init if name.startswith("projection.")}, strict=False)
    return model


def trainable(model):
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def gradient_cases(init, visual):
    """One backward pass for each of {caption, vqa} x {B random, B zero}."""
    tensors = {}
    labels, scores = torch.tensor(CASE["labels"]), torch.tensor(CASE["scores"])
    for task, loss_of in (("caption", caption_loss), ("vqa", vqa_loss)):
        for suffix, b in (("", "B.random"), ("_zero_B", "B")):
            model, case = build("dept", init, b=b), f"{task}{suffix}"
            output, embeds = model(torch.tensor(CASE["input_ids"]), visual, labels)
            loss = loss_of(output.logits, labels, scores)
            loss.backward()
            tensors[f"{case}.loss"] = loss
            tensors.update({f"{case}.grad.{name}": weight.grad for name, weight in trainable(model).items()})
            if case == "caption":
                tensors["expected.inputs_embeds"] = embeds
                tensors["expected.encoder.final"] = output.encoder_last_hidden_state
                tensors["expected.logits"] = output.logits
    return tensors


def variants(words):
    """First values of every kind: the prompt from a text, from vocabulary, at random; A uniform as in the code or Gaussian."""
    generator = torch.Generator().manual_seed(43)
    ids = torch.tensor((INIT_TEXT_IDS * PROMPT)[:PROMPT])
    uniform = nn.init.kaiming_uniform_(torch.empty(TEXT, RANK), a=5**0.5, generator=generator)
    long = nn.init.kaiming_uniform_(torch.empty(LONG, RANK), a=5**0.5, generator=generator)
    return {
        "prompt.text": words[ids],
        "prompt.vocabulary": words[torch.randint(len(words), (PROMPT,), generator=generator)],
        "prompt.random": torch.randn(PROMPT, words.shape[1], generator=generator),
        "A.uniform": uniform,
        "A.gaussian": torch.randn(TEXT, RANK, generator=generator) * RANK**-0.5,
        "A.long": long,
    }


def variant_cases(init, visual):
    """Loss, logits and gradients of the method's tensors (B away from zero) for every scale and first value."""
    tensors = {}
    labels = torch.tensor(CASE["labels"])
    for scale, alpha in (("code", ALPHA), ("paper", None)):
        for prompt in ("text", "vocabulary", "random"):
            for a in ("uniform", "gaussian"):
                model = build("dept", init, f"prompt.{prompt}", f"A.{a}", "B.random", alpha)
                output, _ = model(torch.tensor(CASE["input_ids"]), visual, labels)
                loss = caption_loss(output.logits, labels, None)
                loss.backward()
                case = f"variant.{scale}.{prompt}.{a}"
                tensors |= {f"{case}.loss": loss, f"{case}.logits": output.logits}
                tensors |= {f"{case}.grad.{name}": getattr(model, name).grad for name in ("prompt", "A", "B")}
    return tensors


def padded_cases(init, visual):
    """The authors' way: texts padded to s = 256 and all of A B added, padding included. No row beyond the longest text learns."""
    tensors = {}
    labels = torch.tensor(CASE["labels"])
    rows = [row + [0] * (LONG - len(row)) for row in CASE["input_ids"]]
    for scale, alpha in (("code", ALPHA), ("paper", None)):
        model = build("dept", init, "prompt.text", "A.long", "B.random", alpha)
        output, _ = model(torch.tensor(rows), visual, labels)
        loss = caption_loss(output.logits, labels, None)
        loss.backward()
        assert not model.A.grad[len(CASE["input_ids"][0]) :].any()
        tensors |= {f"padded.{scale}.loss": loss, f"padded.{scale}.logits": output.logits}
        tensors |= {f"padded.{scale}.grad.{name}": getattr(model, name).grad for name in ("prompt", "A", "B")}
    return tensors


def spreads():
    """Standard deviation and largest value of many first values as torch draws them: A for several ranks, a random prompt."""
    torch.manual_seed(44)
    drawn = {f"A, r = {rank}": nn.init.kaiming_uniform_(torch.empty(4000, rank), a=5**0.5) for rank in RANKS}
    drawn["random prompt"] = nn.Embedding(100, 768).weight.detach()
    return {name: {"std": values.std().item(), "largest": values.abs().max().item()} for name, values in drawn.items()}


def batches():
    """Six batches of three samples: random ids 2..39 closed by EOS, right padded to the batch's own longest."""
    generator = torch.Generator().manual_seed(41)

    def rows(lengths, padding):
        width = max(lengths)
        draw = torch.randint(2, 40, (len(lengths), width), generator=generator).tolist()
        return [row[: n - 1] + [1] + [padding] * (width - n) for row, n in zip(draw, lengths)]

    made = [{"input_ids": rows(texts, 0), "labels": rows(targets, -100)} for texts, targets in LENGTHS]
    visual = [torch.randn(3, VISUAL, VISUAL_WIDTH, generator=generator) for _ in made]
    return made, visual


def train(method, init, made, visual):
    """30 steps of the caption loss with old AdamW, linear warm-up and decay, and clipping; dropout is 0."""
    model = build(method, init)
    weights = trainable(model)
    optimizer = OldAdamW([{"params": [weight], "lr": RATES[name.split(".")[0]]} for name, weight in weights.items()])
    schedule = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    steps = []
    for step in range(STEPS):
        batch, features = made[step % len(made)], visual[step % len(made)]
        labels = torch.tensor(batch["labels"])
        loss = caption_loss(model(torch.tensor(batch["input_ids"]), features, labels)[0].logits, labels, None)
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(weights.values(), CLIP)
        rate = schedule.get_last_lr()[0] / optimizer.param_groups[0]["initial_lr"]
        steps.append({"loss": loss.item(), "grad_norm": norm.item(), "rate_factor": rate})
        optimizer.step()
        schedule.step()
    return steps, {f"{method}.final.{name}": weight for name, weight in weights.items()}


def main():
    FOLDER.mkdir(exist_ok=True)
    init = initial()
    init |= variants(load_t5().shared.weight.detach())
    case_visual = torch.randn(4, VISUAL, VISUAL_WIDTH, generator=torch.Generator().manual_seed(42))
    made, visual = batches()
    tensors = {f"init.{name}": value for name, value in init.items()}
    tensors["case.visual"] = case_visual
    tensors.update({f"batch.{index}.visual": features for index, features in enumerate(visual)})
    tensors.update(gradient_cases(init, case_visual))
    tensors.update(variant_cases(init, case_visual))
    tensors.update(padded_cases(init, case_visual))
    training = {}
    for method in ("dept", "pt"):
        training[method], final = train(method, init, made, visual)
        tensors.update(final)
    save_tensors(FOLDER / "expected.safetensors", tensors)
    save_json(
        FOLDER / "reference.json",
        {
            "versions": versions(),
            "model": "../t5-tiny",
            "sizes": {
                "prompt": PROMPT,
                "pt_prompt": PT_PROMPT,
                "rank": RANK,
                "text": TEXT,
                "alpha": ALPHA,
                "visual": VISUAL,
                "visual_width": VISUAL_WIDTH,
                "long": LONG,
            },
            "init_text_ids": INIT_TEXT_IDS,
            "spreads": spreads(),
            "case": CASE,
            "losses": {name.removesuffix(".loss"): tensors[name].item() for name in tensors if name.endswith(".loss")},
            "training": {
                "loss": "caption",
                "steps": STEPS,
                "warmup": WARMUP,
                "clip": CLIP,
                "betas": [0.9, 0.999],
                "eps": 1e-6,
                "weight_decay": 0.0,
                "rates": RATES,
                "batches": made,
                **training,
            },
            "tensors": {
                "init.<name>": "trainable tensors at the start: prompt [4, 16], A [8, 3], B [3, 16] (zeros), projection.*; "
                "pt.prompt [6, 16] for prompt tuning; B.random [3, 16] is B in the cases without _zero_B; prompt.<how>, A.<how>: "
                "first values of every kind, A.long [256, 3]",
                "variant.<scale>.<prompt>.<A>.<name>": "loss, logits [4, 5, 40] and gradients of `case` with alpha 8 (code) or "
                "none (paper), from these first values and B.random",
                "padded.<scale>.<name>": "the same with the texts of `case` padded to 256, and A.long",
                "case.visual": "visual features of `case`, [4, 5, 10]",
                "batch.<i>.visual": "visual features of training batch i, [3, 5, 10]; step t uses batch t mod 6",
                "expected.inputs_embeds": "[prompt ; text ; visual] of case caption, [4, 4 + 7 + 5, 16]",
                "expected.encoder.final": "encoder output of case caption",
                "expected.logits": "logits of case caption, [4, 5, 40]",
                "<case>.loss": "case is caption, vqa (B.random) or caption_zero_B, vqa_zero_B (B)",
                "<case>.grad.<name>": "d loss / d trainable tensor",
                "dept.final.<name>": "trainable tensors after 30 steps of DePT",
                "pt.final.<name>": "trainable tensors after 30 steps of prompt tuning",
            },
        },
    )


if __name__ == "__main__":
    main()
