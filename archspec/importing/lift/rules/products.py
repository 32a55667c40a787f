"""Products of matrices, tables, attention."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Lifter, tensor
from archspec.importing.lift.rules.registry import RULES, Refused, Word, given, result, rule, source

Node = dict[str, Any]


@rule("matmul", "bmm", "__matmul__", "mm")
def _(lifter: Lifter, node: Node) -> None:
    left, right = source(node), tensor(given(node, 1, "other", node["k"].get("mat2")))
    if right is None or min(len(lifter.shape(left)), len(lifter.shape(right))) < 2:
        raise Refused("of a vector")
    if len(lifter.shape(left)) > 2 and len(lifter.shape(right)) == 2:
        _project(lifter, node, left, lifter.find(right))
        return
    lifter.emit("MatMul", (left, right), (result(node),))


def _project(lifter: Lifter, node: Node, left: int, right: int) -> None:
    """Rows times one matrix: `x @ weight.T` is a linear layer."""
    turned = lifter.defined.get(right)
    if turned is not None and turned.layer == "Transpose":
        weight = turned.inputs[0]
    else:
        weight = lifter.new(lifter.shape(right)[::-1], right)
        lifter.emit("Transpose", (right,), (weight,))
    RULES["linear"](lifter, {**node, "a": [{"v": left}, {"v": weight}], "k": {}})


@rule("baddbmm")
def _(lifter: Lifter, node: Node) -> None:
    beside, left, right = (tensor(given(node, place, name)) for place, name in enumerate(("input", "batch1", "batch2")))
    if beside is None or left is None or right is None:
        raise Refused("of something else than tensors")
    product = lifter.new(lifter.shape(result(node)), result(node), fresh=True)
    lifter.emit("MatMul", (left, right), (product,))
    for name, value in (("alpha", product), ("beta", beside)):
        factor = float(node["k"].get(name, 1.0))
        if factor != 1:
            scaled = lifter.new(lifter.shape(value), value, fresh=True)
            lifter.emit("Scale", (value,), (scaled,), {"by": factor})
            product, beside = (scaled, beside) if name == "alpha" else (product, scaled)
    lifter.emit("+", (beside, product), (result(node),))


@rule("linear")
def _(lifter: Lifter, node: Node) -> None:
    weight, bias = tensor(given(node, 1, "weight")), tensor(given(node, 2, "bias"))
    if weight is None:
        raise Refused("without a weight")
    turned = lifter.defined.get(lifter.find(weight))
    kept = turned.inputs[0] if turned is not None and turned.layer == "Transpose" else weight
    own = lifter.held.get(lifter.find(kept))
    owner = own.name.rpartition(".")[0] if own is not None else ""
    beside = lifter.held.get(lifter.find(bias)) if bias is not None else None
    alone = own is not None and own.name.endswith(".weight")
    if alone and (bias is None or (beside is not None and beside.name == f"{owner}.bias")):
        found: dict[str, Any] = {"out": lifter.shape(weight)[0], "bias": bias is not None}
        name = owner.rpartition(".")[2] if owner != lifter.path else ""
        lifter.emit("Linear", (source(node),), (result(node),), found, path=owner, name=name)
        return
    if bias is None:
        lifter.emit("Project", (source(node), weight), (result(node),))
        return
    product = lifter.new(lifter.shape(result(node)), result(node), fresh=True)
    lifter.emit("Project", (source(node), weight), (product,))
    lifter.emit("+", (product, bias), (result(node),))


def _plain(lifter: Lifter, owner: str) -> bool:
    """Whether a module holds a weight and perhaps a bias, and nothing else."""
    leaves = {name.removeprefix(f"{owner}.") for names in lifter.names.values() for name in names
              if name.startswith(f"{owner}.")}  # fmt: skip
    return leaves <= {"weight", "bias"}


@rule("addmm")
def _(lifter: Lifter, node: Node) -> None:
    # GPT-2's Conv1D: x.view(-1, in) times a weight of [in, out], which is Linear in all that counts.
    bias, left, weight = source(node), tensor(given(node, 1, "mat1")), tensor(given(node, 2, "mat2"))
    own = lifter.held.get(lifter.find(weight)) if weight is not None else None
    beside = lifter.held.get(lifter.find(bias))
    if own is None or beside is None or left is None:
        raise Refused("of tensors that are no parameters")
    owner = own.name.rpartition(".")[0]
    if beside.name.rpartition(".")[0] != owner:
        raise Refused("of parameters of two modules")
    lifter.emit("Linear", (left,), (result(node),), {"out": own.shape[1]}, path=owner, name=owner.rpartition(".")[2])


@rule("embedding")
def _(lifter: Lifter, node: Node) -> None:
    index, table = source(node), tensor(given(node, 1, "weight"))
    if table is None:
        raise Refused("without a table")
    own = lifter.held.get(lifter.find(table))
    if own is not None and own.name.endswith(".weight") and own.role == "param":
        rows, width = own.shape
        owner = own.name.removesuffix(".weight")
        found = {"num_embeddings": rows, "embedding_dim": width}
        lifter.emit("Embedding", (index,), (result(node),), found, path=owner, name=owner.rpartition(".")[2])
        return
    lifter.emit("Lookup", (table, index), (result(node),))


@rule("scaled_dot_product_attention")
def _(lifter: Lifter, node: Node) -> None:
    query, key, value = (tensor(given(node, place, name)) for place, name in enumerate(("query", "key", "value")))
    mask = tensor(given(node, 3, "attn_mask"))
    dropout = float(given(node, 4, "dropout_p", 0.0))
    causal = bool(given(node, 5, "is_causal", False))
    if query is None or key is None or value is None:
        raise Refused("of something else than tensors")
    heads = lifter.shape(query)[1] if len(lifter.shape(query)) == 4 else 0
    if len(lifter.shape(key)) == 4 and lifter.shape(key)[1] == 1 < heads and node["k"].get("enable_gqa") is not True:
        _seen_by_all(lifter, node, (query, key, value), mask, dropout)
        return
    if mask is None and not dropout and len(lifter.shape(key)) == 4 and _uneven(lifter, query, key, value):
        layer = "UnevenAttention" if causal else "MathAttention"
        lifter.emit(layer, (query, key, value), (result(node),))
        return
    if mask is None:
        found: dict[str, Any] = {"causal": causal, **({"dropout": dropout} if dropout else {})}
        lifter.emit("Attention", (query, key, value), (result(node),), found)
        return
    if lifter.value(mask).dtype == "bool":
        if dropout or lifter.shape(query)[1] % lifter.shape(key)[1]:
            raise Refused("with a mask of bools and dropout")
        lifter.emit("MaskedAttention", (query, key, value, mask), (result(node),))
        return
    said = {**({"learned": True} if lifter.value(mask).grad else {}), **({"dropout": dropout} if dropout else {})}
    lifter.emit("BiasedAttention", (query, key, value, mask), (result(node),), said)


def _uneven(lifter: Lifter, query: int, key: int, value: int) -> bool:
    """Whether keys are not as wide as values, which no flash kernel takes. All have as many heads."""
    heads = {lifter.shape(one)[1] for one in (query, key, value)}
    return len(heads) == 1 and lifter.shape(key)[-1] != lifter.shape(value)[-1]


def _seen_by_all(lifter: Lifter, node: Node, operands: tuple[int, int, int], mask: int | None, dropout: float) -> None:
    """One head of keys for all queries without a word: no kernel takes that, so products run one by one."""
    query, *rest = operands
    heads = lifter.shape(query)[1]
    taken = [query]
    for one in rest:
        batch, _, length, width = lifter.shape(one)
        seen = lifter.new((batch, heads, length, width), one)
        lifter.emit("Expand", (one,), (seen,), {"shape": [batch, heads, length, width]})
        taken.append(seen)
    said = {"dropout": dropout} if dropout else {}
    if mask is None:
        lifter.emit("MathAttention", taken, (result(node),), said)
        return
    if lifter.value(mask).dtype == "bool":
        number = lifter.new(lifter.shape(mask), mask, fresh=True)
        lifter.emit("Cast", (mask,), (number,), {"to": Word("float32")})
        mask = number
    learned = {"learned": True} if lifter.value(mask).grad else {}
    lifter.emit("MathBiasAttention", [*taken, mask], (result(node),), {**learned, **said})
