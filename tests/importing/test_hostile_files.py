"""Files that are cut off, broken or made to harm: an error in words, or a text that is safe and loads."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archspec
from archspec.errors.diagnostic import SpecError
from archspec.importing.checkpoint import from_gguf, from_safetensors
from archspec.importing.configuration import configured
from archspec.importing.configuration.known import known_types
from archspec.importing.errors import CannotImport
from tests.importing.configs import PUBLISHED

Read = Callable[[str], str]
FAST = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def safetensors(tensors: dict[str, Any], data: int | None = None) -> bytes:
    """A file; data: how many bytes follow its header."""
    text = json.dumps(tensors).encode()
    stops = [one["data_offsets"][1] for one in tensors.values() if isinstance(one, dict) and "data_offsets" in one]
    return struct.pack("<Q", len(text)) + text + bytes(max(stops, default=0) if data is None else data)


def entry(shape: list[int], start: int = 0) -> dict[str, Any]:
    elements = 1
    for size in shape:
        elements *= size
    return {"dtype": "F32", "shape": shape, "data_offsets": [start, start + 4 * elements]}


def text(value: str | bytes) -> bytes:
    """A text in a GGUF file."""
    data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def tensor(name: str | bytes, sizes: list[int], kind: int = 0, offset: int = 0) -> bytes:
    """An entry of the list of tensors: sizes with the row first."""
    return text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)


def gguf(
    tensors: list[bytes],
    keys: Sequence[bytes] = (),
    data: int = 64,
    version: int = 3,
    counts: Any = None,
) -> bytes:
    """A file. counts: other numbers of tensors and keys than there are."""
    head = b"GGUF" + struct.pack("<IQQ", version, *(counts or (len(tensors), len(keys))))
    body = head + b"".join(keys) + b"".join(tensors)
    return body + bytes(-len(body) % 32) + bytes(data)


def key(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def refused(read: Read, path: Path, content: bytes) -> str:
    """The message with which a file is refused."""
    path.write_bytes(content)
    with pytest.raises(CannotImport) as caught:
        read(str(path))
    message = str(caught.value)
    assert path.name in message
    assert len(message) < 1000
    assert message.isprintable()
    return message


def attempt(made: Callable[[], Any]) -> tuple[Any, str]:
    """What is made, or the message of the error that is meant to come."""
    try:
        return made(), ""
    except (CannotImport, SpecError) as error:
        return None, str(error)


def safe(read: Read, path: Path, content: bytes) -> bool:
    """Whether a file makes a text: then it loads, and is one docstring and definitions. Else it is refused."""
    path.write_bytes(content)
    written, message = attempt(lambda: read(str(path)))
    if written is None:
        assert message.isprintable()
        return False
    assert written.isascii()
    assert written.count('"""') % 2 == 0
    archspec.load_text(written).size()
    return True


# --- cut off ----------------------------------------------------------------------------------------------------------


def test_files_cut_at_every_length(tmp_path: Path) -> None:
    whole = safetensors({"a.weight": entry([4, 3]), "a.bias": entry([4], 48)})
    assert safe(from_safetensors, tmp_path / "m.safetensors", whole)
    for length in range(len(whole)):
        refused(from_safetensors, tmp_path / "m.safetensors", whole[:length])
    keys = [
        key("general.architecture", 8, text("llama")),
        key("a.list", 9, struct.pack("<IQ3i", 5, 3, 1, 2, 3)),
        key("a.texts", 9, struct.pack("<IQ", 8, 2) + text("a") + text("bc")),
        key("a.real", 6, struct.pack("<f", 0.5)),
    ]
    whole = gguf([tensor("a.weight", [3, 4]), tensor("b", [2], offset=64)], keys, data=72)
    assert safe(from_gguf, tmp_path / "m.gguf", whole)
    for length in range(len(whole)):
        refused(from_gguf, tmp_path / "m.gguf", whole[:length])


def test_an_index_cut_at_every_length(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(safetensors({"a": entry([3])}))
    whole = json.dumps({"weight_map": {"a": "m.safetensors"}}).encode()
    assert safe(from_safetensors, tmp_path / "m.safetensors.index.json", whole)
    for length in range(len(whole)):
        refused(from_safetensors, tmp_path / "m.safetensors.index.json", whole[:length])


def test_a_configuration_cut_at_every_length(tmp_path: Path) -> None:
    keys = ("model_type", "vocab_size", "n_positions", "n_embd", "n_head", "n_layer", "task_specific_params")
    published = PUBLISHED["openai-community/gpt2-xl"][1]
    whole = json.dumps({key: published[key] for key in keys}).encode()
    path = tmp_path / "config.json"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(CannotImport, match=r"config\.json"):
            configured(str(path))


# --- safetensors ------------------------------------------------------------------------------------------------------

SAFETENSORS: dict[str, bytes] = {
    "a header of 2^63 bytes": struct.pack("<Q", 2**63) + b"{}",
    "a header of 2^64 - 1 bytes": struct.pack("<Q", 2**64 - 1) + b"{}",
    "a size of thousands of digits": struct.pack("<Q", 5040) + b'{"a":' + b"9" * 5034 + b"}",
    "a deep header": struct.pack("<Q", 200_000) + b"[" * 200_000,
    "a size of 2^62": safetensors({"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 8]}}, 8),
    "tensors that overlap": safetensors({"a": entry([2]), "b": entry([2], 4)}),
    "a tensor twice": struct.pack("<Q", 130)
    + (
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'
    ).ljust(130)
    + bytes(8),
    "a name with an escape": safetensors({"\x1b[31mred\n": {"dtype": "X", "shape": [], "data_offsets": [0, 4]}}, 4),
    "six bits": safetensors({"a": {"dtype": "F6_E2M3", "shape": [4], "data_offsets": [0, 3]}}, 3),
}


@pytest.mark.parametrize("content", SAFETENSORS.values(), ids=SAFETENSORS.keys())
def test_broken_safetensors_are_refused(content: bytes, tmp_path: Path) -> None:
    refused(from_safetensors, tmp_path / "m.safetensors", content)


@pytest.mark.parametrize("name", ["../m", "/etc/passwd", "a\x00b", "\ud800", "n" * 300, "", "."])
def test_shards_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    content = json.dumps({"weight_map": {"a": name}}).encode()
    refused(from_safetensors, tmp_path / "m.safetensors.index.json", content)


# --- GGUF -------------------------------------------------------------------------------------------------------------

ONE = tensor("a", [8])
GGUF: dict[str, bytes] = {
    "another kind of file": b"GGML" + bytes(100),
    "version 1": gguf([ONE], version=1),
    "version 4": gguf([ONE], version=4),
    "the big end first": b"GGUF" + struct.pack(">IQQ", 3, 1, 0) + bytes(64),
    "2^63 tensors": gguf([ONE], counts=(2**63, 0)),
    "a million tensors that are not there": gguf([ONE], counts=(10**6, 0)),
    "2^63 keys": gguf([ONE], counts=(1, 2**63)),
    "a name of 2^63 bytes": gguf([struct.pack("<Q", 2**63) + b"a"]),
    "a key of 2^63 bytes": gguf([ONE], [struct.pack("<Q", 2**63)]),
    "a text of 2^63 bytes": gguf([ONE], [key("a", 8, struct.pack("<Q", 2**63))]),
    "2^63 texts": gguf([ONE], [key("a", 9, struct.pack("<IQ", 8, 2**63))]),
    "2^63 numbers": gguf([ONE], [key("a", 9, struct.pack("<IQ", 4, 2**63))]),
    "lists in lists": gguf([ONE], [key("a", 9, struct.pack("<IQ", 9, 1))]),
    "an unknown kind of value": gguf([ONE], [key("a", 13, b"")]),
    "an unknown type": gguf([tensor("a", [8], kind=4)]),
    "2^32 axes": gguf([text("a") + struct.pack("<I", 2**32 - 1) + bytes(64)]),
    "2^64 elements": gguf([tensor("a", [2**32, 2**32])]),
    "half a block": gguf([tensor("a", [31], kind=2)]),
    "no multiple of the alignment": gguf([tensor("a", [8], offset=8)]),
    "behind the end": gguf([tensor("a", [8], offset=64)]),
    "an offset of 2^63": gguf([tensor("a", [8], offset=2**63)]),
    "tensors that overlap": gguf([tensor("a", [16]), tensor("b", [8], offset=32)]),
    "a tensor twice": gguf([tensor("a", [8]), tensor("a", [8], offset=32)]),
    "a key twice": gguf([ONE], [key("k", 7, b"\1")] * 2),
    "an alignment of nothing": gguf([ONE], [key("general.alignment", 4, struct.pack("<I", 0))]),
    "an alignment of 24": gguf([ONE], [key("general.alignment", 4, struct.pack("<I", 24))]),
    "an alignment of 2^31": gguf([ONE], [key("general.alignment", 4, struct.pack("<I", 2**31))]),
    "an alignment in words": gguf([ONE], [key("general.alignment", 8, text("32"))]),
}


@pytest.mark.parametrize("content", GGUF.values(), ids=GGUF.keys())
def test_broken_gguf_is_refused(content: bytes, tmp_path: Path) -> None:
    refused(from_gguf, tmp_path / "m.gguf", content)


@pytest.mark.parametrize("name", ["\x1b[31m", 'a"""}', "../..", b"\xff\xfe", "0", "a\nb", "", "blk.0-1.w", "layer"])
def test_odd_names_make_safe_texts(name: str | bytes, tmp_path: Path) -> None:
    keys = [key("general.architecture", 8, text(name))]
    assert safe(from_gguf, tmp_path / "m.gguf", gguf([tensor(name, [8])], keys))


# --- many -------------------------------------------------------------------------------------------------------------


def test_many_tensors_end_soon(tmp_path: Path) -> None:
    """Ten thousand experts are written within seconds, more than a hundred thousand tensors are refused."""
    start = time.monotonic()
    many = {f"layers.{layer}.experts.{number}.w": entry([]) for layer in range(10) for number in range(1000)}
    many = {name: {**one, "data_offsets": [4 * at, 4 * at + 4]} for at, (name, one) in enumerate(many.items())}
    assert safe(from_safetensors, tmp_path / "m.safetensors", safetensors(many))
    odd = [tensor(f"a{number}", [1], offset=32 * number) for number in range(110_000)]
    assert "it would have 110_000 tensors" in refused(from_gguf, tmp_path / "m.gguf", gguf(odd, data=32 * 110_000))
    assert time.monotonic() - start < 20


def test_a_spec_that_would_be_too_large_is_refused(tmp_path: Path) -> None:
    flat = {f"a{number}.{'x' * 70}{number}": entry([1], 4 * number) for number in range(6_000)}
    message = refused(from_safetensors, tmp_path / "m.safetensors", safetensors(flat))
    assert "its layers differ too much" in message


# --- at random --------------------------------------------------------------------------------------------------------

parts = st.sampled_from(
    ["h", "0", "1", "2", "7", "attn", "weight", "bias", "", "a b", "x", "y", "d", '"""', "ü", "model", "_"]
)
names = st.lists(parts, min_size=1, max_size=6).map(".".join)
shapes = st.lists(st.integers(0, 5), max_size=3)


@FAST
@given(st.dictionaries(names, shapes, min_size=1, max_size=25))
def test_any_names_and_shapes(tmp_path: Path, tensors: dict[str, list[int]]) -> None:
    """Whatever the names are, the text holds as many elements; `from_safetensors` compares shapes itself."""
    at, header = 0, {}
    for name, shape in tensors.items():
        header[name] = entry(shape, at)
        at = header[name]["data_offsets"][1]
    assert safe(from_safetensors, tmp_path / "m.safetensors", safetensors(header))


@FAST
@given(st.binary(max_size=120))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    refused(from_safetensors, tmp_path / "m.safetensors", content)
    refused(from_gguf, tmp_path / "m.gguf", content)
    refused(from_gguf, tmp_path / "m.gguf", b"GGUF\3\0\0\0" + content)


@FAST
@given(st.data())
def test_bytes_changed_at_random(tmp_path: Path, data: st.DataObject) -> None:
    keys = [key("general.architecture", 8, text("llama")), key("llama.block_count", 4, struct.pack("<I", 1))]
    whole = bytearray(gguf([tensor("token_embd.weight", [4, 4]), tensor("b", [2], offset=64)], keys, data=96))
    other = bytearray(safetensors({"a.weight": entry([4, 3]), "a.bias": entry([4], 48)}))
    for content, read, ending in ((whole, from_gguf, "gguf"), (other, from_safetensors, "safetensors")):
        for _ in range(data.draw(st.integers(1, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        safe(read, tmp_path / f"m.{ending}", bytes(content))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@FAST
@given(st.sampled_from(sorted(PUBLISHED)), st.dictionaries(st.integers(0, 40), values, max_size=4))
def test_configurations_changed_at_random(tmp_path: Path, name: str, changes: dict[int, Any]) -> None:
    table = dict(PUBLISHED[name][1])
    for number, value in changes.items():
        table[sorted(table)[number % len(table)]] = value
    path = tmp_path / "config.json"
    path.write_text(json.dumps(table))
    found, message = attempt(lambda: configured(str(path)))
    if found is None:
        assert message.startswith(str(path))
        assert message.isprintable()
    else:
        attempt(found.model.size)  # such as heads that do not divide the width: an error of the spec


def test_the_types_that_are_fuzzed_are_known() -> None:
    assert {table["model_type"] for _, table in PUBLISHED.values()} <= known_types().keys()
