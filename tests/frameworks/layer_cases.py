"""Random layers to compare with PyTorch: constructor arguments and input shapes, drawn from a seed.

Sizes are small and odd, so that two axes are seldom equal by accident; batches have two elements or more, because at
one some copies turn into views.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One layer on inputs. `integers`: for an input of indices, how many there are to choose from.

    masks: the inputs that are masks. strided: inputs that come with their axes in another order, as a view.
    make: the same in PyTorch, where the layer has no spelling of its own.
    """

    layer: str
    arguments: dict[str, Any]
    shapes: list[tuple[int, ...]]
    integers: dict[int, int] = field(default_factory=dict)
    masks: frozenset[int] = frozenset()
    strided: dict[int, list[int]] = field(default_factory=dict)
    make: Callable[[], Any] | None = None

    @property
    def name(self) -> str:
        """A title for the test."""
        shown = ", ".join(f"{key}={value}" for key, value in self.arguments.items())
        shapes = "".join(str(list(shape)) for shape in self.shapes).replace(" ", "")
        return f"{self.layer}({shown}){shapes}" + ("turned" if self.strided else "")


AXES = {"1d": 1, "2d": 2, "3d": 3}


class Draw(random.Random):
    """Random numbers in the ranges that layers like."""

    def size(self, low: int = 5, high: int = 9) -> int:
        """The size of a spatial axis."""
        return self.randint(low, high)

    def shape(self, rank: int, low: int = 2, high: int = 6) -> tuple[int, ...]:
        """A shape whose first axis is a batch of two or more."""
        return tuple(self.randint(low, high) for _ in range(rank))

    def flag(self) -> bool:
        """True or false."""
        return self.random() < 0.5

    def one_or_each(self, axes: int, low: int, high: int) -> int | list[int]:
        """One integer for all axes, or a list of one for each."""
        if self.flag():
            return self.randint(low, high)
        return [self.randint(low, high) for _ in range(axes)]


def least(value: int | list[int]) -> int:
    """The smallest entry."""
    return min(value) if isinstance(value, list) else value


def linear(draw: Draw) -> Iterator[Case]:
    """Linear, Bilinear, Embedding."""
    rank = draw.randint(1, 4)
    yield Case("Linear", {"out": draw.randint(2, 9), "bias": draw.flag()}, [draw.shape(rank)])
    turned = {0: [1, 0, 2]}
    yield Case("Linear", {"out": draw.randint(2, 9), "bias": draw.flag()}, [draw.shape(3)], strided=turned)
    rows = draw.shape(draw.randint(1, 2))
    sizes = [(*rows, draw.randint(2, 6)), (*rows, draw.randint(2, 6))]
    yield Case("Bilinear", {"out": draw.randint(2, 5), "bias": draw.flag()}, sizes)
    words = draw.randint(5, 40)
    arguments = {"num_embeddings": words, "embedding_dim": draw.randint(2, 9)}
    yield Case("Embedding", arguments, [draw.shape(draw.randint(1, 3))], {0: words})
    yield Case("Identity", {}, [draw.shape(3)])


def convolutions(draw: Draw) -> Iterator[Case]:
    """Convolutions and transposed ones, grouped, strided, dilated and padded."""
    for suffix, axes in AXES.items():
        groups = draw.choice([1, 1, 2, 3])
        inner, out = groups * draw.randint(1, 3), groups * draw.randint(1, 3)
        kernel, stride = draw.one_or_each(axes, 1, 3), draw.one_or_each(axes, 1, 3)
        padding, dilation = draw.one_or_each(axes, 0, 1), draw.one_or_each(axes, 1, 2)
        shape = (2, inner, *(draw.size() for _ in range(axes)))
        plain = {"out": out, "kernel_size": kernel, "groups": groups, "bias": draw.flag(), "dilation": dilation}
        yield Case(f"Conv{suffix}", {**plain, "stride": stride, "padding": padding}, [shape])
        yield Case(f"Conv{suffix}", {**plain, "same": True}, [shape])
        mode = draw.choice(["reflect", "replicate", "circular"])
        around = {"padding": draw.randint(0, 2), "padding_mode": mode, "stride": stride}
        yield Case(f"Conv{suffix}", {**plain, **around}, [shape])
        more = draw.randint(0, least(stride) - 1) if least(stride) > 1 else 0
        transposed = {**plain, "stride": stride, "padding": draw.randint(0, 1), "output_padding": more}
        yield Case(f"ConvTranspose{suffix}", transposed, [shape])


def norms(draw: Draw) -> Iterator[Case]:
    """Norms, with and without weights and running statistics."""
    for suffix, axes in AXES.items():
        shape = (draw.randint(2, 4), draw.randint(2, 6), *(draw.size(3, 5) for _ in range(axes)))
        flags = {"affine": draw.flag(), "track_running_stats": draw.flag()}
        yield Case(f"BatchNorm{suffix}", flags, [shape])
        yield Case(f"InstanceNorm{suffix}", flags, [shape])
    yield Case("BatchNorm1d", {"affine": draw.flag()}, [draw.shape(2)])
    yield Case("LayerNorm", {"affine": draw.flag(), "bias": draw.flag()}, [draw.shape(draw.randint(2, 4))])
    groups = draw.randint(1, 3)
    shape = (2, groups * draw.randint(1, 3), *draw.shape(draw.randint(1, 2)))
    yield Case("GroupNorm", {"groups": groups, "affine": draw.flag()}, [shape])
    yield Case("RMSNorm", {"affine": draw.flag()}, [draw.shape(draw.randint(2, 4))])
    yield Case("LocalResponseNorm", {"size": draw.choice([3, 5])}, [(2, draw.randint(3, 6), *draw.shape(2))])


PLAIN = [
    "ReLU",
    "ReLU6",
    "LeakyReLU",
    "RReLU",
    "ELU",
    "CELU",
    "SELU",
    "GELU",
    "SiLU",
    "Mish",
    "Sigmoid",
    "LogSigmoid",
    "Tanh",
    "Tanhshrink",
    "Hardswish",
    "Hardsigmoid",
    "Hardtanh",
    "Hardshrink",
    "Softshrink",
    "Softplus",
    "Softsign",
    "Softmax",
    "Softmin",
    "LogSoftmax",
    "Dropout",
    "AlphaDropout",
    "Sqrt",
    "Rsqrt",
    "Exp",
    "Log",
    "Abs",
    "Erf",
    "Sign",
    "Sin",
    "Cos",
    "Scale",
    "Shift",
    "Reciprocal",
    "Contiguous",
    "Transpose",
    "Normalize",
]
IN_PLACE = ["ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid", "Hardtanh"]


def elementwise(draw: Draw) -> Iterator[Case]:
    """Activations, arithmetic and reductions."""
    for layer in PLAIN:
        yield Case(layer, {}, [draw.shape(draw.randint(2, 4))])
    for layer in IN_PLACE:
        yield Case(layer, {"inplace": True}, [draw.shape(3)])
    channels = draw.randint(2, 6)
    yield Case("PReLU", {"num_parameters": draw.choice([1, channels])}, [(2, channels, draw.size())])
    yield Case("Threshold", {"threshold": 0.5, "value": 2.0, "inplace": draw.flag()}, [draw.shape(3)])
    yield Case("GLU", {}, [(*draw.shape(2), 2 * draw.randint(1, 5))])
    yield Case("GELU", {"approximate": "tanh"}, [draw.shape(3)])
    yield Case("Pow", {"exponent": draw.choice([1, 2, 3, 0.5])}, [draw.shape(3)])
    yield Case("Clamp", {"min": 0.25, "max": 0.75}, [draw.shape(3)])
    for layer in ("Sum", "Mean", "Max"):
        rank = draw.randint(2, 4)
        yield Case(layer, {"dim": draw.randint(-rank, rank - 1), "keepdim": draw.flag()}, [draw.shape(rank)])
    rank = draw.randint(2, 4)
    at = draw.randint(-rank, rank - 1)
    yield Case("Var", {"dim": at, "keepdim": draw.flag(), "correction": draw.randint(0, 1)}, [draw.shape(rank)])
    yield Case("CumSum", {"dim": at}, [draw.shape(rank)])
    yield Case("TopK", {"k": draw.randint(1, 2), "dim": at}, [draw.shape(rank)])
    for layer in ("SumOver", "MeanOver"):
        rank = draw.randint(2, 6)
        axes = sorted(draw.sample(range(rank), draw.randint(1, rank - 1)))
        axes[-1] -= draw.choice([0, rank])
        yield Case(layer, {"dims": axes, "keepdim": draw.flag()}, [draw.shape(rank, 2, 4)])
    full = draw.shape(4)
    part = tuple(size if draw.flag() else 1 for size in full)[draw.randint(0, 2) :]
    for layer in ("Add", "Sub", "Mul", "Div", "Maximum", "Minimum"):
        yield Case(layer, {}, draw.sample([full, part], 2))
    mask = tuple(size if draw.flag() else 1 for size in full)
    yield Case("Where", {}, [mask, *draw.sample([full, part], 2)], masks=frozenset({0}))
    rows, m, k, n = draw.shape(draw.randint(0, 3)), *draw.shape(3)
    yield Case("MatMul", {}, [(*rows, m, k), (*rows, k, n)])
    turned = [0, 2, 1, 3]
    yield Case("MatMul", {}, [(2, 3, m, k), (2, 3, k, n)], strided={draw.randint(0, 1): turned})
    for layer in ("Amax", "Amin"):
        yield Case(layer, {"dim": draw.randint(-2, 1), "keepdim": draw.flag()}, [draw.shape(2)])
    yield Case("Less", {}, [full, part])


def dropouts(draw: Draw) -> Iterator[Case]:
    """Dropout of elements and of channels."""
    probability = draw.choice([0.0, 0.2, 0.5])
    for suffix, axes in AXES.items():
        yield Case(f"Dropout{suffix}", {"p": probability}, [draw.shape(2 + axes)])
    yield Case("Dropout", {"p": probability}, [draw.shape(3)])
    yield Case("FeatureAlphaDropout", {"p": probability}, [draw.shape(4)])
    yield Case("AlphaDropout", {"p": probability}, [draw.shape(3)])


def pools(draw: Draw) -> Iterator[Case]:
    """Pools with windows of every kind."""
    for suffix, axes in AXES.items():
        shape = (2, draw.randint(2, 4), *(draw.size(6, 11) for _ in range(axes)))
        kernel = draw.one_or_each(axes, 2, 4)
        padding = draw.one_or_each(axes, 0, 1)
        window: dict[str, Any] = {"kernel_size": kernel, "padding": padding, "ceil_mode": draw.flag()}
        if draw.flag():
            window["stride"] = draw.one_or_each(axes, 1, 3)
        yield Case(f"AvgPool{suffix}", window, [shape])
        yield Case(f"MaxPool{suffix}", {**window, "dilation": draw.one_or_each(axes, 1, 2)}, [shape])
        size = draw.one_or_each(axes, 1, 4)
        yield Case(f"AdaptiveAvgPool{suffix}", {"output_size": size}, [shape])
        yield Case(f"AdaptiveMaxPool{suffix}", {"output_size": size}, [shape])
        yield Case("GlobalAvgPool", {}, [shape])


def resizing(draw: Draw) -> Iterator[Case]:
    """Padding and resizing."""
    for suffix, axes in AXES.items():
        shape = (2, draw.randint(2, 4), *(draw.size(4, 7) for _ in range(axes)))
        padding = draw.one_or_each(2 * axes, 0, 2)
        for kind in ("Zero", "Reflection", "Replication", "Circular"):
            yield Case(f"{kind}Pad{suffix}", {"padding": padding}, [shape])
        yield Case(f"ConstantPad{suffix}", {"padding": padding, "value": 0.5}, [shape])
    shape = (2, 4, *draw.shape(2, 3, 6))
    yield Case(
        "Upsample",
        {"scale_factor": draw.randint(2, 3), "mode": draw.choice(["nearest", "bilinear", "bicubic"])},
        [shape],
    )
    yield Case(
        "Resize", {"size": draw.one_or_each(2, 3, 9), "mode": draw.choice(["nearest", "bilinear", "bicubic"])}, [shape]
    )
    places = (2, *draw.shape(2), 2)
    look = {"mode": draw.choice(["nearest", "bilinear", "bicubic"]), "align_corners": draw.flag()}
    yield Case("GridSample", {**look, "padding_mode": draw.choice(["zeros", "border"])}, [shape, places])
    yield Case("Resize1d", {"size": draw.size(), "mode": draw.choice(["nearest", "linear"])}, [draw.shape(3)])
    volume = {"size": draw.one_or_each(3, 3, 6), "mode": draw.choice(["nearest", "trilinear"])}
    yield Case("Resize3d", volume, [draw.shape(5, 2, 5)])
    yield Case("PixelShuffle", {"upscale_factor": 2}, [shape])
    yield Case("PixelUnshuffle", {"downscale_factor": 2}, [(2, 3, 4, 6)])
    yield Case("ChannelShuffle", {"groups": 2}, [shape])
    yield Case("Unfold", {"kernel_size": draw.one_or_each(2, 1, 2), "padding": draw.randint(0, 1)}, [shape])


def shapes(draw: Draw) -> Iterator[Case]:
    """Views."""
    rank = draw.randint(3, 5)
    shape = draw.shape(rank)
    yield Case("Flatten", {"start_dim": draw.randint(0, 1), "end_dim": draw.randint(-2, -1)}, [shape])
    yield Case("Permute", {"dims": draw.sample(range(rank), rank)}, [shape])
    more = draw.randint(6, 8)
    yield Case("Permute", {"dims": draw.sample(range(more), more)}, [draw.shape(more, 2, 3)])
    stride = {"step": draw.randint(2, 3), "start": draw.randint(0, 1), "dim": draw.randint(-rank, rank - 1)}
    yield Case("Stride", stride, [draw.shape(rank, 3, 7)])
    moved = draw.sample(range(rank), draw.randint(1, rank))
    yield Case("Roll", {"shifts": [draw.randint(-2, 2) for _ in moved], "dims": moved}, [shape])
    yield Case("PadAxes", {"amounts": [draw.randint(0, 2) for _ in shape]}, [shape])
    yield Case("Select", {"dim": draw.randint(-rank, rank - 1)}, [shape])
    yield Case("Unsqueeze", {"dim": draw.randint(0, rank)}, [shape])
    yield Case("Slice", {"start": 1, "length": shape[1] - 1, "dim": 1}, [shape])
    written = draw.randrange(rank)
    piece = (*shape[:written], shape[written] - 1, *shape[written + 1 :])
    behind = {"start": draw.randint(0, 1), "dim": written - draw.choice([0, rank])}
    yield Case("SliceScatter", behind, [shape, piece])
    yield Case("Reshape", {"shape": [shape[0] * shape[1], *shape[2:]]}, [shape])
    yield Case("Unflatten", {"dim": 1, "sizes": [2, 3]}, [(2, 6, 5)])
    heads = draw.randint(1, 4)
    yield Case("Heads", {"heads": heads}, [(2, draw.size(), heads * draw.randint(1, 4))])
    yield Case("MergeHeads", {}, [draw.shape(4)])
    yield Case("RepeatHeads", {"n": draw.randint(2, 3)}, [draw.shape(4)])
    yield Case("RotateHalf", {}, [(*draw.shape(2), 2 * draw.randint(1, 4))])
    yield Case("Tokens", {}, [draw.shape(4)])
    yield Case("Plane", {"H": 3, "W": 4}, [(2, 12, 5)])


def recurrent(draw: Draw) -> Iterator[Case]:
    """Recurrent nets."""
    steps, batch, width = draw.randint(2, 5), draw.randint(2, 4), draw.randint(2, 7)
    arguments = {
        "hidden_size": draw.randint(2, 6),
        "num_layers": draw.randint(1, 3),
        "bias": draw.flag(),
        "batch_first": draw.flag(),
        "bidirectional": draw.flag(),
    }
    if arguments["num_layers"] > 1 and draw.flag():
        arguments["dropout"] = 0.2
    shape = (batch, steps, width) if arguments["batch_first"] else (steps, batch, width)
    stacked = {"hidden_size": draw.randint(2, 6), "num_layers": draw.randint(2, 3), "dropout": 0.2}
    for layer in ("RNN", "GRU", "LSTM"):
        yield Case(layer, arguments, [shape])
        yield Case(layer, stacked, [(steps, batch, width)])


def transformers(draw: Draw) -> Iterator[Case]:
    """Attention and the layers made of it."""
    heads = draw.randint(1, 3)
    width, batch_first = heads * draw.randint(2, 4), draw.flag()
    dropout, bias = draw.choice([0.0, 0.1]), draw.flag()
    batch, steps, others = 3, draw.randint(4, 6), draw.randint(2, 7)
    shape = (batch, steps, width) if batch_first else (steps, batch, width)
    memory = (batch, others, width) if batch_first else (others, batch, width)
    common = {"dropout": dropout, "bias": bias, "batch_first": batch_first}
    yield Case("MultiheadAttention", {"num_heads": heads, **common, "need_weights": draw.flag()}, [shape])
    yield Case("MultiheadCrossAttention", {"num_heads": heads, **common, "need_weights": draw.flag()}, [shape, memory])
    more = {
        "dim_feedforward": draw.randint(5, 20),
        "norm_first": draw.flag(),
        "activation": draw.choice(["relu", "gelu"]),
    }
    yield Case("TransformerEncoderLayer", {"nhead": heads, **common, **more}, [shape])
    yield Case("TransformerDecoderLayer", {"nhead": heads, **common, **more}, [shape, memory])
    layers = {"num_encoder_layers": draw.randint(1, 3), "num_decoder_layers": draw.randint(1, 3)}
    yield Case("Transformer", {"nhead": heads, **layers, **common, **more}, [memory, shape])
    queries, keys = (2, 4, steps, 8), (2, draw.choice([1, 2, 4]), others, 8)
    yield Case("FlashAttention", {}, [queries, keys, keys])
    mixed = (2, 4, others, 8)
    yield Case("MathAttention", {"dropout": 0.2}, [queries, mixed, mixed])
    yield Case("MathAttention", {"dropout": 0.2}, [queries, mixed, mixed], strided={2: [0, 2, 1, 3]})


def losses(draw: Draw) -> Iterator[Case]:
    """Losses."""
    classes, places = draw.randint(2, 9), draw.shape(draw.randint(0, 2))
    batch = draw.randint(2, 6)
    reduction = {"reduction": draw.choice(["mean", "sum", "none"])}
    scores, target = (batch, classes, *places), (batch, *places)
    yield Case(
        "CrossEntropyLoss", {"label_smoothing": draw.choice([0.0, 0.1]), **reduction}, [scores, target], {1: classes}
    )
    yield Case("NLLLoss", reduction, [scores, target], {1: classes})
    shape = draw.shape(draw.randint(1, 3))
    for layer in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCEWithLogitsLoss", "BCELoss", "KLDivLoss"):
        yield Case(layer, reduction, [shape, shape])


def attention(draw: Draw) -> Iterator[Case]:
    """Attention by itself, and the parts that MultiheadAttention and the kernels of CUDA are made of."""
    heads, steps, others, width = draw.randint(1, 4), *draw.shape(2, 3, 7), draw.randint(2, 6)
    queries, values = (2, heads, steps, width), (2, heads, others, width)
    shared = [(2, 2 * heads, steps, width), values, values]
    dropout = draw.choice([0.0, 0.1])
    yield Case("Attention", {"dropout": dropout}, [queries, values, values])
    yield Case("Attention", {"causal": True, "dropout": dropout}, [queries] * 3)
    yield Case("Attention", {"dropout": dropout}, shared)
    yield Case("MaskedAttention", {}, [queries, values, values, (2, 1, steps, others)], masks=frozenset({3}))
    groups = [(2, 2 * heads, steps, width), values, values]
    bias = draw.choice([(steps, others), (1, 1, 1, others), (2, 1, steps, others), (heads, steps, others)])
    learned = {"learned": draw.flag()}
    yield Case("BiasedAttention", {**learned, "dropout": dropout}, [queries, values, values, bias])
    yield Case("BiasedAttention", learned, [*groups, bias if len(bias) != 3 else (2 * heads, steps, others)])
    yield Case("BiasedAttention", learned, [queries, values, (2, heads, others, width + 1), bias])
    yield Case("FusedBiasAttention", {}, [queries, values, values, bias if len(bias) != 3 else (steps, others)])
    yield Case("MathBiasAttention", {"learned": True, "dropout": dropout}, [queries, values, values, bias])
    yield Case("EfficientAttention", {}, [queries, values, (2, heads, others, width + 1)])
    yield Case("UnevenAttention", {}, [queries, values, (2, heads, others, width + 1)])
    window = {"window": draw.randint(1, 4)}
    yield Case("FusedCappedAttention", {"cap": 3.0, "width": width, **window}, [queries] * 3)
    yield Case("FusedSinkAttention", window, [*[queries] * 3, (heads,)])
    yield Case("CausalMask", {"S": steps, "U": others}, [])
    yield Case("WindowMask", {"S": steps, "U": others, **window}, [])
    yield Case("RootScale", {"n": draw.randint(2, 9)}, [draw.shape(3)])
    rows = [(*draw.shape(2), width), (draw.randint(2, 5), width)]
    yield Case("Project", {}, rows)
    yield Case("Project", {}, rows, strided={0: [1, 0, 2]})
    yield Case("PackHeads", {"parts": 3}, [(steps, 2, 3 * width)])
    yield Case("SequenceHeads", {"heads": heads}, [(1, steps, 2, heads * width)])
    yield Case("MergeFirst", {"copied": True}, [queries])
    yield Case("FusedRMSNorm", {}, [(*draw.shape(2), width), (width,)])
    yield Case("FusedRMSNormPlain", {}, [(*draw.shape(2), width)])
    gates = {"width": draw.randint(2, 9), "bias": draw.flag()}
    yield Case("GateInput", gates, [(steps, 3, width)])
    yield Case("GateInput", gates, [(steps, 3, width)], strided={0: [1, 0, 2]})
    yield Case("States", {}, [(2, 3, steps, width)] * 2)
    yield Case("ReadState", {}, [(2, 3, steps, width), (2, steps, width)])


def tables(draw: Draw) -> Iterator[Case]:
    """Positions, masks and stretched tensors."""
    steps, width = draw.randint(2, 9), 2 * draw.randint(1, 5)
    yield Case("Positions", {"n": steps}, [])
    yield Case("RotaryEmbedding", {"n": steps, "e": width}, [])
    yield Case("HalfRotaryEmbedding", {"n": steps, "e": width}, [])
    rows = (draw.randint(3, 9), *draw.shape(draw.randint(0, 2)))
    yield Case("Lookup", {}, [rows, draw.shape(draw.randint(1, 3))], {1: rows[0]})
    shape = draw.shape(3)
    yield Case("MaskedFill", {}, [shape, shape[draw.randint(0, 2) :]], masks=frozenset({1}))
    yield Case("Expand", {"shape": list(shape)}, [(1, *shape[1:])])
    probability = draw.choice([0.0, 0.3])
    yield Case("StochasticDepth", {"p": probability, "mode": draw.choice(["row", "batch"])}, [draw.shape(4)])
    yield Case("SelectFeatures", {"count": draw.randint(1, 3)}, [(draw.randint(2, 6), draw.randint(3, 7))])


def mixtures(draw: Draw) -> Iterator[Case]:
    """The parts of a mixture of experts."""
    tokens, experts, active, width = draw.randint(3, 6), 2 * draw.randint(2, 4), draw.randint(1, 3), draw.randint(2, 5)
    routed = tokens * active
    yield Case("Best", {"count": active}, [(2, tokens, experts)])
    yield Case("GroupScores", {"groups": 2}, [(tokens, experts)])
    yield Case("WithinGroups", {"best": 1}, [(tokens, experts), (tokens, 2)])
    yield Case("Gather", {}, [(tokens, experts), (tokens, active)], {1: experts})
    yield Case("ByExpert", {}, [(tokens, active)], {0: experts})
    yield Case("Owners", {"count": active}, [(routed,)], {0: routed})
    yield Case("Dispatch", {}, [(1, tokens, width), (routed,)], {1: tokens})
    yield Case("Shares", {}, [(tokens, active), (routed,)], {1: routed})
    yield Case("Collect", {}, [(routed, width), (routed,), (1, tokens, width)], {1: tokens})


FAMILIES: tuple[Callable[[Draw], Iterator[Case]], ...] = (
    linear,
    convolutions,
    norms,
    elementwise,
    dropouts,
    pools,
    resizing,
    shapes,
    recurrent,
    transformers,
    attention,
    tables,
    mixtures,
    losses,
)


def draw_cases(seeds: range) -> list[Case]:
    """Every family once for each seed, each case once."""
    found: dict[str, Case] = {}
    for seed in seeds:
        for family in FAMILIES:
            for case in family(Draw(f"{family.__name__} {seed}")):
                found.setdefault(case.name, case)
    return list(found.values())
