"""Which part of a spec a module of the model stands for, so that what both sides count can be compared part by part."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.verify.align import parts


class Places:
    """Parts of a spec by module.

    A module that is aligned stands for its layer; one that has the path of a part of the spec, for that part; any other
    one for what all aligned modules inside it have in common, else for what the module around it stands for.
    """

    def __init__(self, spec_layers: Iterable[str], aligned: dict[str, str]) -> None:
        self._aligned = aligned
        self._prefixes = {parts(prefix): prefix for layer in spec_layers for prefix in _prefixes(layer)}
        self._inside: dict[str, tuple[str, ...]] = {}
        for module, layer in aligned.items():
            own = tuple(layer.split("."))
            for prefix in _prefixes(module):
                if prefix != module:
                    known = self._inside.get(prefix)
                    self._inside[prefix] = own[:-1] if known is None else _common(known, own)
        self._known: dict[str, str] = {}
        self._real: set[str] = set()

    def ask(self, modules: Iterable[str]) -> None:
        """Make all these modules and those around them known, before a layer of the spec is asked for."""
        for module in modules:
            for prefix in _prefixes(module):
                self.of_module(prefix)

    def of_module(self, module: str) -> str:
        """The part of the spec that a module stands for; the whole is the empty path."""
        if module not in self._known:
            self._known[module] = self._find(module)
            self._real.add(self._known[module])
        return self._known[module]

    def _find(self, module: str) -> str:
        if not module:
            return ""
        if module in self._aligned:
            return self._aligned[module]
        if parts(module) in self._prefixes and parts(module):
            return self._prefixes[parts(module)]
        if module in self._inside:
            return ".".join(self._inside[module])
        return self.of_module(module.rpartition(".")[0])

    def of_layer(self, layer: str) -> str:
        """The innermost part around a layer of the spec that some module stands for. Ask for the modules first."""
        for prefix in _prefixes(layer):
            if prefix in self._real:
                return prefix
        return ""


def _prefixes(path: str) -> list[str]:
    """A path and all paths around it, innermost first."""
    pieces = path.split(".")
    return [".".join(pieces[:end]) for end in range(len(pieces), 0, -1)] if path else []


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    end = 0
    while end < min(len(one), len(other)) and one[end] == other[end]:
        end += 1
    return one[:end]
