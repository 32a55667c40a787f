"""What differs between backends: one table of rules.

The default of every report is CUDA, and what its kernels keep beyond what CPU kernels keep was derived from fake CUDA
tensors and PyTorch's derivative table. This table says each such rule with its source, and whether a run on a card has
confirmed it (`tests/cuda`). The layer library states the rules where they hold, in lines with `policy.backend`; a test
holds both together. Reports name the rules that their numbers hang on, as long as they are not confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from archspec.elaborate.program import Operation, Program
    from archspec.policy import Policy

BITS: dict[str, dict[str, int | None]] = {
    "mask": {"cuda": 8, "cpu": None},
    "stat": {"cuda": 32, "cpu": None},
}
"""Bits of an element of a dropout mask and of a norm's statistic; None: those of the layer's input."""

SAVED = ("activations.saved",)
EVERY = ("activations.outputs", "activations.saved", "activations.peak")


class Rule(NamedTuple):
    """One rule. (A dataclass would cost every start of archspec a millisecond.)

    what: for the line of a report. cuda, cpu: what each does. source: where it is from; D stands for derivatives.yaml.
    layers: the blocks of the library whose lines say it. kernels: the operations of an elaborated model that it is
    about, if they are not these. regimes, mode: where it makes a difference to a number. argument: with which values of
    which argument, if not with all. dtype: the class of the storages that it is about, if it is about their bytes.
    quantities: the numbers that hang on it.
    confirmed: the card and the version of PyTorch that it was seen on; empty: none so far.
    """

    name: str
    what: str
    cuda: str
    cpu: str
    source: str
    layers: tuple[str, ...]
    kernels: tuple[str, ...] = ()
    regimes: tuple[str, ...] = ("float32", "half", "autocast")
    mode: str = ""
    argument: tuple[str, tuple[str, ...]] | None = None
    dtype: str = ""
    quantities: tuple[str, ...] = SAVED
    confirmed: str = ""

    def holds(self, operation: Operation) -> bool:
        """Whether an operation of a model is one that the rule is about."""
        if operation.kind not in (self.kernels or self.layers):
            return False
        if self.argument is not None and operation.instance.arguments.get(self.argument[0]) not in self.argument[1]:
            return False
        return not self.dtype or any(one.dtype.partition(":")[0] == self.dtype for one in operation.kept)


BATCH_NORMS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d")

RULES = (
    Rule(
        "dropout-mask",
        "dropout masks",
        "a mask of bools: 1 byte an element",
        "noise in the dtype of the input, which it is multiplied with",
        "D: native_dropout",
        ("Dropout",),
        dtype="mask",
    ),
    Rule(
        "norm-statistics",
        "norm statistics",
        "float32",
        "the dtype of the input",
        "D: native_batch_norm, native_layer_norm",
        (*BATCH_NORMS, "LayerNorm"),
        regimes=("half", "autocast"),
        dtype="stat",
    ),
    Rule(
        "norm-statistics-in-eval",
        "norm statistics in evaluation",
        "written, although running ones are used",
        "empty",
        "D: native_batch_norm, cudnn_batch_norm",
        BATCH_NORMS,
        mode="eval",
        dtype="stat",
    ),
    Rule(
        "fused-attention",
        "fused attention",
        "memory-efficient in float32, and with a mask: sums padded to a multiple of 32 rows, 16 bytes of random state; "
        "flash in half precision: sums and 24 bytes; dropout keeps nothing more; heads side by side",
        "one float32 number a row; with dropout, or keys wider than values, plain products in float32",
        "D: _scaled_dot_product_flash_attention, _scaled_dot_product_efficient_attention, and their CPU relative",
        (
            "Attention", "HeadMix", "T5Attention", "LatentAttention", "UnevenAttention",
            "FlashAttention", "MaskedAttention", "BiasedFusedAttention", "BiasedAttention", "FusedBiasAttention",
        ),
        kernels=(
            "FlashAttention", "MaskedAttention", "EfficientAttention", "BiasedFusedAttention", "FusedBiasAttention",
        ),
    ),
    Rule(
        "fused-rms-norm",
        "fused RMS norm",
        "one kernel, which keeps the input and one float32 number a vector",
        "elementary operations in float32, which keep the normalised vector too",
        "D: _fused_rms_norm",
        ("RMSNorm",),
        kernels=("FusedRMSNorm", "FusedRMSNormPlain"),
        quantities=EVERY,
    ),
    Rule(
        "autocast-lists",
        "autocast's list of operations",
        "norms, softmax, powers, exponentials, logarithms, sums and resizing in float32",
        "three-dimensional average pooling, padding by reflection or replication and reading at places in float32, "
        "these others not",
        "PyTorch's page on automatic mixed precision: the lists of operations by device",
        (
            "LayerNorm", "GroupNorm", "Softmax", "Softmin", "LogSoftmax", "Softplus", "Reciprocal", "Pow", "Rsqrt",
            "Exp", "Log", "Sum", "SumOver", "CumSum", "Upsample", "Resize", "Resize1d", "Resize3d", "GridSample",
            "AvgPool3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d",
            "ReplicationPad2d", "ReplicationPad3d",
        ),
        regimes=("autocast",),
        quantities=EVERY,
    ),
    Rule(
        "padded-convolution",
        "padded convolutions under autocast",
        "pads in half precision",
        "pads a float32 cast, which is kept",
        "PyTorch's page on automatic mixed precision: reflection_pad and replication_pad on cpu",
        ("Conv1d", "Conv2d", "Conv3d"),
        regimes=("autocast",),
        argument=("padding_mode", ("reflect", "replicate")),
        quantities=EVERY,
    ),
    Rule(
        "recurrent-kernels",
        "recurrent kernels",
        "cuDNN: the output and the first states; its reserve is opaque and not counted",
        "oneDNN for an LSTM: states and biases, and an opaque workspace; step by step for others: every gate and state",
        "D: _cudnn_rnn, mkldnn_rnn_layer",
        ("GRULayer", "GateInput", "RNNSteps", "GRUSteps", "LSTMSteps"),
        kernels=("RNNSteps", "GRUSteps", "LSTMSteps"),
    ),
    Rule(
        "log-sigmoid-buffer",
        "the buffer of LogSigmoid",
        "empty",
        "as large as the input",
        "D: log_sigmoid_forward",
        ("LogSigmoid",),
    ),
)  # fmt: skip
"""All rules. Sources that begin with D are entries of derivatives.yaml, which lies in the torch wheel."""


def unconfirmed(program: Program, policy: Policy, rules: Iterable[Rule] = RULES) -> list[Rule]:
    """The rules that numbers of a model hang on under a policy, and that no card has confirmed."""
    if policy.backend != "cuda":
        return []
    asked = [
        rule
        for rule in rules
        if not rule.confirmed and policy.regime in rule.regimes and rule.mode in ("", policy.mode)
    ]
    operations = list(program.region.operations()) if asked else []
    return [rule for rule in asked if any(rule.holds(one) for one in operations)]


def derived(program: Program, policy: Policy, rules: Iterable[Rule] = RULES) -> str:
    """The line of a report: which numbers are derived for CUDA and not confirmed. Empty where none are."""
    found = unconfirmed(program, policy, rules)
    if not found:
        return ""
    names = dict.fromkeys(name for rule in found for name in rule.quantities)
    which = ", ".join(rule.what for rule in found)
    return f"{', '.join(names)} for cuda, not yet confirmed on a card ({which})"


def table() -> str:
    """The rules as a table in Markdown, for docs/quantities.md."""
    rows = ["| rule | on `cuda` | on `cpu` | source | layers | seen on a card |", "|---|---|---|---|---|---|"]
    for rule in RULES:
        source = rule.source.replace("D: ", "derivatives.yaml: ")
        layers = ", ".join(f"`{name}`" for name in rule.layers)
        seen = rule.confirmed or "not yet"
        rows.append(f"| {rule.what} | {rule.cuda} | {rule.cpu} | {source} | {layers} | {seen} |")
    return "\n".join(rows)
