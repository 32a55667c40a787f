"""Models of Keras as specs: those of keras.applications, those that people write, and files, whole and hostile."""

from __future__ import annotations

import json
import random
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from archspec.importing.errors import CannotImport
from archspec.importing.model import Imported, Source, import_model
from archspec.importing.sources import imported
from archspec.loading import load_text
from archspec.printing import format_text
from tests.importing.sweep import import_here

MODELS = "tests.importing.keras_models"


@cache
def application(name: str) -> Imported:
    return import_here(Source("keras", f"keras:{name}", "keras.applications", name, given={"weights": None}))


@cache
def written(name: str, *inputs: str, partial: bool = False) -> Imported:
    source = Source("keras", f"keras:{MODELS}:{name}", MODELS, name, inputs=inputs)
    with pytest.MonkeyPatch.context() as patch:  # other tests choose another backend for their process
        patch.setenv("KERAS_BACKEND", "tensorflow")
        return import_model(source, partial=partial)


def from_file(path: Path) -> Imported:
    return import_here(Source("keras file", f"keras:{path.name}", path=str(path)))


# Lines, and what keras.applications documents of each: all weights, trained or not.
@pytest.mark.parametrize(
    ("name", "lines", "weights", "norms"),
    [("ResNet50", 45, 25_636_712, 53), ("VGG16", 35, 138_357_544, 0), ("MobileNetV2", 60, 3_538_984, 52),
     ("DenseNet121", 45, 8_062_504, 121)],
)  # fmt: skip
def test_an_application_is_exact_and_short(name: str, lines: int, weights: int, norms: int) -> None:
    found = application(name)
    assert found.exact, found.text
    assert len(found.text.splitlines()) <= lines, found.text
    assert format_text(found.text, "x.arch") == found.text
    report = load_text(found.text).size(B=2)
    # torch's batch norms count their batches in a buffer: as many as there are of Keras's, which do not.
    assert report["params"] + report["buffers"] - norms == weights


def test_pictures_of_another_size_where_no_parameter_hangs_on_it() -> None:
    text = application("ResNet50").text
    assert "image[B, 3, H, W]" in text
    assert "each (stride, " in text
    assert "channels first here, and last in Keras" in text
    assert load_text(text).size(B=1, H=65, W=97)["params"] == 25_583_592
    # Keras's own: keras.applications.ResNet50(weights=None, classes=10).count_params() less its buffers.
    assert load_text(text).size(B=1, H=64, W=64, classes=10)["params"] == 25_583_592 - 990 * 2049


def test_a_size_that_parameters_hang_on_stays() -> None:
    assert "image[B, 3, 224, 224]" in application("VGG16").text
    found = written("sized")
    assert found.exact
    assert "image[B, channels, size_, size_]" in found.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("classifier", "repeat depth as block"),
        ("causal", "Attention(causal = true)"),
        ("mixed", "ConvTranspose2d(width"),
        ("twins", "(left -> base) - (right -> base)"),
        ("gated", "param matrix[d, 6]"),
        ("channels_first", "image[B, 3, H, W]"),
    ],
)
def test_a_model_that_somebody_wrote(name: str, said: str) -> None:
    found = written(name)
    assert found.exact, found.text
    assert said in found.text, found.text
    assert len(found.text.splitlines()) < 40


def test_the_counts_are_those_of_keras() -> None:
    from tests.importing import keras_models

    model = load_text(written("classifier").text)
    for sizes in ({}, {"d": 48, "heads": 6, "depth": 2, "vocab": 77, "places": 20}):
        assert model.size(B=2, S=10, **sizes)["params"] == keras_models.classifier(**sizes).count_params()


def test_a_model_without_a_graph_is_told_its_inputs() -> None:
    with pytest.raises(CannotImport, match="say what it is called with"):
        written("Subclassed")
    found = written("Subclassed", "x=float32[B,4]")
    assert found.exact
    assert "x -> Linear(d) as up -> Tanh -> Linear(3) as down" in found.text


def test_what_has_no_spelling_is_named_and_kept_opaque_if_that_is_asked_for() -> None:
    with pytest.raises(CannotImport, match=r"layers\.Bidirectional in bidirectional"):
        written("recurrent")
    found = written("recurrent", partial=True)
    assert not found.exact
    assert found.unknown
    assert "OpaqueBidirectional" in found.text
    assert any(one.quantity == "params" for one in found.gaps)
    load_text(found.text)


def test_code_is_no_layer_and_what_is_no_model_is_said() -> None:
    with pytest.raises(CannotImport, match=r"layers\.Lambda in lambda"):
        written("with_code")
    with pytest.raises(CannotImport, match=r"it gives a int, not a keras\.Model"):
        written("no_model")


# --- files ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.importing import keras_models

    path: Path = tmp_path_factory.mktemp("keras") / "mixed.keras"
    keras_models.mixed().save(path)
    return path


def packed(path: Path, config: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
    return path


def test_a_file_is_the_model_that_it_was_saved_from_in_a_process_of_its_own(whole: Path, tmp_path: Path) -> None:
    found = imported(f"keras:{whole}")
    assert found.exact, found.text
    alone = packed(tmp_path / "mixed.keras", zipfile.ZipFile(whole).read("config.json").decode())
    assert from_file(alone).exact  # its weights were never looked at
    assert load_text(found.text).size(B=1)["params"] == load_text(written("mixed").text).size(B=1)["params"]
    with pytest.raises(CannotImport, match="no arguments"):
        imported(f"keras:{whole}", given="d=3")


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    first = layer("InputLayer", name="i", batch_shape=[None, 4], dtype="float32")
    return {
        "module": "keras", "class_name": "Sequential", "registered_name": None,
        "config": {"name": "s", "layers": [first, *layers]}, "build_config": {"input_shape": [None, 4]},
    }  # fmt: skip


def layer(kind: str, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": {"name": kind.lower(), **config}, "registered_name": None}


REFUSED = {
    "code": (sequential(layer("Lambda", function={"class_name": "__lambda__", "config": {"code": "x"}})), "holds code"),
    "another module": (sequential(layer("system", "os")), "no part of Keras"),
    "a part that fetches": (sequential(layer("get_file", "keras.utils")), "no part of Keras"),
    "a builtin": (sequential(layer("eval", "builtins")), "no part of Keras"),
    "a class of somebody": (sequential(layer("Mine", "my_package")), "keras:package.module:function"),
    "a registered class": (sequential({**layer("Mine", None), "registered_name": "p>Mine"}), "Could not locate class"),
    "a negative size": (sequential(layer("Dense", units=-5)), "positive integer"),
    "a text for a size": (sequential(layer("Dense", units="x")), "Keras cannot make its layers"),
    "a list": ("[1]", "describes no model"),
    "no JSON": ("{", "no JSON"),
    "brackets": ("[" * 100_000, "no JSON"),
    "no model": ('{"a": 1}', "not a keras.Model"),
    "kinds that are lists": ('{"class_name": [], "module": []}', "Keras cannot make|not a keras.Model"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_configuration_that_is_none_is_refused_with_a_sentence(what: str, tmp_path: Path) -> None:
    config, said = REFUSED[what]
    with pytest.raises(CannotImport, match=said):
        from_file(packed(tmp_path / "x.keras", config))


def test_absurd_sizes_take_no_memory_and_names_close_nothing(tmp_path: Path) -> None:
    found = from_file(packed(tmp_path / "x.keras", sequential(layer("Dense", units=10**12))))
    assert found.exact
    assert load_text(found.text).size(B=1)["params"] == 5 * 10**12
    evil = 'a"}"""\n}\\ layer größe'
    found = from_file(packed(tmp_path / "y.keras", sequential({**layer("Dense", units=3), "config": {
        "name": evil, "units": 3}})))  # fmt: skip
    assert found.exact
    assert load_text(found.text).size(B=1)["params"] == 15


def histories(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "keras_history" in value else []
        return own + [one for inner in value.values() for one in histories(inner)]
    return [one for inner in value for one in histories(inner)] if isinstance(value, list) else []


def test_layers_that_wait_for_each_other(whole: Path, tmp_path: Path) -> None:
    for name, said in (("conv2d", "circle"), ("nobody", "no layer gives")):
        config = json.loads(zipfile.ZipFile(whole).read("config.json"))
        first = next(one for one in config["config"]["layers"] if one["inbound_nodes"])
        histories(first["inbound_nodes"])[0]["keras_history"] = [name, 0, 0]
        with pytest.raises(CannotImport, match=said):
            from_file(packed(tmp_path / "x.keras", config))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("config.json", "w") as file:
        for _ in range(80):
            file.write(bytes(2**20))
    with pytest.raises(CannotImport, match="more than 67,108,864 bytes"):
        from_file(path)


BAD = ("TypeError:", "KeyError", "AttributeError:", "IndexError:", "Traceback")
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(seed=st.integers(0, 2**32), cut=st.booleans())
def test_a_cut_or_changed_file_is_refused_with_a_sentence(whole: Path, tmp_path: Path, seed: int, cut: bool) -> None:
    dice = random.Random(seed)
    data = bytearray(whole.read_bytes())
    if cut:
        data = data[: dice.randrange(len(data))]
    else:
        for _ in range(5):
            data[dice.randrange(len(data))] = dice.randrange(256)
    path = tmp_path / "x.keras"
    path.write_bytes(data)
    try:
        from_file(path)
    except CannotImport as error:
        assert not str(error).startswith(BAD)  # noqa: PT017  # it may as well succeed


@QUICK
@given(seed=st.integers(0, 2**32))
def test_any_configuration_gives_a_text_or_a_sentence(whole: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    config = json.loads(zipfile.ZipFile(whole).read("config.json"))
    for _ in range(dice.choice([1, 1, 2, 3])):
        mutate(config["config"], dice)
    try:
        from_file(packed(tmp_path / "x.keras", config))
    except CannotImport as error:
        assert not str(error).startswith(BAD)  # noqa: PT017  # it may as well succeed


def mutate(node: Any, dice: random.Random) -> None:
    """Change or remove something somewhere inside."""
    while isinstance(node, dict | list) and node:
        key = dice.choice(list(node)) if isinstance(node, dict) else dice.randrange(len(node))
        if isinstance(node[key], dict | list) and node[key] and dice.random() < 0.9:
            node = node[key]
        elif dice.random() < 0.75:
            node[key] = dice.choice([0, -1, 2, 10**6, 2**40, -(2**40), None, "x", [], {}, [1, 2], True, 0.5, "same"])
            return
        else:
            del node[key]
            return
