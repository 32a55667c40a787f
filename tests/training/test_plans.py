"""What frozen, adapted and checkpointed models keep for the backward pass, against hooks on real tensors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
sys.path.insert(0, str(Path(__file__).parent.parent / "zoo"))

import reference_transformers as text  # noqa: E402  # beside this folder, not in a package
from instruments import saved_bytes  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

import archspec  # noqa: E402

SIZES: dict[str, Any] = {"layers": 3, "d": 32, "heads": 4, "vocab": 100, "context": 64}
BATCH, LENGTH, RANK = 2, 16, 4


class Adapted(nn.Module):
    """A frozen layer with a low-rank adapter beside it."""

    def __init__(self, base: nn.Module, inputs: int, outputs: int) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Linear(inputs, RANK, bias=False)
        self.b = nn.Linear(RANK, outputs, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer, and the adapter's part."""
        return self.base(x) + 2.0 * self.b(self.a(x))


class Checkpointed(nn.Module):
    """A block that is run again; reentrant, so that what it keeps passes through the hooks."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: torch.Tensor, *_: object, attention_mask: torch.Tensor | None = None, **__: object) -> Any:
        """The block's output."""
        run: Any = checkpoint(lambda h: self.block(h, attention_mask=attention_mask), x, use_reentrant=True)
        return run


def _freeze_blocks(model: Any) -> None:
    model.transformer.h.requires_grad_(False)


def _freeze_all_but_the_norm(model: Any) -> None:
    model.requires_grad_(False)
    model.transformer.ln_f.requires_grad_(True)


def _freeze_early(model: Any) -> None:
    for part in (model.transformer.wte, model.transformer.wpe):
        part.requires_grad_(False)


def _adapt(model: Any) -> None:
    model.requires_grad_(False)
    for block in model.transformer.h:
        block.attn.c_attn = Adapted(block.attn.c_attn, SIZES["d"], 3 * SIZES["d"])
        block.mlp.c_fc = Adapted(block.mlp.c_fc, SIZES["d"], 4 * SIZES["d"])


def _checkpoint_blocks(model: Any) -> None:
    model.transformer.h = nn.ModuleList(Checkpointed(block) for block in model.transformer.h)


CASES: dict[str, tuple[Callable[[Any], None], dict[str, Any]]] = {
    "frozen blocks": (_freeze_blocks, {"freeze": "h.*"}),
    "all frozen but the last norm": (_freeze_all_but_the_norm, {"freeze": ["wte.*", "wpe.*", "h.*", "lm_head.*"]}),
    "frozen embeddings": (_freeze_early, {"freeze": ["wte.*", "wpe.*", "lm_head.*"]}),
    "adapters on two projections": (_adapt, {"lora": f"rank = {RANK} on c_attn, c_fc"}),
    "checkpointed blocks": (_checkpoint_blocks, {"checkpoint": "Block"}),
}


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("case", CASES)
def test_kept_bytes(case: str, attention: str) -> None:
    change, choices = CASES[case]
    torch.manual_seed(0)
    model = text.build_gpt2(attention, **SIZES, dropout=0.0)().train()
    change(model)
    tokens = {"input_ids": torch.zeros(BATCH, LENGTH, dtype=torch.int64)}
    measured = saved_bytes(model, tokens, text.forward)
    spec = archspec.load("gpt2")
    policy = {"backend": "cpu", "attention": attention, "dropout": 0.0, **choices}
    assert spec.size(**SIZES, B=BATCH, S=LENGTH, **policy)["activations.saved"] == measured
    trained = sum(one.numel() for one in model.parameters() if one.requires_grad)
    assert spec.size(**SIZES, **policy)["params.trainable"] == trained
