"""What is not in the architecture: precision, backend, attention kernel, mode.

A *regime* (float32, half, autocast) decides which tensors exist; the bytes per element of a dtype
class are a second, later question. Source of both tables: docs/quantities.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from archspec.backends import BITS

ELEMENT_BITS = {
    "float64": 64,
    "float32": 32,
    "bfloat16": 16,
    "float16": 16,
    "float8": 8,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "int4": 4,
    "bool": 8,
}
SHORT_NAMES = {"fp64": "float64", "fp32": "float32", "bf16": "bfloat16", "fp16": "float16", "fp8": "float8"}
POLICY_CLASSES = ("act", "mask", "stat")
FLOATS = frozenset({"act", "param", "float64", "float32", "bfloat16", "float16", "float8"})


@dataclass(frozen=True)
class Precision:
    """A named precision: the regime and the dtype of each role."""

    regime: str
    parameter: str
    activation: str


PRECISIONS = {
    "fp32": Precision("float32", "float32", "float32"),
    "bf16": Precision("half", "bfloat16", "bfloat16"),
    "fp16": Precision("half", "float16", "float16"),
    "mixed-bf16": Precision("autocast", "float32", "bfloat16"),
    "mixed-fp16": Precision("autocast", "float32", "float16"),
    "bf16-master": Precision("half", "bfloat16", "bfloat16"),
}
PRECISION_ALIASES = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}

CHOICES = {
    "precision": tuple(PRECISIONS),
    "backend": ("cuda", "cpu"),
    "attention": ("sdpa", "eager"),
    "mode": ("train", "eval"),
    "cache": ("full", "window"),
    "cache_precision": ("", "fp32", "bf16", "fp16", "fp8", "int8", "int4"),
}


LINES = (
    *("optimizer", "step", "loss", "weights", "device", "teacher"),
    *("checkpoint", "freeze", "lora", "shard", "accumulate"),
)
"""What the lines of a plan begin with, besides the choices below that it may make too."""
STEPS = ("foreach", "for-loop")
LOSSES = ("cross-entropy", "mse", "none")


@dataclass(frozen=True)
class Lora:
    """Low-rank adapters beside the layers of some names (Hu et al., 2021); everything else is frozen."""

    rank: int
    targets: tuple[str, ...]
    dropout: Fraction = Fraction(0)

    def __str__(self) -> str:
        dropout = f" dropout = {float(self.dropout):g}" if self.dropout else ""
        return f"rank = {self.rank}{dropout} on {', '.join(self.targets)}"


def _options(**numbers: int) -> str:
    return "".join(f" {name} = {number}" for name, number in numbers.items() if number > 1)


@dataclass(frozen=True)
class Mesh:
    """How a model is spread over devices; every number that is not said is 1.

    data: copies of the model; zero: what they share among them: nothing, the states of the optimizer (1), gradients too
    (2), parameters too (3). tensor: devices that share the matrices of a layer; sequence: what lies between is cut
    along the sequence. pipeline: stages of consecutive layers, `interleave` pieces on each device. microbatches: how
    many are under way at most, if fewer than the schedule would have. context: devices that share a sequence.
    expert: devices that share the experts.
    """

    data: int = 1
    zero: int = 0
    tensor: int = 1
    sequence: bool = False
    pipeline: int = 1
    interleave: int = 1
    microbatches: int = 0
    context: int = 1
    expert: int = 1

    def sizes(self) -> dict[str, int]:
        """The axes with more than one device, by the symbols that formulas have for them."""
        found = {"dp": self.data, "tp": self.tensor, "pp": self.pipeline, "cp": self.context, "ep": self.expert}
        return {name: size for name, size in found.items() if size > 1}

    def __str__(self) -> str:
        parts: list[str] = []
        for axis, options in (
            ("data", f" zero = {self.zero}" if self.zero else ""),
            ("tensor", " sequence" if self.sequence else ""),
            ("pipeline", _options(interleave=self.interleave, microbatches=self.microbatches)),
            ("context", ""),
            ("expert", ""),
        ):
            size = getattr(self, axis)
            if size > 1:
                parts.append(f"{axis} = {size}{options}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Policy:
    """The choices under which a model is sized.

    inputs_grad: the model's inputs need gradients too. frozen: paths of parameters that are not trained.
    checkpoint: names or paths of layers that keep their inputs only and are run again in the backward pass.
    lora: adapters. All names are patterns as a shell has them (`h.*`).
    optimizer: what trains it; the empty text: nothing was chosen, and what hangs on it is not known.
    step: whether the optimizer works on all parameters at once or one by one; empty: as PyTorch does on the backend.
    loss: what is computed from the outputs; empty: cross-entropy where an output is called `logits`, else nothing.
    weights: the format that weights are stored in; empty: the precision's. mesh: how it is spread over devices.
    device: what it should fit on. accumulate: backward passes whose gradients are added up before a step.
    teacher: a model that runs beside it, to be learned from.
    cache: a layer that looks at a window caches all positions (`full`) or only those of its window (`window`).
    cache_precision: what keys and values are cached in; the empty text: what they are computed in.
    """

    precision: str = "fp32"
    backend: str = "cuda"
    attention: str = "sdpa"
    mode: str = "train"
    cache: str = "full"
    cache_precision: str = ""
    inputs_grad: bool = False
    frozen: tuple[str, ...] = field(default=())
    checkpoint: tuple[str, ...] = field(default=())
    lora: Lora | None = None
    optimizer: str = ""
    step: str = ""
    loss: str = ""
    weights: str = ""
    mesh: Mesh = field(default=Mesh())
    device: str = ""
    accumulate: int = 1
    teacher: str = ""

    @property
    def regime(self) -> str:
        """`float32`, `half` or `autocast`."""
        return PRECISIONS[self.precision].regime

    def with_(self, **changes: object) -> Policy:
        """The same policy with some choices changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # checked by `parse_choice` at the edges

    def to_dict(self) -> dict[str, Any]:
        """The part that the JSON report shows: the four that always are chosen, and whatever else was."""
        chosen: dict[str, Any] = {
            "precision": self.precision,
            "backend": self.backend,
            "attention": self.attention,
            "mode": self.mode,
        }
        if self.cache != Policy.cache:
            chosen["cache"] = self.cache
        for name in ("cache_precision", "optimizer", "step", "loss", "weights", "device", "teacher", "inputs_grad"):
            if getattr(self, name):
                chosen[name] = getattr(self, name)
        for name in ("frozen", "checkpoint"):
            if getattr(self, name):
                chosen[name] = list(getattr(self, name))
        if self.accumulate > 1:
            chosen["accumulate"] = self.accumulate
        if self.lora is not None:
            chosen["lora"] = str(self.lora)
        if self.mesh != Mesh():
            chosen["shard"] = str(self.mesh)
        return chosen

    def answers(self) -> dict[str, str]:
        """What a spec can ask for: `policy.mode` and so on."""
        return {**{name: getattr(self, name) for name in CHOICES}, "regime": self.regime}

    def bits(self, dtype: str) -> int:
        """Bits per element of a dtype or dtype class.

        `grad` and `state`: a gradient has its parameter's dtype, and so have an optimizer's states, but those beside a
        float32 copy of the weights, which are float32 too.
        `mask:D` and `stat:D` are a dropout mask and a norm statistic of a layer whose input has dtype D:
        the dtype of that input on cpu; one byte and float32 on cuda (the table in backends.py).
        """
        if dtype == "act":
            return ELEMENT_BITS[PRECISIONS[self.precision].activation]
        if dtype == "param":
            return ELEMENT_BITS[PRECISIONS[self.precision].parameter]
        if dtype == "grad":
            return self.bits("param")
        if dtype == "step":
            return 8
        if dtype == "state":
            return 32 if self.precision == "bf16-master" else self.bits("param")
        family, _, of = dtype.partition(":")
        if family in BITS:
            bits = BITS[family][self.backend]
            return self.bits(of) if bits is None else bits
        return ELEMENT_BITS[dtype]


def parse_choice(name: str, value: str) -> str | None:
    """The value of a policy choice under its official name, or None if there is no such value."""
    if name == "precision":
        value = PRECISION_ALIASES.get(value, value)
    return value if value in CHOICES[name] else None


def dtype_named(name: str) -> str | None:
    """The official name of a dtype or dtype class written in a spec, or None."""
    name = SHORT_NAMES.get(name, name)
    if name in ELEMENT_BITS or name in POLICY_CLASSES:
        return name
    return None
