"""Exported PyTorch computes what the original computes: given its state dict, it gives its outputs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")

import exported as ex  # noqa: E402  # imports torch
import originals  # noqa: E402
import originals_caches  # noqa: E402

from archspec.policy import Policy  # noqa: E402

TOLERANCE = 1e-4
TEXT = [
    originals.gpt2,
    originals.llama2,
    originals.llama3,
    originals.qwen2,
    originals.mixtral,
    originals.qwen3_moe,
    originals.bert,
    originals.roberta,
    originals.t5,
    originals.t5_long_target,
    originals_caches.gemma2,
    originals_caches.gpt_oss,
    originals_caches.deepseek,
    originals_caches.mamba,
]
PICTURES = [originals.resnet50, originals.vit, originals.densenet, originals.mobilenet]
Make = Callable[[str], originals.Original]


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("make", TEXT, ids=lambda make: make.__name__)
def test_text(make: Make, attention: str) -> None:
    pytest.importorskip("transformers")
    _compare(make(attention), attention)


@pytest.mark.parametrize("make", PICTURES, ids=lambda make: make.__name__)
def test_pictures(make: Make) -> None:
    pytest.importorskip("torchvision")
    _compare(make("sdpa"), "sdpa")


def _compare(original: originals.Original, attention: str) -> None:
    original.draw()
    module = ex.exported(ex.load(original.model), Policy(attention=attention))[original.model](**original.settings)
    missing, unexpected = module.load_state_dict(original.state(list(module.state_dict())), strict=False)
    assert not unexpected
    assert not set(missing) & {name for name, _ in module.named_parameters()}
    with torch.no_grad():
        wanted = original.output(original.module.eval()(**original.feed))
        found = module.eval()(*original.feed.values())
    found = found if isinstance(found, tuple) else (found,)
    for one, other in zip(found, wanted, strict=True):
        spread = other.std()  # a difference is seen beside those between outputs
        torch.testing.assert_close(one / spread, other / spread, atol=TOLERANCE, rtol=TOLERANCE)
