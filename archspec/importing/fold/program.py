"""A lifted trace to a folded program."""

from __future__ import annotations

from archspec.importing.fold.constants import settle
from archspec.importing.fold.dataflow import connect, place_held, place_unused, without_dead
from archspec.importing.fold.inline import inline
from archspec.importing.fold.loops import fold
from archspec.importing.fold.skeleton import rekey
from archspec.importing.fold.tidy import accumulate_joins, flatten, hoist_joins
from archspec.importing.lift.idioms import name_idioms
from archspec.importing.lift.lifter import Lifter
from archspec.importing.program import Block


def folded(root: Block, lifter: Lifter) -> Block:
    """The model with dead calls gone, containers opened, and what repeats in loops."""
    live = set(root.outputs)
    root.items = without_dead(root.items, live)
    settle(root, lifter)
    root.items = without_dead(root.items, set(root.outputs))
    name_idioms(root, lifter)
    hoist_joins(root)
    accumulate_joins(root)
    root.items = flatten(root.items)
    place_held(root, lifter.held)
    place_unused(root, lifter)
    connect(root, set(root.outputs))
    fold(root, set(root.outputs))
    inline(root)
    rekey(root)
    fold(root, set(root.outputs))
    rekey(root)
    return root
