"""The library against two records of measurements, without PyTorch.

`torch_layers.jsonl`: modules of torch.nn 2.13 with random constructors, float32, on a real CPU.
`torch_operations.jsonl`: single operations and layers in three precisions under fake tensors, on CPU (equal to a real
one except for what is named here) and on fake CUDA, which is derived: no card was seen.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from layer_derive import Input, derive

DATA = Path(__file__).parents[1] / "data"
LAYERS: list[dict[str, Any]] = [json.loads(line) for line in (DATA / "torch_layers.jsonl").read_text().splitlines()]
OPERATIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "torch_operations.jsonl").read_text().splitlines()
]

IMAGE, ROWS, SEQUENCE, VOLUME = (2, 4, 16, 16), (2, 5, 16), (2, 4, 16), (2, 4, 8, 8, 8)
HEADS = [(2, 3, 10, 16)] * 3
BLOCK = {"nhead": 4, "dim_feedforward": 32, "batch_first": True}

# Operation: layer, arguments, shapes of the inputs (a list in place of a tuple: indices).
SPELLED: dict[str, tuple[str, dict[str, Any], list[Any]]] = {
    "Linear_2d_bias": ("Linear", {"out": 24}, [(2, 16)]),
    "Linear_3d_bias": ("Linear", {"out": 24}, [ROWS]),
    "Linear_4d_bias": ("Linear", {"out": 24}, [(2, 3, 5, 16)]),
    "Linear_3d_nobias": ("Linear", {"out": 24, "bias": False}, [ROWS]),
    "Bilinear": ("Bilinear", {"out": 10}, [(2, 8), (2, 9)]),
    "Conv1d": ("Conv1d", {"out": 8, "kernel_size": 3, "padding": 1}, [SEQUENCE]),
    "Conv2d": ("Conv2d", {"out": 8, "kernel_size": 3, "padding": 1}, [IMAGE]),
    "Conv2d_nobias_stride2": (
        "Conv2d",
        {"out": 8, "kernel_size": 3, "stride": 2, "padding": 1, "bias": False},
        [IMAGE],
    ),
    "Conv2d_grouped": ("Conv2d", {"out": 8, "kernel_size": 3, "padding": 1, "groups": 2}, [IMAGE]),
    "Conv2d_depthwise": ("Conv2d", {"out": 4, "kernel_size": 3, "padding": 1, "groups": 4}, [IMAGE]),
    "Conv2d_padsame_evenk": ("Conv2d", {"out": 8, "kernel_size": 4, "same": True}, [IMAGE]),
    "Conv2d_reflect": ("Conv2d", {"out": 8, "kernel_size": 3, "padding": 1, "padding_mode": "reflect"}, [IMAGE]),
    "Conv3d": ("Conv3d", {"out": 8, "kernel_size": 3, "padding": 1}, [(2, 4, 6, 8, 8)]),
    "ConvTranspose2d": ("ConvTranspose2d", {"out": 8, "kernel_size": 2, "stride": 2}, [IMAGE]),
    "BatchNorm1d_2d": ("BatchNorm1d", {}, [(2, 16)]),
    "BatchNorm2d": ("BatchNorm2d", {}, [IMAGE]),
    "BatchNorm2d_noaffine": ("BatchNorm2d", {"affine": False}, [IMAGE]),
    "BatchNorm2d_eval": ("BatchNorm2d", {}, [IMAGE]),
    "InstanceNorm2d": ("InstanceNorm2d", {"affine": True}, [IMAGE]),
    "LayerNorm_3d": ("LayerNorm", {}, [ROWS]),
    "LayerNorm_noaffine": ("LayerNorm", {"affine": False}, [ROWS]),
    "RMSNorm_nn": ("RMSNorm", {}, [ROWS]),
    "RMSNorm_hf_manual": ("LlamaRMSNorm", {}, [ROWS]),
    "GroupNorm": ("GroupNorm", {"groups": 2}, [IMAGE]),
    "LocalResponseNorm": ("LocalResponseNorm", {"size": 3}, [IMAGE]),
    "GELU_tanh": ("GELU", {"approximate": "tanh"}, [ROWS]),
    "GLU": ("GLU", {}, [ROWS]),
    "PReLU": ("PReLU", {}, [ROWS]),
    **{
        name: (name, {}, [ROWS])
        for name in [
            "ReLU",
            "ReLU6",
            "GELU",
            "SiLU",
            "Sigmoid",
            "Tanh",
            "LeakyReLU",
            "ELU",
            "SELU",
            "CELU",
            "Mish",
            "Softplus",
            "Softsign",
            "Hardswish",
            "Hardsigmoid",
            "Hardtanh",
            "LogSigmoid",
            "Softmax",
            "LogSoftmax",
            "Identity",
            "RReLU",
            "Dropout",
            "AlphaDropout",
        ]
    },
    **{
        f"{name}_inplace": (name, {"inplace": True}, [ROWS])
        for name in ("ReLU", "SiLU", "Hardswish", "LeakyReLU", "ReLU6")
    },
    "Dropout_p0": ("Dropout", {"p": 0.0}, [ROWS]),
    "Dropout_eval": ("Dropout", {}, [ROWS]),
    "Dropout2d": ("Dropout2d", {}, [IMAGE]),
    "Embedding": ("Embedding", {"num_embeddings": 50, "embedding_dim": 16}, [[2, 7]]),
    "MaxPool1d": ("MaxPool1d", {"kernel_size": 2}, [SEQUENCE]),
    "MaxPool2d": ("MaxPool2d", {"kernel_size": 2}, [IMAGE]),
    "MaxPool3d": ("MaxPool3d", {"kernel_size": 2}, [VOLUME]),
    "AdaptiveMaxPool2d": ("AdaptiveMaxPool2d", {"output_size": 4}, [IMAGE]),
    "AvgPool1d": ("AvgPool1d", {"kernel_size": 2}, [SEQUENCE]),
    "AvgPool2d": ("AvgPool2d", {"kernel_size": 2}, [IMAGE]),
    "AvgPool3d": ("AvgPool3d", {"kernel_size": 2}, [VOLUME]),
    "AdaptiveAvgPool2d_1": ("AdaptiveAvgPool2d", {"output_size": 1}, [IMAGE]),
    "AdaptiveAvgPool2d_7": ("AdaptiveAvgPool2d", {"output_size": 7}, [IMAGE]),
    "Upsample_nearest": ("Upsample", {}, [IMAGE]),
    "Upsample_bilinear": ("Upsample", {"mode": "bilinear"}, [IMAGE]),
    "Upsample_bicubic": ("Upsample", {"mode": "bicubic"}, [IMAGE]),
    "PixelShuffle": ("PixelShuffle", {"upscale_factor": 2}, [IMAGE]),
    "ZeroPad2d": ("ZeroPad2d", {"padding": 1}, [IMAGE]),
    "ReflectionPad2d": ("ReflectionPad2d", {"padding": 1}, [IMAGE]),
    "Unfold": ("Unfold", {"kernel_size": 3}, [IMAGE]),
    "Flatten": ("Flatten", {}, [IMAGE]),
    "add": ("Add", {}, [ROWS, ROWS]),
    "mul": ("Mul", {}, [ROWS, ROWS]),
    "mul_broadcast_gate": ("Mul", {}, [IMAGE, (2, 4, 1, 1)]),
    "mul_scalar": ("Scale", {"by": 2.0}, [ROWS]),
    "div": ("Div", {}, [ROWS, ROWS]),
    "div_scalar": ("Scale", {"by": 0.5}, [ROWS]),
    "pow2": ("Pow", {"exponent": 2}, [ROWS]),
    "sqrt": ("Sqrt", {}, [ROWS]),
    "exp": ("Exp", {}, [ROWS]),
    "log": ("Log", {}, [ROWS]),
    "mean": ("Mean", {}, [ROWS]),
    "sum": ("Sum", {}, [ROWS]),
    "max_dim": ("Max", {}, [ROWS]),
    "matmul_bmm": ("MatMul", {}, [ROWS, (2, 16, 6)]),
    "matmul_4d": ("MatMul", {}, [(2, 3, 5, 16), (2, 3, 16, 6)]),
    "reshape_view": ("Reshape", {"shape": [2, 80]}, [ROWS]),
    "transpose": ("Transpose", {}, [ROWS]),
    "clamp": ("Clamp", {"min": 0.0, "max": 1.0}, [ROWS]),
    "maximum": ("Maximum", {}, [ROWS, ROWS]),
    "normalize_l2": ("Normalize", {}, [ROWS]),
    "rope_apply": ("RoPE", {}, [(2, 3, 5, 16), (1, 1, 5, 16), (1, 1, 5, 16)]),
    "sdpa": ("Attention", {}, HEADS),
    "sdpa_causal": ("Attention", {"causal": True}, HEADS),
    "sdpa_drop": ("Attention", {"dropout": 0.1}, HEADS),
    "sdpa_gqa": ("Attention", {}, [(2, 4, 10, 16), (2, 2, 10, 16), (2, 2, 10, 16)]),
    "MHA_need_weights": ("MultiheadAttention", {"num_heads": 4, "batch_first": True}, [ROWS]),
    "MHA_no_weights": ("MultiheadAttention", {"num_heads": 4, "batch_first": True, "need_weights": False}, [ROWS]),
    "MHA_need_weights_drop": ("MultiheadAttention", {"num_heads": 4, "batch_first": True, "dropout": 0.1}, [ROWS]),
    "TransformerEncoderLayer": ("TransformerEncoderLayer", BLOCK, [ROWS]),
    "TransformerDecoderLayer": ("TransformerDecoderLayer", {**BLOCK, "dropout": 0.0}, [ROWS, (2, 6, 16)]),
    "RNN_tanh": ("RNN", {"hidden_size": 16, "batch_first": True}, [(2, 5, 8)]),
    "LSTM": ("LSTM", {"hidden_size": 16, "batch_first": True}, [(2, 5, 8)]),
    "LSTM_seqfirst": ("LSTM", {"hidden_size": 16}, [(5, 2, 8)]),
    "LSTM_bi_2layer": (
        "LSTM",
        {"hidden_size": 16, "num_layers": 2, "batch_first": True, "bidirectional": True},
        [(2, 5, 8)],
    ),
    "GRU": ("GRU", {"hidden_size": 16, "batch_first": True}, [(2, 5, 8)]),
    "cross_entropy": ("CrossEntropyLoss", {}, [(10, 16), [10]]),
    "cross_entropy_smooth": ("CrossEntropyLoss", {"label_smoothing": 0.1}, [(10, 16), [10]]),
    "mse_loss": ("MSELoss", {}, [(2, 16), (2, 16)]),
    "l1_loss": ("L1Loss", {}, [(2, 16), (2, 16)]),
    "smooth_l1": ("SmoothL1Loss", {}, [(2, 16), (2, 16)]),
}
# Fake CUDA tensors take paths that a card does not: no fused attention, no cuDNN, no fused norm.
OTHER_PATH = {"RMSNorm_nn", "RNN_tanh", "LSTM", "LSTM_seqfirst", "LSTM_bi_2layer", "GRU"} | {
    name for name in SPELLED if name.startswith(("sdpa", "MHA_no", "Transformer"))
}
# On a float32 input, the CPU's autocast pads in float32 before the convolution.
NOT_ALONE = {("Conv2d_reflect", "mixed-bf16")}


def _given(spelled: list[Any]) -> list[Input]:
    return [Input(tuple(shape), isinstance(shape, list)) for shape in spelled]


@pytest.mark.parametrize(
    "record",
    [
        one
        for one in OPERATIONS
        if one["op"] in SPELLED
        and (one["backend"] == "cpu" or one["op"] not in OTHER_PATH)
        and (one["op"], one["precision"]) not in NOT_ALONE
    ],
    ids=lambda one: f"{one['op']}-{one['backend']}-{one['precision']}",
)
def test_operation(record: dict[str, Any]) -> None:
    layer, arguments, shapes = SPELLED[record["op"]]
    found = derive(
        layer,
        arguments,
        _given(shapes),
        [len(shape) for shape in record["shapes"]],
        precision=record["precision"],
        backend=record["backend"],
        train=not record["op"].endswith("_eval"),
        fresh=bool(arguments.get("inplace")),
    )
    assert found["activations.saved"] == record["kept"]
    assert [list(shape) for shape in found["shapes"]] == record["shapes"]


FUSED = [
    ("aten_sdpa_flash_cuda", "bf16", "FlashAttention", HEADS),
    ("aten_sdpa_efficient_cuda", "fp32", "FlashAttention", HEADS),
    ("aten_native_dropout", "fp32", "Dropout", [ROWS]),
    ("aten_native_dropout", "bf16", "Dropout", [ROWS]),
]


@pytest.mark.parametrize(("op", "precision", "layer", "shapes"), FUSED)
def test_kernel_of_cuda(op: str, precision: str, layer: str, shapes: list[Any]) -> None:
    """The operators that CUDA runs, called by name on fake tensors."""
    kept = {one["kept"] for one in OPERATIONS if one["op"] == op and one["precision"] == precision}
    found = derive(layer, {}, _given(shapes), [len(shapes[0])], precision=precision, backend="cuda")
    assert {found["activations.saved"]} == kept


@pytest.mark.parametrize("record", LAYERS, ids=lambda one: f"{one['layer']}-{one['arguments']}".replace(" ", ""))
def test_module(record: dict[str, Any]) -> None:
    inputs = [Input(tuple(one["shape"]), one["integers"]) for one in record["inputs"]]
    if record["layer"] == "MultiheadAttention":
        assert len({one.shape for one in inputs}) == 1
        inputs = inputs[:1]
    found = derive(record["layer"], record["arguments"], inputs, [len(shape) for shape in record["shapes"]])
    assert found["params"] == record["params"]
    assert found["buffers"] == record["buffers"]
    assert [list(shape) for shape in found["shapes"]] == record["shapes"]
    assert found["activations.saved"] == record["kept"]
