"""The report in a terminal: golden output for a small model, and that it fits everywhere."""

from __future__ import annotations

import pytest

import archspec
from archspec.model import Model
from archspec.report.cells import compact
from archspec.report.grid import Column, fit
from archspec.report.style import bar, plain
from archspec.report.terminal import terminal
from archspec.report.tree import depth_that_fits, tree

NUMBERS = """\
Tiny  main.arch
Residual perceptrons on top of each other.
with     d=4 layers=3 classes=10 B=2
policy   fp32 · cuda · sdpa attention · train

layer                       kind    output  params    share  saved   FLOPs
──────────────────────────────────────────────────────────────────────────
Tiny                                2×10       494  100.0 %  960 B  1.70 K
├─ h.block ×layers=3                2×4        444   89.9 %  928 B  1.54 K
│  ├─ up                    Linear  2×16       240   48.6 %   64 B     768
│  ├─ down                  Linear  2×4        204   41.3 %  384 B     768
│  └─ + ReLU, Dropout, Add                                   480 B
└─ head                     Linear  2×10        50   10.1 %   32 B     160

params               494
activations.outputs  1.39 KiB (1,424 B)
activations.saved    960 B
activations.peak     288 B
flops.forward        1,696 FLOPs
flops.backward       3,136 FLOPs
memory.weights       1.93 KiB (1,976 B)
memory.inference     2.21 KiB (2,264 B)

assumes  layers >= 2
derived  activations.saved for cuda, not yet confirmed on a card (dropout masks)"""

FORMULAS = """\
params               494
activations.outputs  712*B bytes
activations.saved    480*B bytes
activations.peak     144*B bytes
flops.forward        848*B FLOPs
flops.backward       1568*B FLOPs
memory.weights       1.93 KiB (1,976 B)
memory.inference     8*(18*B + 247) bytes"""


def test_numbers(tiny: Model) -> None:
    """Tree and totals; light layers share a line."""
    assert terminal(tiny.size(B=2), width=80) == NUMBERS


def test_formulas(tiny: Model) -> None:
    """Without a batch size: formulas in it, with the numbers of all else put in."""
    shown = terminal(tiny.size(), width=80)
    assert FORMULAS in shown
    assert "free     B   (--set B=…)" in shown
    assert "384·B" in shown


def test_all_formulas(tiny: Model) -> None:
    """With `formulas`, also those in every symbol, in all and place by place."""
    shown = terminal(tiny.size(B=2), width=80, formulas=True)
    assert "formulas\nparams               layers*d*(8*d + 5) + classes*(d + 1)\n" in shown
    assert "\nh.block\nparams               layers*d*(8*d + 5)\n" in shown


def test_depth(tiny: Model) -> None:
    """A depth shows every layer down to it, and says when there is more."""
    assert "ReLU" in terminal(tiny.size(B=2), depth=2)
    flat = terminal(tiny.size(B=2), depth=1)
    assert "up " not in flat
    assert "--depth N" in flat


def test_colours_change_no_text(tiny: Model) -> None:
    """Without its escape codes, coloured output is the plain one."""
    import re

    report = tiny.size(B=2)
    coloured = terminal(report, colour=True)
    assert coloured != terminal(report)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == terminal(report)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
@pytest.mark.parametrize("name", ["gpt2", "resnet50", "densenet121", "mixtral_8x7b", "mobilenet_v2", "lstm_lm"])
def test_tables_fit(name: str, width: int) -> None:
    """Columns shrink and go, so that no line of the table is wider than the terminal (from 60 columns on)."""
    for values in (
        {},
        {"B": 2, "H": 224, "W": 224} if name in ("resnet50", "densenet121", "mobilenet_v2") else {"B": 2, "S": 64},
    ):
        table = terminal(archspec.load(name).size(**values), width=width).split("\n\n")[1].split("\n")
        assert table[0].startswith("layer")
        if width >= 60:
            assert max(map(len, table)) <= width


def test_counts_of_places() -> None:
    """`×` says how often a place is there for each time that the one around it is."""
    shown = terminal(archspec.load("mixtral_8x7b").size(B=1, S=8), width=160)
    assert "×layers=32" in shown
    assert "experts ×experts=8" in shown
    shown = terminal(archspec.load("resnet50").size(B=1, H=64, W=64), width=160)
    assert "0.block ×depths[0]=3" in shown
    assert "downsample ×1 " in shown  # only the first turn has it


def test_shapes_over_turns() -> None:
    """What changes from turn to turn is shown as its first and last value."""
    assert "2×64→224×56×56" in terminal(archspec.load("densenet121").size(B=2, H=224, W=224), width=140)


def test_tree_depth(tiny: Model) -> None:
    """The depth that nobody chose is the greatest at which the tree has not too many lines."""
    assert depth_that_fits(tree(tiny.size().layers, "Tiny", fold=True)) == 2
    many = archspec.load("mobilenet_v2").size()
    root = tree(many.layers, "mobilenet_v2", fold=True)
    assert root.lines(depth_that_fits(root)) <= 60


def test_small_parts() -> None:
    """Bars, compact formulas, ASCII, and columns that go in their order."""
    assert (bar(1, 2, 10), bar(0, 2, 10), bar(1, 1000, 10), bar(3, 3, 4)) == ("█████", "", "▏", "████")
    assert compact("4*B*S**2 + 2**layers") == "4·B·S² + 2^layers"
    assert plain("├─ a ×2 ⌈H/4⌉").isascii()
    wide = Column("first", 0, right=False, least=4, cells=["abcdefghij\t×12\t×2"])
    gone = Column("second", 1, cells=["1234567890"])
    assert fit([wide, gone], 40) == [wide, gone]
    assert fit([wide, gone], 9) == [wide]
