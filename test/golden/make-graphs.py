"""Random graphs (graphs/drawn.json, see test/graph/random) in torch: the loss of each and its gradient by every trained input."""

import json
import math

import torch
import torch.nn.functional as F

from common import HERE, save_json, versions

FOLDER = HERE / "graphs"
EPSILON = 0.125  # of every norm


def extent(text, extents):
    """A dimension such as 3, "batch" or "1+-2*text"."""
    if isinstance(text, int):
        return text
    factor = lambda part: extents[part] if part in extents else int(part)
    return sum(math.prod(factor(part) for part in term.split("*")) for term in text.split("+"))


def numbers(attributes, extents):
    """Attributes with numbers for dimensions."""

    def resolve(value):
        if isinstance(value, list):
            return [extent(one, extents) for one in value]
        return value if isinstance(value, bool) else extent(value, extents)

    return {name: resolve(value) for name, value in attributes.items()}


def matmul(a, b, transA, transB, quarters):
    return quarters / 4 * (a.mT if transA else a) @ (b.mT if transB else b)


def pad(x, axis, before, after):
    return F.pad(x, [0, 0] * (x.dim() - 1 - axis) + [before, after])


def scatter_rows(indices, x, shape):
    return torch.zeros(shape, dtype=x.dtype).index_add(0, indices, x)


def attention(q, k, v, bias=None, scaled=False):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=0.5 if scaled else 1.0)


def conv_transpose(x, kernel, stride, padding, sides):
    covered = [(n - 1) * stride - 2 * padding + k for n, k in zip(x.shape[2:], kernel.shape[2:])]
    unreached = [side - reached for side, reached in zip(sides, covered)]
    return F.conv_transpose2d(x, kernel, stride=stride, padding=padding, output_padding=unreached)


def batch_norm(x, *vectors):
    """F.batch_norm in evaluation mode; that has no gradient by mean and variance."""
    scale, shift, mean, variance = (vector[:, None, None] for vector in vectors)
    return scale * (x - mean) / (variance + EPSILON).sqrt() + shift


OPERATIONS = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": torch.div,
    "Neg": torch.neg,
    "Exp": torch.exp,
    "Log": torch.log,
    "Sqrt": torch.sqrt,
    "Reciprocal": torch.reciprocal,
    "Where": lambda a, b, c, d: torch.where(a > b, c, d),
    "Cast": lambda x: x.clone(),
    "ReduceMean": lambda x, axes: x.mean(axes, keepdim=True),
    "Tanh": torch.tanh,
    "Sigmoid": torch.sigmoid,
    "Erf": torch.erf,
    "Relu": F.relu,
    "QuickGelu": lambda x: x * torch.sigmoid(1.702 * x),
    "Gelu": F.gelu,
    "FastGelu": lambda x: F.gelu(x, approximate="tanh"),
    "Softmax": lambda x: F.softmax(x, dim=-1),
    "LogSoftmax": lambda x: F.log_softmax(x, dim=-1),
    "Reshape": torch.reshape,
    "Transpose": lambda x, permutation: x.permute(permutation),
    "Concat": lambda *parts, axis: torch.cat(parts, dim=axis),
    "Slice": lambda x, axis, start, end: x.narrow(axis, start, end - start),
    "Pad": pad,
    "Expand": lambda x, shape: x.expand(shape),
    "ReduceSum": lambda x, axes, keep: x.sum(axes, keepdim=keep),
    "Split": lambda x, axis, parts: x.chunk(parts, dim=axis),
    "MatMul": matmul,
    "Gather": lambda table, indices: F.embedding(indices, table),
    "ScatterRows": scatter_rows,
    "GatherElements": lambda x, columns: x.gather(1, columns),
    "ScatterElements": lambda x, columns, values: x.scatter_add(1, columns, values),
    "RmsNorm": lambda x, scale: F.rms_norm(x, x.shape[-1:], scale, EPSILON),
    "LayerNorm": lambda x, scale, shift: F.layer_norm(x, x.shape[-1:], scale, shift, EPSILON),
    "Attention": attention,
    "CrossEntropy": lambda logits, labels, weights: (F.cross_entropy(logits, labels, reduction="none") * weights).sum(),
    "Conv": F.conv2d,
    "ConvTranspose": conv_transpose,
    "AveragePool": F.avg_pool2d,
    "BatchNormalization": batch_norm,
}


def argument_names(operation, attributes):
    """torch's own names of what the description calls otherwise."""
    renamed = {"AveragePool": {"size": "kernel_size"}}.get(operation, {})
    return {renamed.get(name, name): value for name, value in attributes.items()}


def run(graph):
    """The loss and the gradients, in float64 so that only the formulas count."""
    extents, values, trained = graph["extents"], {}, {}
    for entry in graph["inputs"]:
        shape = [extent(dim, extents) for dim in entry["shape"]]
        if entry["type"] == "int64":
            values[entry["name"]] = torch.tensor(entry["values"], dtype=torch.int64).reshape(shape)
            continue
        value = torch.tensor(entry["values"], dtype=torch.float64).reshape(shape) / 128
        values[entry["name"]] = value.requires_grad_(entry["trained"])
        if entry["trained"]:
            trained[entry["name"]] = value
    for step in graph["steps"]:
        attributes = argument_names(step["operation"], numbers(step["attributes"], extents))
        result = OPERATIONS[step["operation"]](*(values[name] for name in step["inputs"]), **attributes)
        values.update(zip(step["outputs"], result if isinstance(result, tuple) else [result]))
    loss = values[graph["steps"][-1]["outputs"][0]]
    gradients = torch.autograd.grad(loss, list(trained.values()), materialize_grads=True)
    digits = lambda tensor: [float(f"{value:.9g}") for value in tensor.flatten().tolist()]
    return {"loss": digits(loss)[0], "gradients": {name: digits(grad) for name, grad in zip(trained, gradients)}}


def main():
    graphs = json.loads((FOLDER / "drawn.json").read_text())
    about = "loss of each graph in drawn.json and its gradient by every trained input, row-major, computed in float64"
    results = {"versions": versions(), "about": about, "graphs": [run(graph) for graph in graphs]}
    save_json(FOLDER / "expected.json", results)


if __name__ == "__main__":
    main()
