"""`--config`: files of Hugging Face fill models of the zoo. Truth is transformers' class, built from such a file."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from archspec.importing.configuration import Configured, configured
from archspec.importing.configuration.known import known_types
from archspec.importing.errors import CannotImport
from tests.cli.conftest import Archspec
from tests.importing.configs import PUBLISHED, drawn

SMALL = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
}
REMOVED = object()


def write(folder: Path, table: Any, **changes: Any) -> str:
    path = folder / "config.json"
    changed = {**table, **changes}
    path.write_text(json.dumps({key: value for key, value in changed.items() if value is not REMOVED}))
    return str(path)


def params(found: Configured) -> int | None:
    return found.model.size()["params"]


@pytest.mark.parametrize("kind", known_types())
def test_parameters_are_those_of_transformers(kind: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("tests.zoo.torchvision_operators")  # before whatever imports torchvision
    transformers = pytest.importorskip("transformers")
    known = known_types()[kind]
    model_class = getattr(transformers, known.classes[0])
    draw = random.Random(kind)
    for turn in range(4):
        config = model_class.config_class(**drawn(kind, draw))
        config.architectures = [known.classes[0]]
        folder = tmp_path / str(turn)
        config.save_pretrained(folder)
        with torch.device("meta"):
            keywords = {"add_pooling_layer": True} if kind in ("bert", "roberta") else {}
            expected = model_class(config, **keywords).num_parameters()
        found = configured(str(folder / "config.json"))
        assert params(found) == expected
        said = ("torchvision", "sliding_window", "num_nextn_predict_layers")
        assert not [note for note in found.notes if not any(words in note for words in said)]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_give_published_counts(name: str, tmp_path: Path) -> None:
    expected, table = PUBLISHED[name]
    assert params(configured(write(tmp_path, table))) == expected


def test_heads_that_divide_the_width_are_no_number_of_their_own(archspec: Archspec, tmp_path: Path) -> None:
    plain = archspec("formula", "params", "--config", write(tmp_path, SMALL)).stdout
    assert archspec("formula", "params", "--config", write(tmp_path, SMALL, head_dim=8)).stdout == plain
    wide = archspec("formula", "params", "--config", write(tmp_path, SMALL, head_dim=16)).stdout
    assert "inner" in wide
    assert "assuming d %" not in wide


def test_what_published_files_say_besides(tmp_path: Path) -> None:
    notes = configured(write(tmp_path, PUBLISHED["mistralai/Mistral-7B-v0.1"][1])).notes
    assert len(notes) == 1
    assert "`sliding_window` is 4096: the spec's layers see all positions" in notes[0]
    notes = configured(write(tmp_path, PUBLISHED["google-bert/bert-large-uncased"][1])).notes
    assert "the spec is BertModel, without other heads" in notes[0]
    notes = configured(write(tmp_path, PUBLISHED["Qwen/Qwen2.5-7B"][1])).notes
    assert [note.partition(": ")[2] for note in notes] == ['not known, and left out: "use_mrope"']
    notes = configured(write(tmp_path, PUBLISHED["deepseek-ai/DeepSeek-V3"][1])).notes
    assert [note.split("`")[1] for note in notes] == ["num_nextn_predict_layers", "auto_map", "quantization_config"]


def test_every_entry_names_parameters_of_its_model() -> None:
    import archspec

    for known in known_types().values():
        formals = {formal.name for formal in archspec.load(known.model).definition.layer.formals}
        assert known.parameters.keys() <= formals, known.type


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_finds_the_model(archspec: Archspec, tmp_path: Path) -> None:
    file = write(tmp_path, SMALL)
    shown = archspec("size", "--config", file)
    assert shown.exit_code == 0
    assert "with     vocab=100 d=32 hidden=48 layers=2 heads=4 kv_heads=4" in shown.output
    for spec in ("llama", "Llama", "llama3_8b", "LLAMA"):
        assert (
            archspec("formula", spec, "params", "--config", file).stdout
            == archspec("formula", "params", "--config", file).stdout
        )


def test_what_is_set_goes_before_the_file(archspec: Archspec, tmp_path: Path) -> None:
    file = write(tmp_path, SMALL)
    assert json.loads(archspec("size", "--config", file, "--format", "json").stdout)["symbols"]["layers"]["value"] == 2
    more = json.loads(archspec("size", "--config", file, "--set", "layers=3", "--format", "json").stdout)
    assert more["symbols"]["layers"]["value"] == 3


@pytest.mark.parametrize("command", [("solve", "--for", "B", "--budget", "1GiB", "--set", "S=8"), ("fit",)])
def test_other_commands_take_it(command: tuple[str, ...], archspec: Archspec, tmp_path: Path) -> None:
    sizes = () if command[0] == "solve" else ("--set", "B=1", "--set", "S=8")
    done = archspec(*command, *sizes, "--config", write(tmp_path, SMALL))
    assert done.exit_code == 0, done.output


def test_the_precision_of_the_weights_is_said(archspec: Archspec, tmp_path: Path) -> None:
    file = write(tmp_path, SMALL, torch_dtype="bfloat16")
    assert "its weights are bf16" in archspec("size", "--config", file).stderr
    assert archspec("size", "--config", file, "--precision", "fp32").stderr == ""
    assert archspec("size", "--config", write(tmp_path, SMALL, dtype="float32")).stderr == ""


def test_statuses(archspec: Archspec, tmp_path: Path) -> None:
    file = write(tmp_path, SMALL)
    assert archspec("size").exit_code == 2
    assert archspec("size", "--config", tmp_path / "none.json").exit_code == 2
    assert archspec("size", "gpt2", "--config", file).exit_code == 1
    assert archspec("size", "nothing", "--config", file).exit_code == 2
    wrong = archspec("size", "--config", write(tmp_path, SMALL, hidden_size="32"))
    assert wrong.exit_code == 1
    assert wrong.output.startswith(f"error: {tmp_path}/config.json: ")


# --- wrong files ----------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({"model_type": REMOVED}, "no `model_type`"),
    "a type that is a list": ({"model_type": []}, "no `model_type`"),
    "a type that nobody knows": ({"model_type": "lama"}, "did you mean `llama`"),
    "a very long type": ({"model_type": "x" * 10**6}, "no model for"),
    "a key that is missing": ({"vocab_size": REMOVED}, "there is no `vocab_size`"),
    "a key that is null": ({"vocab_size": None}, "`vocab_size` is null, not a positive integer"),
    "a text for a number": ({"hidden_size": "32"}, '`hidden_size` is "32", not a positive integer'),
    "a flag for a number": ({"hidden_size": True}, "`hidden_size` is true"),
    "a real for a number": ({"hidden_size": 32.0}, "`hidden_size` is 32.0"),
    "a list for a number": ({"hidden_size": [32]}, "not a positive integer"),
    "a negative number": ({"num_hidden_layers": -2}, "`num_hidden_layers` is -2"),
    "nothing": ({"num_attention_heads": 0}, "`num_attention_heads` is 0"),
    "a huge number": ({"vocab_size": 10**30}, "larger than 1_000_000_000"),
    "a number for a flag": ({"tie_word_embeddings": 1}, "`tie_word_embeddings` is 1, not true or false"),
    "a text for a real": ({"rms_norm_eps": "1e-5"}, "not a number of 0 or more"),
    "a negative real": ({"rope_theta": -1.0}, "not a number of 0 or more"),
    "biases": ({"attention_bias": True}, "`attention_bias` is true: the spec has no bias where attention ends"),
    "a text for the width of a head": ({"head_dim": "8"}, '`head_dim` is "8", not a positive integer'),
    "huge heads": ({"head_dim": 10**9}, "`head_dim` is larger than 1_000_000_000"),
    "part of a head": ({"rope_parameters": {"rope_theta": 1e4, "partial_rotary_factor": 0.5}}, "rotates whole heads"),
    "pruned heads": ({"pruned_heads": {"1": [0, 2]}}, "heads were taken out"),
}


@pytest.mark.parametrize(("changes", "words"), WRONG.values(), ids=WRONG.keys())
def test_wrong_values(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = write(tmp_path, SMALL, **changes)
    with pytest.raises(CannotImport) as caught:
        configured(path)
    assert str(caught.value).startswith(path)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 1000


NO_TABLE = {
    "empty": (b"", "no JSON"),
    "no JSON": (b"{hidden_size: 3}", ":1:2: no JSON"),
    "a list": (b"[]", "not a table"),
    "a number": (b"3", "not a table"),
    "not UTF-8": (b'{"a": "\xff"}', "not UTF-8"),
    "NaN": (b'{"model_type": NaN}', "NaN is no number"),
    "without end": (b'{"model_type": -Infinity}', "-Infinity is no number"),
    "a long number": (b'{"vocab_size": ' + b"9" * 10_000 + b"}", "too long"),
    "a real without end": (b'{"model_type": "llama", "rms_norm_eps": 1e999}', "no `vocab_size`"),
    "a key twice": (b'{"a": 1, "a": 2}', '"a" stands twice'),
    "deep lists": (b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "nested more than 50 deep"),
    "lists a little too deep": (b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}", "nested more than 50 deep"),
    "deep tables": (b'{"a": ' * 10_000 + b"1" + b"}" * 10_000, "nested more than 50 deep"),
}


@pytest.mark.parametrize(("content", "words"), NO_TABLE.values(), ids=NO_TABLE.keys())
def test_files_that_are_no_configuration(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(CannotImport, match=str(path)) as caught:
        configured(str(path))
    assert words in str(caught.value)


def test_large_files_folders_and_devices(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    for name, words in ((path, "larger than"), (tmp_path, "not a file"), ("/dev/zero", "not a file")):
        with pytest.raises(CannotImport, match=words):
            configured(str(name))
    with pytest.raises(CannotImport, match="no such file"):
        configured(str(tmp_path / "none.json"))


def test_a_file_for_a_model_of_ones_own(tmp_path: Path) -> None:
    """A copy of the zoo's model that was changed is filled by its name; parameters that it has not are an error."""
    spec = tmp_path / "own.arch"
    spec.write_text("model Llama(vocab = 3, d = 4) { x[B, d] -> y[B, vocab]  y = x -> Linear(vocab) }")
    with pytest.raises(CannotImport, match="Llama has no parameter `eps`"):
        configured(write(tmp_path, SMALL), str(spec))
