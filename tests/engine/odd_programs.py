"""Small programs that are odd in one way each: what loops, carried tensors and shared layers can do to a count.

Each is tried at every combination of the sizes given for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from archspec.elaborate.entry import GivenValue


@dataclass(frozen=True)
class Odd:
    """A program and the sizes to try it at.

    named: every `repeat` has a name, so that paths do not hang on turns.
    """

    name: str
    text: str
    sizes: Mapping[str, tuple[GivenValue, ...]]
    named: bool = True

    def settings(self) -> Iterator[dict[str, GivenValue]]:
        """Every combination of the sizes."""
        for values in product(*self.sizes.values()):
            yield dict(zip(self.sizes, values, strict=True))


COUNTS = (1, 2, 3, 5)
PROGRAMS: list[Odd] = []


def odd(name: str, text: str, named: bool = True, **sizes: GivenValue) -> None:
    """Add a program. A size is a number or a tuple of numbers to try."""
    tried = {key: value if isinstance(value, tuple) else (value,) for key, value in sizes.items()}
    PROGRAMS.append(Odd(name, text, tried, named))


# --- carried tensors --------------------------------------------------------------------------------

odd(
    "a plain stack",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x
  repeat n as h { y = y -> Linear(d) -> ReLU }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "two variables change places",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d], z[B, d]
  y = x -> Linear(d) as one
  z = x -> Linear(d, bias = false) as two -> Tanh
  repeat n as h {
    y, z = (z, y -> GELU)
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "two variables change places and both are worked on",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  a = x -> Linear(d) as one
  b = x -> Linear(d) as two
  repeat n as h {
    a, b = (b -> Linear(d) as f, a -> Sigmoid)
  }
  z = a * b
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "three variables in a circle",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  a = x -> Linear(d) as one
  b = a -> Tanh
  c = b -> Linear(d) as two
  repeat n as h {
    a, b, c = (b, c, a -> GELU)
  }
  z = a + b * c
}""",
    n=(1, 2, 3, 4, 5, 6),
    d=3,
    B=2,
)

odd(
    "a lag of two turns",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  old = x -> Linear(d) as one
  new = x -> Linear(d) as two
  repeat n as h {
    next = (new -> Linear(d) as f) + old
    old = new
    new = next
  }
  z = new
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a lag of two turns, all kept",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  old = x -> Linear(d) as one
  new = x -> Linear(d) as two
  repeat n as h {
    next = (new -> Linear(d) as f) * old
    old = new
    new = next
  }
  z = new * old
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a lag of three turns",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  a = x -> Linear(d) as one
  b = x -> Linear(2*d) as two -> GLU
  c = a -> GELU
  repeat n as h {
    next = (c -> Linear(d) as f) * a + b
    a = b
    b = c
    c = next
  }
  z = c * c
}""",
    n=(1, 2, 3, 4, 5, 6),
    d=4,
    B=2,
)

odd(
    "aliases of a carried tensor",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  y = x -> Linear(d) as one
  repeat n as h {
    same = y
    other = same
    y = (other -> Tanh) * same + (y -> Sigmoid)
  }
  z = y
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a carried tensor that never changes",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  y = x -> Linear(d) as one
  w = x -> Linear(d) as two
  repeat n as h {
    w = w
    y = (y -> Linear(d) as f) * w
  }
  z = y
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a carried tensor replaced by one from outside",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  out = x -> Linear(d) as one -> Tanh
  y = x -> Linear(d) as two
  repeat n as h {
    z = y -> GELU
    y = out
  }
  z = y * out
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a carried tensor replaced by one from before, used one turn later",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  out = x -> Linear(d) as one
  a = x -> Linear(d) as two
  b = a -> Tanh
  z = b
  repeat n as h {
    z = z + (a -> GELU)
    a = b
    b = out
  }
}""",
    n=(1, 2, 3, 4),
    d=3,
    B=2,
)

odd(
    "kept only after the loop",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  y = x -> Linear(d) as one
  repeat n as h {
    y = y + 1.5
  }
  z = y -> GELU
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "consumed far behind the loop",
    """
model M(n = 3, m = 2, d = 4) {
  x[B, d] -> z[B, d]
  y = x -> Linear(d) as one
  repeat n as h {
    s = y
    y = y -> Linear(d) as f -> ReLU
  }
  w = y
  v = y -> Linear(2*d) as wide -> Tanh
  repeat m as g {
    v = v -> Linear(2*d) as f
  }
  z = (v -> Linear(d) as narrow) * w
}""",
    n=(1, 2, 3),
    m=(1, 2, 3),
    d=3,
    B=2,
)

odd(
    "one of several carried tensors leaves the loop",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  a = x -> Linear(d) as one
  b = a
  c = a
  repeat n as h {
    c = b
    b = a
    a = a -> Linear(d) as f
  }
  z = c -> GELU
}""",
    n=(1, 2, 3, 4, 5),
    d=3,
    B=2,
)

odd(
    "views of carried tensors are kept",
    """
model M(n = 3, d = 4) {
  x[B, 2*d] -> z[B, 2*d]
  y = x -> Linear(2*d) as one
  repeat n as h {
    a, b = y -> Split(2)
    c = a * (b -> Sigmoid)
    y = (c, a) -> Concat
  }
  z = y
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "half of a carried tensor goes on",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  y = x -> Linear(d) as one
  repeat n as h {
    a, b = y -> Linear(2*d) as f -> Split(2)
    y = a -> GELU
    y = b
  }
  z = y
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "heads of carried tensors, copied",
    """
model M(n = 3, heads = 2, e = 3) {
  x[B, S, heads*e] -> z[B, S, heads*e]
  z = x
  repeat n as h {
    q, k, v = z -> Linear(3*heads*e) as qkv -> Split(3) -> Heads(heads)
    z = z + ((q, k, v) -> Attention(causal = true, dropout = 0.1) -> MergeHeads -> Linear(heads*e) as out)
  }
}""",
    n=(1, 2, 3),
    heads=(1, 2),
    e=3,
    B=2,
    S=(1, 4),
)

odd(
    "a strided tensor is carried",
    """
model M(n = 3, heads = 2, e = 3) {
  x[B, S, heads*e] -> z[B, S, heads*e]
  y = x -> Linear(heads*e) as one -> Heads(heads)
  repeat n as h {
    y = y -> MergeHeads -> Linear(heads*e) as f -> Heads(heads)
  }
  z = y -> MergeHeads
}""",
    n=(1, 2, 3),
    heads=(1, 2),
    e=3,
    B=2,
    S=(1, 4),
)

odd(
    "the layout changes in the first turn",
    """
model M(n = 3, heads = 2, e = 3) {
  x[B, S, heads*e] -> z[B, heads, S, e]
  w = x -> Linear(heads*e) as one
  z = w -> Unflatten(2, [heads, e]) -> Permute([0, 2, 1, 3]) -> Contiguous
  u = w -> Heads(heads)
  repeat n as h {
    z = (z -> Linear(e) as f) + u
    u = z
  }
}""",
    n=(1, 2, 3),
    heads=(1, 2),
    e=3,
    B=2,
    S=(1, 4),
)

odd(
    "two variables only change places",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  a = x -> Linear(d) as one
  b = x -> Linear(d) as two -> Tanh
  repeat n as h { a, b = (b, a) }
  z = (a -> GELU) + (b -> Linear(d) as three)
}""",
    n=(1, 2, 3, 4),
    d=3,
    B=2,
)

odd(
    "three variables only change places, in a loop of a loop",
    """
model M(n = 3, m = 2, d = 4) {
  x[B, d] -> z[B, d]
  a = x -> Linear(d) as one
  b = a -> Tanh
  c = a * b
  repeat n as h {
    repeat m as g { a, b, c = (b, c, a) }
    a = a + 1
  }
  z = (a -> Sigmoid) + (b -> Linear(d) as two) * c
}""",
    n=(1, 2, 3),
    m=(1, 2, 3, 4),
    d=3,
    B=2,
)

# --- in place ---------------------------------------------------------------------------------------

odd(
    "activations in place",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x
  repeat n as h { y = y -> Linear(d) -> ReLU(inplace = true) }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "in place at the head of a turn",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h { y = y -> ReLU(inplace = true) -> Linear(d) as f }
  y = y -> SiLU(inplace = true)
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "in place all along",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h { y = y -> Hardswish(inplace = true) }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

# --- first turns that are odd -----------------------------------------------------------------------

odd(
    "an image that needs no gradient",
    """
model M(n = 3, c = 4) {
  image[B, 3, H, W] -> y[B, c, H, W]
  y = image
  repeat n as h { y = y -> Conv2d(c, 3, padding = 1) as conv -> BatchNorm2d as norm -> ReLU(inplace = true) }
}""",
    n=COUNTS,
    c=(3, 5),
    B=2,
    H=4,
    W=3,
)

odd(
    "a sum with what needs no gradient",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  z = x
  repeat n as h { z = z * (x -> Linear(d) as f) }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "the gradient begins in the second turn, for another one in the third",
    """
model M(n = 3, d = 4) {
  x[B, d] -> z[B, d]
  a = x -> Tanh
  z = x
  repeat n as h {
    z = z * a
    a = (x -> Linear(d) as f) + x
  }
  z = z + a
}""",
    n=(1, 2, 3, 4, 5),
    d=3,
    B=2,
)

odd(
    "no gradient at all",
    """
model M(n = 3) {
  x[B, d] -> z[B, d]
  z = x
  repeat n as h { z = z * (x -> Tanh) }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "conditions on the index",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h at i {
    if i == 0 { y = y -> Linear(2*d) as wide -> GLU } else { y = y + (y -> Linear(d) as f) }
    if i >= 1 { y = y -> Tanh }
  }
}""",
    n=COUNTS,
    d=4,
    B=2,
)

odd(
    "strides of the first block only",
    """
model M(n = 3, c = 4) {
  image[B, 3, H, W] -> y[B, c, _, _]
  y = image
  repeat n as h at i {
    y = y -> Conv2d(c, 3, stride = (2 if i == 0 else 1), padding = 1) as conv -> ReLU
  }
}""",
    n=COUNTS,
    c=5,
    B=2,
    H=(4, 5, 7),
    W=6,
)

# --- shapes that grow -------------------------------------------------------------------------------

odd(
    "widths that hang on the index",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h at i {
    y = y + (y -> Linear(d * (i + 1)) as up -> GELU -> Linear(d) as down)
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "widths that fall with the index",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h at i {
    y = y + (y -> Linear(d * (n - i)) as up -> GELU -> Linear(d) as down)
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a hump in the middle",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h at i {
    y = y + (y -> Linear(d * (1 + i*(n - 1 - i))) as up -> GELU -> Linear(d) as down)
  }
}""",
    n=(1, 2, 3, 4, 5, 6),
    d=3,
    B=2,
)

odd(
    "channels that grow by a constant",
    """
model M(n = 3, c = 4, growth = 2) {
  image[B, c, H, W] -> y[B, _, H, W]
  y = image -> Conv2d(c, 3, padding = 1) as stem
  repeat n as dense {
    new = y -> BatchNorm2d as norm -> ReLU -> Conv2d(growth, 3, padding = 1) as conv
    y = (y, new) -> Concat(dim = 1)
  }
  y = y -> ReLU
}""",
    n=COUNTS,
    c=3,
    growth=(1, 2),
    B=2,
    H=4,
    W=3,
)

odd(
    "a feature map joined with all before it, in two ways",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, _]
  all = x -> Linear(d) as one
  y = all
  repeat n as h {
    y = all -> Linear(d) as f -> Tanh
    all = (all, y) -> Concat
  }
  y = (all, y) -> Concat -> GELU
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "widths that double",
    """
model M(n = 3, d = 2) {
  x[B, d] -> y[B, _]
  y = x -> Linear(d) as one
  repeat n as h {
    y = (y -> Linear(d * 2) as f -> ReLU, y) -> Concat -> Linear(d) as g
    y = y -> Linear(d) as k
  }
}""",
    n=(1, 2, 3),
    d=2,
    B=2,
)

odd(
    "channels that double, pictures that halve",
    """
layer Down { x[B, c, H, W] -> y[B, 2*c, H // 2, W // 2]
  y = x -> Conv2d(2*c, 3, padding = 1) as conv -> ReLU -> MaxPool2d(2)
}
model M(n = 3, c = 2) {
  image[B, 3, H, W] -> y[B, _, _, _]
  require H >= 2**n and W >= 2**n, "the picture is too small"
  y = image -> Conv2d(c, 3, padding = 1) as stem
  repeat n as h { y = y -> Down }
}""",
    n=(1, 2, 3),
    c=2,
    B=2,
    H=(8, 13),
    W=9,
)

odd(
    "pictures that halve, rounded up",
    """
model M(n = 3, c = 2) {
  image[B, 3, H, W] -> y[B, c, _, _]
  y = image -> Conv2d(c, 3, padding = 1) as stem
  repeat n as h { y = y -> Conv2d(c, 3, stride = 2, padding = 1) as conv -> ReLU }
}""",
    n=(1, 2, 3),
    c=2,
    B=2,
    H=(1, 5, 12),
    W=7,
)

odd(
    "a picture that loses its rim",
    """
model M(n = 3, c = 2) {
  image[B, 3, H, W] -> y[B, c, _, _]
  require H > 2*n and W > 2*n, "the picture is too small"
  y = image -> Conv2d(c, 1) as stem
  repeat n as h { y = y -> Conv2d(c, 3) as conv -> ReLU }
}""",
    n=(1, 2, 3),
    c=2,
    B=2,
    H=(7, 9),
    W=11,
)

odd(
    "a sequence that gains one token a turn",
    """
model M(n = 3, d = 2) {
  x[B, S, d] -> y[B, _, d]
  y = x -> Linear(d) as one
  repeat n as h {
    token = y -> Mean(1, keepdim = true) -> Linear(d) as f
    y = (token, y) -> Concat(dim = 1) -> GELU
  }
}""",
    n=COUNTS,
    d=2,
    B=2,
    S=(1, 3),
)

# --- counts -----------------------------------------------------------------------------------------

odd(
    "a count of depth - 1",
    """
model M(depth = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as first -> ReLU
  repeat depth - 1 as rest { y = y -> Linear(d) as f -> ReLU }
}""",
    depth=COUNTS,
    d=3,
    B=2,
)

odd(
    "a count that may be nothing",
    """
model M(n: nat = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as first -> Tanh
  w = y
  repeat n as rest { y = y -> Linear(d) as f -> GELU }
  y = y + w
}""",
    n=(0, 1, 2, 3),
    d=3,
    B=2,
)

odd(
    "loops with a number of turns",
    """
model M(d = 4) {
  x[B, d] -> y[B, d]
  y = x
  repeat 0 as none { y = y -> Linear(d) as f }
  repeat 1 as once { y = y -> Linear(d) as f -> Tanh }
  repeat 2 as twice { y = y -> Linear(d) as f -> GELU }
  repeat 3 as thrice { y = (y -> Sigmoid) * y }
}""",
    d=3,
    B=2,
)

odd(
    "loops without names",
    """
model M(n = 3, m = 2, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d)
  repeat n { y = y -> Linear(d) -> ReLU }
  repeat m { y = y + (y -> Linear(d) -> Tanh) }
  y = y -> Linear(d)
}""",
    named=False,
    n=(1, 2, 3),
    m=(1, 2, 3),
    d=3,
    B=2,
)

odd(
    "loops in loops",
    """
model M(n = 3, m = 2, d = 4) {
  x[B, d] -> y[B, d]
  y = x
  repeat n as outer {
    w = y -> Linear(d) as one
    repeat m as inner { w = w -> Linear(d) as f -> GELU }
    y = y + w
  }
}""",
    n=(1, 2, 3),
    m=(1, 2, 3),
    d=3,
    B=2,
)

odd(
    "loops in loops in loops",
    """
model M(n = 2, m = 2, k = 2, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as zero
  z = y
  repeat n as a {
    repeat m as b {
      z = y * z
      repeat k as c { y = y -> Linear(d) as f -> Tanh }
    }
    y = y + z
  }
}""",
    n=(1, 2, 3),
    m=(1, 3),
    k=(1, 3),
    d=3,
    B=2,
)

odd(
    "an inner loop of i + 1 turns",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as zero
  repeat n as outer at i {
    y = y -> Sigmoid
    repeat i + 1 as inner { y = y -> Linear(d) as f -> GELU }
  }
}""",
    n=(1, 2, 3, 4, 5),
    d=3,
    B=2,
)

odd(
    "an inner loop of i + 1 turns with a lag",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as zero
  z = y -> Tanh
  repeat n as outer at i {
    y = y + 1
    repeat i + 1 as inner {
      w = y + z
      z = y
      y = w
    }
    y = y -> Sigmoid
  }
  y = y * z
}""",
    n=(1, 2, 3, 4, 5),
    d=3,
    B=2,
)

odd(
    "an inner loop of i + 1 turns with a lag, all kept",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as zero
  z = y -> Tanh
  repeat n as outer at i {
    y = y + 1
    repeat i + 1 as inner {
      w = y * z
      z = y
      y = w + 1
    }
    y = y -> Sigmoid
  }
  y = y * z
}""",
    n=(1, 2, 3, 4, 5),
    d=3,
    B=2,
)

odd(
    "an inner loop of i turns",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as zero
  repeat n as outer at i {
    y = y -> Sigmoid
    repeat i as inner { y = y -> Linear(d) as f -> GELU }
  }
}""",
    n=(1, 2, 3, 4, 5),
    d=3,
    B=2,
)

odd(
    "an inner loop of n - i turns whose widths hang on both indices",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as zero
  repeat n as outer at i {
    repeat n - i as inner at j { y = y -> Linear(d*(i + j + 1)) as up -> GELU -> Linear(d) as down }
  }
}""",
    n=(1, 2, 3, 4),
    d=2,
    B=2,
)

odd(
    "swaps in both of two nested loops",
    """
model M(n = 3, m = 2, d = 4) {
  x[B, d] -> y[B, d]
  a = x -> Linear(d) as one
  b = x -> Linear(d) as two
  repeat n as outer {
    a, b = (b -> GELU, a)
    repeat m as inner { a, b = (b, a -> Tanh) }
  }
  y = a * b
}""",
    n=(1, 2, 3, 4),
    m=(1, 2, 3),
    d=3,
    B=2,
)

# --- sharing ----------------------------------------------------------------------------------------

odd(
    "one layer shared by all turns",
    """
layer Block(d) { x[B, d] -> y[B, d]
  y = x + (x -> Linear(4*d) as up -> GELU -> Linear(d) as down)
}
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  block = Block(d)
  y = x -> Linear(d) as embed
  repeat n as h { y = y -> block }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "one layer shared by the turns of the inner loop",
    """
model M(n = 3, m = 2, d = 4) {
  x[B, d] -> y[B, d]
  y = x
  repeat n as group {
    block = Linear(d)
    norm = LayerNorm()
    repeat m as inner { y = y -> block -> norm -> ReLU }
  }
}""",
    n=(1, 2, 3),
    m=(1, 2, 3),
    d=3,
    B=2,
)

odd(
    "a shared layer with a loop in it",
    """
layer Stack(n, d) { x[B, d] -> y[B, d]
  y = x
  repeat n as f { y = y -> Linear(d) as f -> Tanh }
}
model M(n = 3, m = 2, d = 4) {
  x[B, d] -> y[B, d]
  stack = Stack(n, d)
  y = x -> stack
  repeat m as h { y = y -> stack }
  y = y -> stack
}""",
    n=(1, 2, 3),
    m=(1, 2, 3),
    d=3,
    B=2,
)

odd(
    "a shared layer with a loop in it, whose first turn is odd in the second call only",
    """
layer Stack(n, d) { x[B, d] -> y[B, d]
  y = x
  repeat n as f { y = y -> Linear(d) as f -> Tanh }
}
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  stack = Stack(n, d)
  w = x -> Linear(d) as one
  y = w -> stack
  y = y * (x -> stack)
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a shared layer with a loop in it, whose first turn is odd in the first call only",
    """
layer Stack(n, d) { x[B, d] -> y[B, d]
  y = x
  repeat n as f { y = y -> Linear(d) as f -> Tanh }
}
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  stack = Stack(n, d)
  y = x -> stack
  y = y -> stack
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a shared layer for tensors of two sizes, with a shape among its arguments",
    """
layer Flat(d) { x[B, S, d] -> y[B, d]
  y = x -> Reshape([B, S*d]) -> Unflatten(1, [S, d]) -> Mean(1) -> Linear(d) as f
}
model M(n = 3, d = 4) {
  x[B, S, d], z[B, T, d] -> y[B, d]
  flat = Flat(d)
  y = (x -> flat) + (z -> flat)
  repeat n as h { y = y + (x -> flat) * (z -> flat) }
}""",
    n=(1, 2, 3),
    d=3,
    B=2,
    S=(1, 4),
    T=3,
)

odd(
    "a layer made in a loop, called with other shapes in each turn",
    """
model M(n = 3, d = 4) {
  x[B, S, d] -> y[B, _, d]
  shared = Linear(d)
  y = x
  repeat n as h {
    y = (y -> shared, y -> Mean(1, keepdim = true)) -> Concat(dim = 1)
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
    S=(1, 4),
)

odd(
    "tied weights",
    """
model M(n = 3, vocab = 7, d = 4) {
  tokens[B, S]: int64 -> logits[B, S, vocab]
  embed = Embedding(vocab, d)
  x = tokens -> embed
  repeat n as h { x = x -> Linear(d) as f -> ReLU }
  logits = x -> Linear(vocab, bias = false) as head
  tie head.weight = embed.weight
}""",
    n=COUNTS,
    vocab=7,
    d=3,
    B=2,
    S=3,
)

odd(
    "weights tied in every turn",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h {
    y = y -> Linear(d) as f -> Tanh -> Linear(d) as g
    tie g.weight = f.weight
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "parameters of a composite",
    """
layer Scaled(d) { x[B, d] -> y[B, d]
  param gain[d]
  y = x * gain
}
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x
  repeat n as h { y = y -> Scaled(d) -> Tanh }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a bank of experts in each turn",
    """
model M(n = 3, d = 4, experts = 3, active = 2, hidden = 5) {
  x[B, S, d] -> y[B, S, d]
  require active <= experts
  y = x
  repeat n as h { y = y + (y -> LayerNorm as norm -> MoE(experts, active, hidden) as moe) }
}""",
    n=(1, 2, 3),
    d=3,
    experts=(1, 3),
    active=1,
    hidden=2,
    B=2,
    S=3,
)

odd(
    "a cache in each turn",
    """
layer Self(heads) { x[B, S, d] -> y[B, S, d]
  q, k, v = x -> Linear(3*d) as qkv -> Split(3) -> Heads(heads)
  cache k, v
  y = (q, k, v) -> Attention(causal = true) -> MergeHeads -> Linear(d) as out
}
model M(n = 3, d = 4) {
  x[B, S, d] -> y[B, S, d]
  require d % 2 == 0
  y = x
  repeat n as h { y = y + (y -> Self(2) as attn) }
}""",
    n=(1, 2, 3),
    d=4,
    B=2,
    S=3,
)

# --- lists ------------------------------------------------------------------------------------------

odd(
    "repeat in each",
    """
model M(depths: list = [2, 1, 3], d = 4) {
  x[B, d] -> y[B, _]
  y = x
  each depth in depths as stage at i {
    y = y -> Linear(d * 2**i) as first -> ReLU
    repeat depth - 1 as rest { y = y -> Linear(d * 2**i) as f -> ReLU }
  }
}""",
    depths=([1], [2, 1], [1, 3, 2], [3, 2, 2]),
    d=3,
    B=2,
)

odd(
    "each in repeat",
    """
model M(widths: list = [2, 5], n = 2, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h {
    z = y
    each w in widths as part { z = z -> Linear(w) as f -> GELU }
    y = y * (z -> Linear(d) as last)
  }
}""",
    widths=([3], [2, 5], [1, 2, 3]),
    n=(1, 2, 3),
    d=3,
    B=2,
)

odd(
    "a recursion on a list",
    """
layer Level(widths: list) { x[B, c] -> y[B, widths[0]]
  here = x -> Linear(widths[0]) as left -> ReLU
  if len(widths) > 1 {
    below = here -> Level(widths[1:]) as below -> Linear(widths[0]) as up
    y = (here, below) -> Concat -> Linear(widths[0]) as right -> Tanh
  } else { y = here }
}
model M(widths: list = [2, 3, 4], n = 2, c = 3) {
  x[B, c] -> y[B, _]
  y = x -> Linear(widths[0]) as one
  repeat n as h { y = y -> Level(widths) as level }
}""",
    widths=([3], [3, 5], [3, 1, 2]),
    n=(1, 2, 3),
    c=3,
    B=2,
)

odd(
    "skip connections of an encoder and a decoder that both loop",
    """
model M(n = 3, m = 2, d = 4) {
  source[B, T, d], target[B, S, d] -> y[B, S, d]
  memory = source
  repeat n as encoder { memory = memory -> Linear(d) as f -> GELU }
  y = target
  repeat m as decoder {
    y = y + (y -> Linear(2*d) as up -> GELU -> Linear(d) as down)
    keys = memory -> Linear(d) as k
    y = y + ((y -> Linear(d) as q, keys, memory -> Linear(d) as v) -> Cross)
    y = y -> Linear(3*d) as wide -> Tanh -> Linear(d) as narrow
  }
}
layer Cross { q[B, S, d], k[B, T, d], v[B, T, d] -> y[B, S, d]
  save q, k, v
  flops 4 * size(q) * T
}""",
    n=(1, 3),
    m=(1, 2, 3),
    d=3,
    B=2,
    S=(1, 5),
    T=(2, 9),
)

# --- the peak ---------------------------------------------------------------------------------------

odd(
    "the input of the model is needed to the end",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x -> Linear(d) as one
  repeat n as h { y = (y -> Linear(3*d) as up -> Tanh -> Linear(d) as down) + x }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "the input of the model enters the loop and is read behind it",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  y = x
  repeat n as h { y = y -> Linear(3*d) as up -> Tanh -> Linear(d) as down }
  y = y + x
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "an output that is never read again",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d], w[B, 3*d]
  w = x -> Linear(3*d) as aside
  y = x
  repeat n as h {
    idle = y -> Linear(5*d) as idle
    y = y -> Linear(2*d) as up -> Linear(d) as down
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "an input that is never read",
    """
model M(n = 3, d = 4) {
  x[B, d], unused[B, 9*d] -> y[B, d]
  y = x
  repeat n as h { y = y -> Linear(2*d) as up -> Linear(d) as down }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "the last turn is wider than what follows, the first is narrower than what came before",
    """
model M(n = 3, a = 4, b = 2, c = 3) {
  x[B, a] -> y[B, c]
  big = x -> Linear(7*a) as big
  y = big -> Linear(b) as one
  z = y
  repeat n as h at i {
    z = y
    y = y -> Linear(b + i) as up -> ReLU -> Linear(b) as down
  }
  y = (y + z) -> Linear(c) as last
}""",
    n=COUNTS,
    a=(1, 4),
    b=(2, 9),
    c=(1, 40),
    B=2,
)

odd(
    "something from before the loop dies in the last turn",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  early = x -> Linear(5*d) as early
  y = x
  repeat n as h {
    y = y + (early -> Linear(d) as f)
    y = y -> Linear(4*d) as up -> Linear(d) as down
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "a wide tensor is carried for one turn",
    """
model M(n = 3, d = 4) {
  x[B, d] -> y[B, d]
  wide = x -> Linear(6*d) as w0
  y = x
  repeat n as h {
    z = y -> Linear(5*d) as up
    y = (z -> Linear(d) as down) + (wide -> Linear(d) as take)
    wide = y -> Linear(6*d) as give
  }
}""",
    n=COUNTS,
    d=3,
    B=2,
)

odd(
    "only one of the closed forms of its sizes keeps a picture square",
    """
layer Square(c) {
  x[B, c, H, W] -> y[B, c, H, H]
  y = x + (x -> Conv2d(c, 3, padding = 1))
}

model M(n = 3, H = 56) {
  x[B, 3, H, H] -> y[B, 3, P, P]
  y = x
  repeat n as h { y = y -> Square(3) -> MaxPool2d(3, stride = 2, padding = 1) }
}""",
    n=COUNTS,
    H=(56, 24, 15),
    B=2,
)
