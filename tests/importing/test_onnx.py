"""Models of PyTorch that were exported to ONNX, as specs: each holds what PyTorch counts in the model itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("torch")

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archspec.importing.errors import CannotImport
from tests.cli.conftest import Archspec
from tests.importing import onnx_models as made
from tests.importing.onnx_models import export, import_file, outputs, sizes

TEXT, PICTURE = {0: "B", 1: "S"}, {0: "B", 2: "H", 3: "W"}
Make = Callable[[], nn.Module]
MODELS: dict[str, tuple[Make, str, dict[int, str]]] = {
    "causal": (partial(made.Language, made.CausalAttention, layers=2), "tokens", TEXT),
    "tied": (partial(made.Language, made.FusedAttention, layers=1, tied=True), "tokens", TEXT),
    "encoder": (made.Encoder, "tokens", TEXT),
    "shared": (partial(made.Encoder, shared=True), "tokens", TEXT),
    "attending": (made.Attending, "vectors", TEXT),
    "pictures": (made.Pictures, "picture", PICTURE),
    "scaled": (made.Scaled, "wide", TEXT),
    "lstm": (partial(made.Steps, nn.LSTM, bidirectional=True), "tokens", {0: "B"}),
    "gru": (partial(made.Steps, nn.GRU, last=True, num_layers=2), "tokens", {0: "B"}),
}
INPUTS: dict[str, Callable[[], torch.Tensor]] = {
    "tokens": lambda: torch.randint(0, 30, (2, 8)),
    "vectors": lambda: torch.randn(2, 8, 8),
    "wide": lambda: torch.randn(2, 8, 16),
    "picture": lambda: torch.randn(2, 3, 32, 32),
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[nn.Module, Path]]:
    """A model of the table and its file. A style is `open` axes, `closed` ones, the `older` exporter, or others."""
    folder = tmp_path_factory.mktemp("onnx")
    known: dict[tuple[str, str], tuple[nn.Module, Path]] = {}

    def make(name: str, style: str, change: Callable[[nn.Module], None] | None = None) -> tuple[nn.Module, Path]:
        if (name, style) not in known:
            builder, kind, axes = MODELS[name]
            model = builder().eval()
            if change is not None:
                change(model)
            path = folder / style / f"{name}.onnx"
            path.parent.mkdir(exist_ok=True)
            settings: dict[str, Any] = {"optimize": False} if style == "whole" else {}
            given = axes if style not in ("closed", "whole") else None
            export(model, (INPUTS[kind](),), path, axes=given, older=style == "older", **settings)
            known[name, style] = model, path
        return known[name, style]

    return make


def held(model: nn.Module) -> tuple[int, int]:
    """The elements of a model's parameters and buffers; a tied parameter counts once."""
    return sum(one.numel() for one in model.parameters()), sum(one.numel() for one in model.buffers())


# --- parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_parameters_are_those_of_the_model(name: str, exported: Any) -> None:
    """Also at other sizes of the axes, at which the model itself gives what the text says."""
    model, path = exported(name, "open")
    found = import_file(path)
    _, kind, axes = MODELS[name]
    example = INPUTS[kind]()
    shape = list(example.shape)
    for place in axes:
        shape[place] = 3 if place == 0 else shape[place] + 12
    other = torch.randint(0, 30, shape) if kind == "tokens" else torch.randn(shape)
    report = sizes(found, **{axis: shape[place] for place, axis in axes.items()})
    assert (report["params"], report["buffers"]) == held(model)
    assert f"params == {report['params']:_} }}" in found.text
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):  # it counts no fused attention on CPU
        output = model(other)
    assert outputs(report) == [list(output.shape)]
    if name not in ("lstm", "gru"):  # of which it counts no steps
        assert report["flops.forward"] == counter.get_total_flops()


def test_axes_have_the_names_of_the_file(exported: Any) -> None:
    assert "x[B, S]: int64 -> y[B, S, m]" in import_file(exported("causal", "open")[1]).text
    assert "x[B, 3, H, W] -> y[B, m]" in import_file(exported("pictures", "open")[1]).text
    assert "x[2, 8, 8] -> y[" in import_file(exported("attending", "closed")[1]).text


@pytest.mark.parametrize("name", ["attending", "shared"])
def test_axes_that_are_closed(name: str, exported: Any) -> None:
    model, path = exported(name, "closed")
    assert sizes(import_file(path))["params"] == held(model)[0]


@pytest.mark.parametrize("name", ["causal", "encoder", "shared", "lstm"])
def test_the_older_exporter(name: str, exported: Any) -> None:
    model, path = exported(name, "older")
    found = import_file(path)
    assert found.exact, found.text
    assert f"params == {held(model)[0]:_} }}" in found.text


@pytest.mark.parametrize("name", ["encoder", "pictures", "scaled"])
def test_what_weights_are_changes_nothing(name: str, exported: Any) -> None:
    """New models have equal vectors and zeros, of which the exporter stores one or none; trained ones have not."""

    def train(model: nn.Module) -> None:
        with torch.no_grad():
            for one in model.parameters():
                one.normal_()

    _, new = exported(name, "open")
    _, trained = exported(name, "trained", train)
    assert import_file(new).text == import_file(trained).text


@pytest.mark.parametrize("name", ["causal", "scaled"])
def test_what_the_exporter_does_not_work_out_is_whole(name: str, exported: Any) -> None:
    model, path = exported(name, "whole")
    report = sizes(import_file(path))
    assert (report["params"], report["buffers"]) == held(model)


# --- where a file is not the model ------------------------------------------------------------------------------------


class Places(nn.Module):
    """Adds what it knows of places, in some way."""

    def __init__(self, way: Callable[[Any, int], Any], spare: bool) -> None:
        super().__init__()
        self.up, self.way = nn.Linear(8, 8), way
        self.places = nn.Parameter(torch.randn(1, 64, 8))
        self.spare = nn.Linear(8, 9) if spare else None

    def forward(self, x: Any) -> Any:
        return self.up(self.way(self.places, x.shape[1]) + x)


def _differs(tmp_path: Path, way: Callable[[Any, int], Any], length: int, *, spare: bool = False) -> list[str]:
    """What is said to differ in an export of fixed sizes; the top of the text says the same."""
    path = tmp_path / "places.onnx"
    export(Places(way, spare).eval(), (torch.randn(2, length, 8),), path)
    found = import_file(path)
    told = [one.text for one in found.gaps]
    assert [line for line in found.text.splitlines() if line.startswith("#")] == [f"# differs: {one}" for one in told]
    assert found.error == ""
    return told


@pytest.mark.parametrize(
    ("way", "function"),
    [
        (lambda places, n: nn.functional.embedding(torch.arange(n), places[0]), "embedding"),
        (lambda places, n: places[0, :n].unsqueeze(0), "unsqueeze"),
        (lambda places, n: places[:, :n].clone(), "clone"),
        (lambda places, _: places[:, 0], "select"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_table_that_the_exporter_may_have_cut_differs(way: Any, function: str, tmp_path: Path) -> None:
    (told,) = _differs(tmp_path, way, 16)
    assert told.startswith(f"params: `places` is in the file as the exporter arranged it, `{function}")
    assert "whether that is all of it is not told (optimize=False keeps it whole)" in told


def test_what_is_certainly_cut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotImport, match=r"slice in places: worked out by the exporter.*optimize=False"):
        _differs(tmp_path, lambda places, n: places[:, :n], 16)


@pytest.mark.parametrize("way", [lambda places, n: places[:, :n], lambda places, _: places], ids=["slice", "plain"])
def test_a_table_of_which_all_is_there_does_not_differ(way: Any, tmp_path: Path) -> None:
    assert _differs(tmp_path, way, 64) == []


def test_a_vector_in_another_order_is_all_there(tmp_path: Path) -> None:
    class Vector(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.up = nn.Parameter(torch.randn(1, 1, 8)), nn.Linear(8, 8)

        def forward(self, x: Any) -> Any:
            return self.up(torch.cat([self.first.expand(x.shape[0], -1, -1), x], 1))

    path = tmp_path / "vector.onnx"
    export(Vector().eval(), (torch.randn(2, 16, 8),), path)
    found = import_file(path)
    assert sizes(found)["params"] == 8 + 72
    assert "`first` is in the file as the exporter arranged it, `expand`." in found.text


def test_parameters_that_are_in_no_file_differ_where_the_file_names_them(tmp_path: Path) -> None:
    (told,) = _differs(tmp_path, lambda places, _: places, 64, spare=True)
    assert told == "params: not counted, because nothing in the file takes them: `spare.weight`, `spare.bias`"


def test_which_parameter_was_worked_out_is_said_only_where_it_is_known(tmp_path: Path) -> None:
    told = _differs(tmp_path, lambda places, n: places[0, :n].unsqueeze(0), 16, spare=True)
    assert told[0].startswith("params: a parameter is in the file as the exporter arranged it, `unsqueeze")
    assert told[1].endswith("takes them: 2 of `places`, `spare.weight`, `spare.bias`")


def test_norms_that_the_older_exporter_worked_into_convolutions_differ(tmp_path: Path, archspec: Archspec) -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8)).eval()
    path = tmp_path / "folded.onnx"
    export(model, (torch.randn(1, 3, 9, 9),), path, older=True)
    done = archspec("import", f"onnx:{path}")
    assert done.exit_code == 1
    assert "differs: params: the exporter worked out `onnx::Conv_" in done.output
    assert f"params == {8 * 27 + 8} }}" in done.output
    training = torch.onnx.TrainingMode.PRESERVE
    export(model, (torch.randn(1, 3, 9, 9),), path, older=True, training=training, do_constant_folding=False)
    assert sizes(import_file(path))["params"] == held(model)[0]


def test_what_the_older_exporter_does_not_tell_is_said(tmp_path: Path) -> None:
    """Nothing in the file shows that it holds another number than the model: a buffer, and what was worked out."""

    class Added(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up, self.table = nn.Linear(8, 8), nn.Parameter(torch.randn(4, 8))
            self.register_buffer("shift", torch.randn(8))

        def forward(self, x: Any) -> Any:
            return self.up(x + self.shift + self.table[torch.tensor([0, 1, 1, 0, 3, 2])])

    path = tmp_path / "added.onnx"
    export(Added().eval(), (torch.randn(2, 6, 8),), path, older=True)
    found = import_file(path)
    assert sizes(found)["params"] == 72 + 8
    assert "parameters that no operator takes, and which of what is added is a buffer" in found.text
    assert "Not counted, because the exporter worked it out: `onnx::Add_" in found.text


def test_the_text_of_a_transformer(exported: Any) -> None:
    _, path = exported("causal", "open")
    text = import_file(path).text
    assert text == import_file(path).text
    for said in (
        "buffer mask[64, 64]", "x -> Linear(48) as qkv -> Split(3) -> Heads(2)", "MaskedFill -> Softmax",
        "(Indices(S) -> Embedding(64, 16) as places)", "repeat 2 as blocks", "Linear(50, bias = false) as head",
    ):  # fmt: skip
        assert said in text, text
    assert len(text.splitlines()) < 45


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lstm", "LSTM(20, bidirectional = true) as net"),
        ("gru", "GRU(20) as net"),
        ("pictures", "ConvTranspose2d(4, 2, stride = 2) -> BatchNorm2d -> PReLU(num_parameters = 4)"),
        ("pictures", "GroupNorm(2) as fourth"),
        ("scaled", "buffer shift[16]"),
        ("tied", "param weight[50, 16]"),
        ("shared", "linear1 = Linear(32)"),
    ],
)
def test_layers_are_those_of_the_model(name: str, said: str, exported: Any) -> None:
    text = import_file(exported(name, "open")[1]).text
    assert said in text, text


def test_the_command(exported: Any, archspec: Archspec, tmp_path: Path) -> None:
    path = exported("attending", "closed")[1]
    done = archspec("import", f"onnx:{path}", "-o", str(tmp_path / "a.arch"))
    assert done.exit_code == 0, done.output
    assert "equal: params, buffers, outputs, layer outputs" in done.output
    assert archspec("test", str(tmp_path / "a.arch")).exit_code == 0
