"""The layers that a model repeats, by path, as a plan names what is checkpointed."""

from __future__ import annotations

from archspec.elaborate.program import Program, Turns


def repeated_blocks(program: Program) -> tuple[str, ...]:
    """The paths of the layers that stand in the outermost loops; empty where none repeats more than one operation."""
    found: dict[str, None] = {}
    for step in program.region.steps:
        if not isinstance(step, Turns):
            continue
        paths = [operation.path.split(".") for operation in step.body.operations()]
        common = _common(paths)
        if len(paths) > 1 and common and all(len(path) > len(common) for path in paths):
            found[".".join(common)] = None
    return tuple(found)


def _common(paths: list[list[str]]) -> list[str]:
    """The names with which all paths begin."""
    common: list[str] = []
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        common.append(names[0])
    return common
