"""Random well-typed programs: a few variables of one shape, wired at random through layers, loops and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

VARIABLES = ("a", "b", "c")
UNARY = (
    "Linear(d)",
    "Linear(d, bias = false)",
    "LayerNorm",
    "ReLU",
    "GELU",
    "Tanh",
    "Dropout(0.5)",
    "Scale(2.0)",
    "Identity",
    "Linear(3*d) -> Tanh -> Linear(d)",
    "Linear(2*d) -> GLU",
    "shared",
    "norm",
)
NUMBERS = {"n": "n", "m": "m", "one": "1", "two": "2", "three": "3", "depth - 1": "depth - 1"}


@dataclass
class Writer:
    """The text of a program as it grows. `indices`: of the loops around the place that is written."""

    draw: st.DrawFn
    lines: list[str] = field(default_factory=list)
    indices: list[str] = field(default_factory=list)
    number: int = 0
    loops: int = 0

    def line(self, text: str) -> None:
        self.lines.append("  " * (len(self.indices) + 1) + text)

    def any_of(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def variable(self) -> str:
        return self.any_of(*VARIABLES)

    def name(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    def statements(self, most: int) -> None:
        for _ in range(self.draw(st.integers(1, most))):
            self.statement()

    def statement(self) -> None:
        kinds = ["unary", "unary", "binary", "binary", "alias", "swap", "split", "join", "input"]
        if self.loops < 3 and len(self.indices) < 3:
            kinds += ["loop", "loop", "loop"]
        if self.indices:
            kinds += ["first", "wide"]
        getattr(self, self.any_of(*kinds))()

    def layer(self) -> str:
        """A layer, each instance in it under a name of its own."""
        stages = self.any_of(*UNARY).split(" -> ")
        named = [stage if stage in ("shared", "norm") else f"{stage} as {self.name('k')}" for stage in stages]
        return " -> ".join(named)

    # --- kinds of statements ----------------------------------------------------------------------

    def unary(self) -> None:
        self.line(f"{self.variable()} = {self.variable()} -> {self.layer()}")

    def binary(self) -> None:
        self.line(f"{self.variable()} = {self.variable()} {self.any_of('+', '*')} {self.variable()}")

    def alias(self) -> None:
        self.line(f"{self.variable()} = {self.variable()}")

    def swap(self) -> None:
        order = self.draw(st.permutations(VARIABLES))
        self.line(f"a, b, c = ({', '.join(order)})")

    def split(self) -> None:
        one, other = self.draw(st.permutations(VARIABLES))[:2]
        self.line(f"{one}, {other} = {self.variable()} -> Linear(2*d) as {self.name('k')} -> Split(2)")

    def join(self) -> None:
        parts = ", ".join(self.draw(st.lists(st.sampled_from(VARIABLES), min_size=2, max_size=3)))
        self.line(f"{self.variable()} = ({parts}) -> Concat -> Linear(d) as {self.name('k')}")

    def input(self) -> None:
        self.line(f"{self.variable()} = {self.variable()} + x")

    def wide(self) -> None:
        index = self.any_of(*self.indices)
        width = self.any_of(f"{index} + 1", f"d + 2*{index}", f"({index} + 1)*d")
        up, down = self.name("k"), self.name("k")
        self.line(f"{self.variable()} = {self.variable()} -> Linear({width}) as {up} -> ReLU -> Linear(d) as {down}")

    def first(self) -> None:
        index = self.indices[-1]
        self.line(f"if {index} == 0 {{")
        self.unary()
        self.line("} else {")
        self.binary()
        self.line("}")

    def loop(self) -> None:
        self.loops += 1
        counts = ["n", "m", "1", "2", "3", "depth - 1"] + [f"{index} + 1" for index in self.indices]
        index = self.name("i")
        self.line(f"repeat {self.any_of(*counts)} as {self.name('h')} at {index} {{")
        self.indices.append(index)
        self.statements(4)
        self.indices.pop()
        self.line("}")


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The text of a model in `n`, `m`, `depth`, `d` and `B`."""
    writer = Writer(draw)
    writer.line("shared = Linear(d)")
    writer.line("norm = LayerNorm()")
    writer.line("a = x -> Linear(d) as k0")
    writer.line("b = a -> Tanh as t0")
    writer.line(draw(st.sampled_from(("c = a * b", "c = b", "c = x"))))
    writer.statements(3)
    writer.loop()
    writer.statements(3)
    writer.line(f"y = {writer.variable()}")
    writer.line(f"z = {writer.variable()} + {writer.variable()}")
    body = "\n".join(writer.lines)
    return f"model M(n = 2, m = 3, depth = 2, d = 2) {{\n  x[B, d] -> y[B, d], z[B, d]\n{body}\n}}"


@st.composite
def sizes(draw: st.DrawFn) -> dict[str, int]:
    """Small numbers for the symbols of `programs`."""
    small = st.integers(1, 5)
    return {
        "n": draw(small),
        "m": draw(small),
        "depth": draw(small),
        "d": draw(st.integers(1, 3)),
        "B": draw(st.integers(1, 2)),
    }
