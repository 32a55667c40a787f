"""Files that transformers, safetensors and torch write, and what was predicted for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archspec.formats.files import Names, optimizer, safetensors, torch_save
from archspec.formats.files.safetensors import file_bytes
from tests.formats.models import BF16, FP32, SMALL, program

torch = pytest.importorskip("torch")
library = pytest.importorskip("safetensors.torch")

GPT2 = Names((("lm_head.*", ""), ("*", "transformer.")))
LLAMA = Names((("lm_head.*", ""), ("*", "model.")))


@pytest.fixture(scope="module")
def gpt2():  # type: ignore[no-untyped-def]
    pytest.importorskip("torchvision_operators")
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(n_layer=12, n_embd=32, n_head=4, vocab_size=100, n_positions=64)
    return transformers.GPT2LMHeadModel(config)


@pytest.fixture(scope="module")
def llama():  # type: ignore[no-untyped-def]
    pytest.importorskip("torchvision_operators")
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        num_hidden_layers=3,
        hidden_size=32,
        intermediate_size=48,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=100,
    )
    return transformers.LlamaForCausalLM(config)


def written(folder: Path) -> dict[str, int]:
    """The sizes of the files of weights in a folder."""
    return {name: os.path.getsize(folder / name) for name in os.listdir(folder) if "safetensors" in name}


def test_gpt2(gpt2, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    gpt2.save_pretrained(tmp_path)
    elaborated, values = program("gpt2", FP32, **SMALL["gpt2"])
    assert dict(safetensors(elaborated, FP32, values, names=GPT2).files) == written(tmp_path)


@pytest.mark.parametrize("shard", [30_000, 50_000, 200_000])
def test_gpt2_in_several_files(gpt2, tmp_path: Path, shard: int) -> None:  # type: ignore[no-untyped-def]
    gpt2.save_pretrained(tmp_path, max_shard_size=shard)
    elaborated, values = program("gpt2", FP32, **SMALL["gpt2"])
    predicted = safetensors(elaborated, FP32, values, names=GPT2, shard=shard)
    assert dict(predicted.files) == written(tmp_path)
    assert predicted.total == sum(written(tmp_path).values())


def test_llama_writes_no_frequencies(llama, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    llama.save_pretrained(tmp_path)
    elaborated, values = program("llama2_7b", FP32, **SMALL["llama2_7b"])
    assert dict(safetensors(elaborated, FP32, values, names=LLAMA).files) == written(tmp_path)


@pytest.mark.parametrize("name", SMALL)
def test_the_exported_model(name: str, tmp_path: Path) -> None:
    """Names, order, dtypes and bytes of the state of the model that archspec exports; bfloat16 under that policy."""
    import archspec
    from archspec.formats.files.contents import entries
    from archspec.verify.exported import builder

    model = archspec.load(name)
    for policy, default in ((FP32, torch.float32), (BF16, torch.bfloat16)):
        torch.set_default_dtype(default)
        try:
            state = builder(model, "torch", policy, SMALL[name])().state_dict()
        finally:
            torch.set_default_dtype(torch.float32)
        elaborated, values = program(name, policy, **SMALL[name])
        assert [one.name for one in entries(elaborated, policy, values)] == list(state)
        tied = {one.name for one in entries(elaborated, policy, values) if one.tied is not None}
        single = {key: tensor for key, tensor in state.items() if key not in tied}
        for metadata in (None, {"format": "pt"}):
            size = len(library.save(single, metadata=metadata))
            assert safetensors(elaborated, policy, values, metadata=metadata).total == size
        torch.save(state, tmp_path / "model.pt")
        size = os.path.getsize(tmp_path / "model.pt")
        assert abs(torch_save(elaborated, policy, values).total - size) < 0.01 * size


def test_dtypes_are_put_in_order() -> None:
    """Every dtype that torch and safetensors share, with names that begin in all ways, and no elements at all."""
    from archspec.formats.files.contents import Entry

    kinds = {
        "BOOL": torch.bool,
        "U8": torch.uint8,
        "I8": torch.int8,
        "F8_E5M2": torch.float8_e5m2,
        "F8_E4M3": torch.float8_e4m3fn,
        "I16": torch.int16,
        "F16": torch.float16,
        "BF16": torch.bfloat16,
        "I32": torch.int32,
        "F32": torch.float32,
        "F64": torch.float64,
        "I64": torch.int64,
    }
    held = [Entry(f"{name[-1]}é.{name}", name, (position, 2)) for position, name in enumerate(kinds)]
    held += [Entry("scalar", "F32", ()), Entry('with "quotes"', "I64", (3,))]
    tensors = {one.name: torch.zeros(one.shape, dtype=kinds[one.dtype]) for one in held}
    assert file_bytes(held, None) == len(library.save(tensors))
    assert file_bytes(held, {"format": "pt", "made": "today"}) == len(
        library.save(tensors, metadata={"format": "pt", "made": "today"})
    )


OPTIMIZERS = {
    "sgd": lambda given: torch.optim.SGD(given),
    "momentum": lambda given: torch.optim.SGD(given, momentum=0.9),
    "adamw": lambda given: torch.optim.AdamW(given),
    "amsgrad": lambda given: torch.optim.AdamW(given, amsgrad=True),
    "nadam": lambda given: torch.optim.NAdam(given),
    "rmsprop": lambda given: torch.optim.RMSprop(given),
    "adagrad": lambda given: torch.optim.Adagrad(given),
    "adadelta": lambda given: torch.optim.Adadelta(given),
    "adafactor": lambda given: torch.optim.Adafactor(given),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_checkpoints_of_optimizers(name: str, tmp_path: Path) -> None:
    import archspec
    from archspec.verify.exported import builder

    module = builder(archspec.load("llama2_7b"), "torch", FP32, SMALL["llama2_7b"])()
    made = OPTIMIZERS[name](module.parameters())
    for parameter in module.parameters():
        parameter.grad = torch.ones_like(parameter)
    made.step()
    torch.save(made.state_dict(), tmp_path / "optimizer.pt")
    elaborated, values = program("llama2_7b", FP32, **SMALL["llama2_7b"])
    predicted = optimizer(elaborated, FP32, values, name)
    kept = [one for state in made.state.values() for one in state.values() if isinstance(one, torch.Tensor)]
    assert predicted.data == sum(one.numel() * one.element_size() for one in kept)
    size = os.path.getsize(tmp_path / "optimizer.pt")
    # Without states there is nothing but settings: they are AdamW's here.
    assert abs(predicted.total - size) <= (0.01 * size if kept else 200)
