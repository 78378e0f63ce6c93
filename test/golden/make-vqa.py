"""
vqa.json: 400 made-up questions with ten answers each, and what the VQA evaluator says of them: the copy of it that LAVIS brings,
which normalises as VL-T5 does. Needs salesforce-lavis 1.0.2 (`pip install --no-deps`); only its vqa_eval.py is run.

Soft labels, the answer vocabulary and the topk score have no published code that runs alone; here they are written again from
their description (spec 4.1 and 4.1.1), on the evaluator's own normalisation.
"""

import importlib.util
import json
import random
import site
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
source = Path(site.getsitepackages()[0]) / "lavis/common/vqa_tools/vqa_eval.py"
spec = importlib.util.spec_from_file_location("vqa_eval", source)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

ANSWERS = """yes|no|Yes|No.|two|2|Two|a dog|dog|the dog|Dog.|black/white|black and white|red, white|1,000|1000|3.5|3:30|none|zero|0|ten|10
dont know|don't know|isnt|can't tell|U.S.|us|t-shirt|tshirt|living room|livingroom|on the left|left|left side|$5|5 dollars|50%|yes\\t|a|an
the|what?|"stop"|stop|it's|its|cat|cats|a cat|frisbee|surf board|surfboard|#1|x@y|(red)|red|Red|blue|blue and red|3.|.5""".replace("\n", "|").split("|")
KINDS = {"yes/no": ["is the", "are there"], "number": ["how many"], "other": ["what color", "what is", "where"]}
MINIMUM = 9


def questions(generator):
    for number in range(400):
        kind = generator.choice(list(KINDS))
        few = generator.sample(ANSWERS, generator.choice([1, 1, 2, 3, 4, 6]))
        answers = [generator.choice(few) for _ in range(10)]
        prediction = generator.choice(few if generator.random() < 0.7 else ANSWERS)
        yield {"question_id": number, "answer_type": kind, "question_type": generator.choice(KINDS[kind]), "answers": answers, "prediction": prediction}


class Answers:
    def __init__(self, of):
        self.qa = of

    def getQuesIds(self):
        return list(self.qa)


def evaluated(asked):
    annotations = {
        q["question_id"]: {**q, "answers": [{"answer": a, "answer_id": i} for i, a in enumerate(q["answers"])]} for q in asked
    }
    results = {q["question_id"]: {"answer": q["prediction"]} for q in asked}
    evaluator = module.VQAEval(Answers(annotations), Answers(results))
    evaluator.evaluate()
    return evaluator


def most_common(answers):
    return Counter(answers).most_common(1)[0][0]


def soft_labels(answers):
    return {answer: {1: 0.3, 2: 0.6, 3: 0.9}.get(count, 1.0) for answer, count in Counter(answers).items()}


asked = list(questions(random.Random(7)))
evaluator = evaluated(asked)
normalised = [
    evaluator.processDigitArticle(evaluator.processPunctuation(most_common(q["answers"]))).replace(",", "") for q in asked
]
vocabulary = [answer for answer, count in Counter(normalised).items() if count >= MINIMUM]
labels = [soft_labels(q["answers"]) for q in asked]
known = [{answer: score for answer, score in own.items() if answer in vocabulary} for own in labels]
topk = [own.get(q["prediction"], 0) for own, q in zip(known, asked)]
optimal = [max(own.values(), default=0) == max(every.values()) for own, every in zip(known, labels)]
best = [score for score, is_optimal in zip(topk, optimal) if is_optimal]
reference = {
    "accuracy": evaluator.accuracy,
    "perItem": [evaluator.evalQA[q["question_id"]] for q in asked],
    "mostCommon": [most_common(q["answers"]) for q in asked],
    "vocabulary": vocabulary,
    "labels": known,
    "topk": {"score": sum(topk) / len(topk), "optimalScore": sum(best) / len(best), "optimalQuestions": len(best)},
}
text = json.dumps({"questions": asked, **reference}, ensure_ascii=False, separators=(",", ":"))
(HERE / "vqa.json").write_text(text.replace('},{', '},\n{') + "\n", encoding="utf-8")
