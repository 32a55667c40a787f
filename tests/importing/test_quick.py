"""Quick functions on `meta` beside the kernels for cpu: the same shapes, dtypes and strides, for many kinds of input.

They change torch for their whole process, so that all this runs in one of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

CASES = 4000


def test_as_on_cpu() -> None:
    """Whatever a quick function says, cpu does; and it says something often enough."""
    root = Path(__file__).parent.parent.parent
    ran = subprocess.run(
        [sys.executable, "-m", "tests.importing.test_quick"], capture_output=True, text=True, check=False, cwd=root
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout)
    assert not found["wrong"], found["wrong"][:5]
    assert min(found["quick"].values()) > 20, found["quick"]
    assert min(found["slow"].values()) > 10, found["slow"]


def main() -> None:
    """Compare, and print what differs."""
    from archspec.importing.trace import kernels
    from archspec.importing.trace.quick import hasten

    left: list[str] = []  # what was left to torch last
    names = list(kernels.KERNELS)
    for name, make in list(kernels.KERNELS.items()):
        kernels.KERNELS[name] = _watched(make, left)
    hasten()
    draw = Random(7)
    wrong, quick, slow = [], Counter(dict.fromkeys(names, 0)), Counter(dict.fromkeys(names, 0))
    for number in range(CASES):
        name = names[number % len(names)]
        arguments = _arguments(name.partition(".")[0], draw)
        left.clear()
        meta = _outcome(name, arguments, "meta")
        (slow if left else quick)[name] += 1
        if left:
            continue
        real = _outcome(name, arguments, "cpu")
        if real != meta:
            wrong.append(f"{number} {name} {[_described(one) for one in arguments]}: cpu {real}, meta {meta}")
    print(json.dumps({"wrong": wrong, "quick": quick, "slow": slow}))


def _watched(make: Any, left: list[str]) -> Any:
    def made(slow: Any) -> Any:
        def told(*given: Any, **named: Any) -> Any:
            left.append("slow")
            return slow(*given, **named)

        return make(told)

    return made


def _outcome(name: str, arguments: list[Any], device: str) -> Any:
    import torch

    packet, _, overload = name.partition(".")
    operation = getattr(getattr(torch.ops.aten, packet), overload or "default")
    given = [_moved(one, device) for one in arguments]
    try:
        result = operation(*given)
    except (RuntimeError, TypeError, IndexError, NotImplementedError):
        return "error"
    several = result if isinstance(result, tuple) else [result]
    return [None if one is None else _described(one) for one in several]


def _described(value: Any) -> Any:
    import torch

    if isinstance(value, list):
        return [_described(one) for one in value]
    if not isinstance(value, torch.Tensor):
        return str(value)
    steps = [step for size, step in zip(value.shape, value.stride(), strict=True) if size != 1]
    return [list(value.shape), str(value.dtype), steps]


def _moved(value: Any, device: str) -> Any:
    """Real arguments, or tensors on `meta` that lie as they do."""
    import torch

    if isinstance(value, list):
        return [_moved(one, device) for one in value]
    if not isinstance(value, torch.Tensor) or device == "cpu":
        return value
    return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device=device)


def _tensor(shape: list[int], draw: Random, *, plain: bool = False) -> Any:
    """A tensor of any layout; plain: of the usual one."""
    import torch

    dtype = torch.float32 if plain or draw.random() < 0.9 else draw.choice([torch.float64, torch.int64])
    kind = draw.choice(["in order", "in order", "turned", "cut", "spread"]) if not plain else "in order"
    if kind == "turned" and len(shape) > 1:
        order = draw.sample(range(len(shape)), len(shape))
        made = torch.ones([shape[place] for place in order], dtype=dtype)
        return made.permute([order.index(place) for place in range(len(shape))])
    if kind == "cut" and shape:
        made = torch.ones([*shape[:-1], shape[-1] + 3], dtype=dtype)
        return made[..., 1 : shape[-1] + 1]
    if kind == "spread" and shape:
        return torch.ones([*shape[:-1], 1], dtype=dtype).expand(shape)
    return torch.ones(shape, dtype=dtype)


def _arguments(packet: str, draw: Random) -> list[Any]:
    """What an operation might be called with, now and then what it refuses."""
    plain = draw.random() < 0.5
    shape = [draw.choice([1, 2, 3, 5]) for _ in range(draw.randint(1, 5))]
    x = _tensor(shape, draw, plain=plain)
    like = _tensor(shape, draw, plain=plain)
    if packet in ("add", "sub", "mul", "div"):
        other = draw.choice([shape, shape, shape[1:], [1] * len(shape), [*shape[:-1], 1], [], [4, *shape], [7]])
        return [x, _tensor(other, draw, plain=plain)]
    if packet in ("gelu", "silu", "relu", "exp"):
        return [x]
    if packet in ("clamp", "clamp_min"):
        return [x, draw.choice([0, 0.5])]
    if packet in ("gelu_backward", "sigmoid_backward"):
        return [x, like]
    if packet == "threshold_backward":
        return [x, like, 0.0]
    if packet == "_softmax_backward_data":
        return [x, like, len(shape) - 1, x.dtype]
    if packet == "roll":
        return [x, [1], [draw.randrange(len(shape))]]
    if packet in ("sum", "mean"):
        dims = draw.sample(range(-len(shape), len(shape)), draw.randint(0, 2))
        return [x, dims, draw.random() < 0.5]
    if packet == "addmm":
        rows, inner, columns = (draw.choice([1, 2, 3, 5]) for _ in range(3))
        bias = draw.choice([[columns], [rows, columns], [1], [4], []])
        return [_tensor(bias, draw), _tensor([rows, inner], draw), _tensor([inner, columns], draw)]
    if packet == "cat":
        place = draw.randrange(len(shape))
        others = [[*shape[:place], draw.choice([1, 2, 4]), *shape[place + 1 :]] for _ in range(draw.randint(0, 3))]
        if draw.random() < 0.1:
            others.append([*shape, 2])
        return [[x, *(_tensor(one, draw, plain=plain) for one in others)], draw.choice([place, place - len(shape)])]
    sizes = shape[draw.randrange(len(shape)) :]
    rows = [*shape[: len(shape) - len(sizes)], *(1 for _ in sizes)]
    weight = _tensor(sizes if draw.random() < 0.9 else [9], draw, plain=True) if draw.random() < 0.7 else None
    bias = _tensor(sizes, draw, plain=True) if draw.random() < 0.7 else None
    if packet == "native_layer_norm":
        return [x, sizes, weight, bias, 1e-5]
    assert packet == "native_layer_norm_backward", packet
    means = [_tensor(rows, draw, plain=True) for _ in range(2)]
    wanted = [True, weight is not None, bias is not None]
    return [like, x, sizes, *means, weight, bias, wanted]


if __name__ == "__main__":
    main()
