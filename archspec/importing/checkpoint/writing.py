"""Definitions as text: layers that hold tensors and pass on what comes, which the language calls parameters only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archspec.importing.checkpoint.definitions import Definition, Definitions, is_repeat
from archspec.importing.checkpoint.folding import Inner, Run
from archspec.importing.checkpoint.sizes import free

MOST_BRANCHES = 3
"""Kinds of turns that are told apart by conditions; where there are more, the turns are listed."""
NOTHING = "Nothing"


@dataclass(frozen=True)
class Head:
    """What stands around the layers. doc: the text of the file; fact: what its test says, by quantity."""

    doc: str
    model: str
    main: str
    facts: dict[str, int]


def written(definitions: Definitions, head: Head, taken: frozenset[str]) -> str:
    """The text of a file, but for its canonical form."""
    made = definitions.all()
    made[-1].name = head.model
    layers = [_block(definitions, one, head, taken, whole=one is made[-1]) for one in made]
    if any(has_gaps(one.runs) for definition in made for one in definition.skeleton.inner):
        layers.insert(
            0, f'layer {NOTHING} {{\n  """A number that the file leaves out."""\n  x[*] -> y[*]\n  view x\n}}'
        )
    facts = [f"  {head.model}.{name} == {value:_}" for name, value in head.facts.items()]
    test = "\n".join(['test "what the file holds" {', *facts, "}"])
    return "\n\n".join([f'"""{head.doc}"""', *layers, test]) + "\n"


def _block(definitions: Definitions, made: Definition, head: Head, taken: frozenset[str], whole: bool) -> str:
    x, y = free("x", "x_", taken), free("y", "y_", taken)
    if whole:
        values = ", ".join(f"{name} = {size}" for name, size in made.needs.items())
        lines = [f"model {made.name}({values}) {{" if values else f"model {made.name} {{", f"  {x}[1] -> {y}[1]"]
    else:
        lines = [f"layer {made.header()} {{", f"  {x}[*] -> {y}[*]"]
    for held in made.skeleton.tensors:
        axes = ", ".join(made.expressions[held.at : held.at + held.rank])
        dtype = f": {held.dtype}" if held.dtype != head.main else ""
        lines.append(f"  {held.role} {held.name}[{axes}]{dtype}")
    if made.skeleton.inner:
        lines.extend(f"  {line}" for line in _wiring(definitions, made, x, y, taken))
    else:
        lines.append(f"  {y} = {x}" if whole else f"  view {x}")
    return "\n".join([*lines, "}"])


def _wiring(definitions: Definitions, made: Definition, x: str, y: str, taken: frozenset[str]) -> Iterator[str]:
    """The stream through all layers, one after the other: in which order they really are, names do not say."""
    inner = made.skeleton.inner
    stages: list[str] = []
    for number, one in enumerate(inner):
        if one.use is not None:
            stages.append(f"{definitions.call(made, one.use)} as {one.name}")
            if number + 1 == len(inner):
                yield _pipe(y, x, stages)
            continue
        if stages:
            yield _pipe(x, x, stages)
            stages = []
        yield from _loop(definitions, made, one, x, taken)
        if number + 1 == len(inner):
            yield f"{y} = {x}"


def _pipe(target: str, source: str, stages: Sequence[str]) -> str:
    line = f"{target} = {source} -> {' -> '.join(stages)}"
    return line if len(line) <= 100 else f"{target} = {source} -> " + "\n    -> ".join(stages)


def _loop(definitions: Definitions, made: Definition, loop: Inner, x: str, taken: frozenset[str]) -> Iterator[str]:
    calls = [definitions.call(made, run.use) for run in loop.runs]
    if is_repeat(loop):
        count = made.counts.get(loop.name, str(loop.runs[0].stop))
        yield f"repeat {count} as {loop.name} {{ {x} = {x} -> {calls[0]} }}"
        return
    names = {*taken, *made.needs, *made.formals, x}
    if len(loop.runs) > MOST_BRANCHES:
        block = free("block", "block_", names)
        turns = ", ".join(_turns(loop.runs, calls))
        yield f"each {block} in [{turns}] as {loop.name} {{ {x} = {x} -> {block} }}"
        return
    i = free("i", "turn", names)
    yield f"each {i} in range({loop.runs[-1].stop}) as {loop.name} {{"
    yield from _branches(loop.runs, calls, i, x)
    yield "}"


def _turns(runs: Sequence[Run], calls: Sequence[str]) -> Iterator[str]:
    """What each turn calls; those that are missing in the file call a layer without tensors."""
    at = 0
    for run, call in zip(runs, calls, strict=True):
        yield from [NOTHING] * (run.start - at) + [call] * (run.stop - run.start)
        at = run.stop


def _branches(runs: Sequence[Run], calls: Sequence[str], i: str, x: str) -> Iterator[str]:
    """One condition for all turns: only where nothing else stands in a loop does it lend its layer its name."""
    at = 0
    whole = all(run.start == stop for run, stop in zip(runs, (0, *(run.stop for run in runs)), strict=False))
    lines: list[str] = []
    for run, call in zip(runs, calls, strict=True):
        if run.stop == run.start + 1:
            condition = f"{i} == {run.start}"
        elif run.start == at:
            condition = f"{i} < {run.stop}"
        else:
            condition = f"{i} >= {run.start} and {i} < {run.stop}"
        last = run is runs[-1] and whole and lines
        head = "else " if last else f"{'else ' if lines else ''}if {condition} "
        lines.append(f"{head}{{ {x} = {x} -> {call} }}")
        at = run.stop
    yield f"  {' '.join(lines)}"


def has_gaps(runs: Sequence[Run]) -> bool:
    """Whether turns are listed, of which some are missing in the file."""
    starts = [0, *(run.stop for run in runs[:-1])]
    return len(runs) > MOST_BRANCHES and any(run.start != start for run, start in zip(runs, starts, strict=True))
