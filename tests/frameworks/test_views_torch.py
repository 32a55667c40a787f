"""Matrix products of views, against PyTorch: which views they copy before they keep them, and which not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from layer_derive import Input, derive  # noqa: E402
from measure import measure  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import archspec  # noqa: E402

Shape = tuple[int, ...]
ROWS = (4, 5, 6)
IMAGE = (2, 5, 4, 6)

IN_LINEAR: list[tuple[str, Shape, Callable[[Any], Any]]] = [
    ("Slice(1, 3, 0)", ROWS, lambda x: x[1:4]),
    ("Slice(1, 3, 1)", ROWS, lambda x: x[:, 1:4]),
    ("Slice(1, 3)", ROWS, lambda x: x[..., 1:4]),
    ("Slice(1, 3, 1)", IMAGE, lambda x: x[:, 1:4]),
    ("Select(0, 1)", IMAGE, lambda x: x[1]),
    ("Select(1, 2)", IMAGE, lambda x: x[:, 2]),
    ("Select(2, 2)", IMAGE, lambda x: x[:, :, 2]),
    ("Select(-1, 2)", IMAGE, lambda x: x[..., 2]),
    ("Stride(2, 1, 0)", ROWS, lambda x: x[1::2]),
    ("Stride(2, 0, 1)", ROWS, lambda x: x[:, ::2]),
    ("Stride(2, 1)", ROWS, lambda x: x[..., 1::2]),
    ("Stride(3, 0, 1) -> Stride(2, 1, 2)", IMAGE, lambda x: x[:, ::3, 1::2]),
    ("Expand([3, 5, 6])", (1, 5, 6), lambda x: x.expand(3, 5, 6)),
    ("Permute([1, 0, 2])", ROWS, lambda x: x.permute(1, 0, 2)),
]

IN_PRODUCTS: list[tuple[str, list[Shape], Callable[[Any, Any], Any]]] = [
    ("(a, b) -> MatMul", [(2, 3, 4, 5, 6), (2, 3, 4, 6, 7)], torch.matmul),
    ("(a, b -> Transpose) -> MatMul", [(2, 3, 4, 5, 6), (2, 3, 4, 7, 6)], lambda a, b: a @ b.mT),
    ("(a -> Permute([0, 1, 3, 2, 4]), b) -> MatMul", [(2, 3, 5, 4, 6), (2, 3, 4, 6, 7)],
     lambda a, b: a.transpose(2, 3) @ b),
    ("(a -> Unflatten(2, [3, 2, 6]) -> Permute([2, 0, 3, 1, 4]) -> Select(0, 1), b) -> MatMul",
     [(2, 5, 36), (2, 2, 6, 7)], lambda a, b: a.unflatten(2, (3, 2, 6)).permute(2, 0, 3, 1, 4)[1] @ b),
    ("(a, b -> Expand([2, 3, 6, 7])) -> MatMul", [(2, 3, 5, 6), (2, 1, 6, 7)], torch.matmul),
    ("(a, b -> Expand([2, 3, 6, 7])) -> MatMul", [(2, 3, 5, 6), (1, 3, 6, 7)], torch.matmul),
    ("(a -> Expand([2, 3, 4, 5, 6]), b) -> MatMul", [(2, 1, 4, 5, 6), (2, 3, 4, 6, 7)], torch.matmul),
    ("(a, b -> Transpose) -> Project", [(2, 3, 5, 6), (6, 7)], torch.matmul),
    ("(b -> Permute([0, 1, 3, 2]), a) -> Project -> Permute([0, 1, 3, 2])", [(5, 6), (2, 3, 6, 7)], torch.matmul),
]  # fmt: skip


class Linear(nn.Module):
    """A view of something new, and a matrix product with it."""

    def __init__(self, view: Callable[[Any], Any], shape: Shape) -> None:
        super().__init__()
        self.view = view
        self.linear = nn.Linear(view(torch.zeros(shape)).shape[-1], 4)

    def forward(self, x: Any) -> Any:
        return self.linear(self.view(x.exp()))


def derived(line: str, shapes: dict[str, Shape], rank: int) -> Any:
    """The kept bytes of one line that makes `y` from new tensors."""
    sizes = {name: ", ".join(map(str, shape)) for name, shape in shapes.items()}
    inputs = ", ".join(f"of_{name}[{size}]" for name, size in sizes.items())
    made = "".join(f"  {name} = of_{name} -> Exp\n" for name in shapes)
    text = f"model M {{\n  {inputs} -> y[{', '.join(f'y{axis}' for axis in range(rank))}]\n{made}  y = {line}\n}}"
    model = archspec.load_text(text, name="M")
    return model.expression("activations.saved", precision="fp32", backend="cpu", inputs_grad=True)


@pytest.mark.parametrize(("layers", "shape", "view"), IN_LINEAR, ids=[f"{c[0]}{list(c[1])}" for c in IN_LINEAR])
def test_views_in_linear(layers: str, shape: Shape, view: Callable[[Any], Any]) -> None:
    measured = measure(Linear(view, shape), [torch.rand(shape)], precision="fp32", inputs_grad=True)
    found = derived(f"x -> {layers} -> Linear(4)", {"x": shape}, len(measured.shapes[0]))
    assert found == measured.saved


@pytest.mark.parametrize(("line", "shapes", "product"), IN_PRODUCTS, ids=[f"{c[0]}{c[1]}" for c in IN_PRODUCTS])
def test_views_in_products(line: str, shapes: list[Shape], product: Callable[[Any, Any], Any]) -> None:
    inputs = [torch.rand(shape) for shape in shapes]
    measured = measure(lambda a, b: product(a.exp(), b.exp()), inputs, precision="fp32", inputs_grad=True)
    assert derived(line, dict(zip("ab", shapes, strict=True)), len(measured.shapes[0])) == measured.saved


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "mixed-bf16"])
@pytest.mark.parametrize("bias", [(5, 7), (1, 1, 1, 7), (2, 4, 5, 7)])
def test_bias_of_attention(bias: Shape, precision: str, learned: bool) -> None:
    shapes = [(2, 4, 5, 8), (2, 2, 7, 8), (2, 2, 7, 8), bias]

    def attend(q: Any, k: Any, v: Any, added: Any) -> Any:
        given = added if learned else added.detach()
        return F.scaled_dot_product_attention(q, k, v, attn_mask=given, enable_gqa=True)

    measured = measure(attend, [torch.rand(shape) for shape in shapes], precision=precision, inputs_grad=True)
    inputs = [Input(shape) for shape in shapes]
    found = derive("BiasedAttention", {"learned": learned}, inputs, [4], precision=precision)
    assert found["activations.saved"] == measured.saved
