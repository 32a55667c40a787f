"""Modules of `torch.nn` that are taken as a whole."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Lifter, tensor, tensors_in
from archspec.importing.lift.rules.pictures import put_zeros
from archspec.importing.lift.spellings import arguments, spellings

Node = dict[str, Any]


def lift_module(lifter: Lifter, node: Node) -> None:
    """Lift a call of a module that was not looked into."""
    leaf = str(node["leaf"])
    if leaf == "MultiheadAttention":
        _attention(lifter, node)
        return
    if leaf in ("RNN", "GRU", "LSTM"):
        _recurrent(lifter, node, leaf)
        return
    inputs = list(tensors_in(node["a"])) + list(tensors_in(list(node["k"].values())))
    output = tensor(node["o"])
    if len(inputs) != 1 or output is None:
        lifter.miss(f"nn.{leaf}", "called with something else than one tensor", node["m"])
        return
    settings = dict(node["s"])
    if _does_nothing(lifter, leaf, settings, inputs[0], output):
        lifter.same(output, inputs[0])
        return
    if leaf.startswith("ZeroPad") and min(settings["padding"]) < 0:
        put_zeros(lifter, inputs[0], output, settings["padding"])
        return
    if leaf == "LayerNorm" and len(settings["normalized_shape"]) > 1:
        lifter.miss("nn.LayerNorm", "normalises several axes at once", node["m"])
        return
    if leaf == "Upsample" and settings.get("size") is not None:
        settings["scale_factor"] = None
    for spelling in spellings()[leaf]:
        if leaf == "Upsample" and (spelling.layer.name == "Resize") != (settings.get("size") is not None):
            continue
        found = arguments(spelling, settings)
        if found is not None:
            name = node["m"].rpartition(".")[2]
            lifter.emit(spelling.layer.name, inputs, (output,), found, path=node["m"], name=name)
            return
    lifter.miss(f"nn.{leaf}", "made with settings that the library's layer does not have", node["m"])


def _does_nothing(lifter: Lifter, leaf: str, settings: dict[str, Any], source: int, output: int) -> bool:
    if leaf.endswith("Dropout") or leaf.startswith("Dropout"):
        return settings.get("p") == 0
    return lifter.find(source) == lifter.find(output) and not settings.get("inplace")


def _attention(lifter: Lifter, node: Node) -> None:
    given = [tensor(one) for one in node["a"]]
    names = ("query", "key", "value")
    given += [tensor(node["k"].get(name)) for name in names[len(given) :]]
    rest = node["a"][3:] + [
        one for name, one in node["k"].items()
        if name not in (*names, "need_weights", "average_attn_weights", "is_causal")
    ]  # fmt: skip
    output = tensor(node["o"][0])
    query, key, value = (None if one is None else lifter.find(one) for one in given[:3])
    settings = node["s"]
    plain = settings.get("kdim") == settings.get("vdim") == settings.get("embed_dim") and not settings["add_zero_attn"]
    if any(one is not None for one in rest) or query is None or key is None or key != value or output is None:
        lifter.miss("nn.MultiheadAttention", "with a mask, or with keys and values from two tensors", node["m"])
        return
    if not plain:
        lifter.miss("nn.MultiheadAttention", "with keys of another width", node["m"])
        return
    layer = "MultiheadAttention" if query == key else "MultiheadCrossAttention"
    found = {
        "num_heads": settings["num_heads"],
        "dropout": float(settings["dropout"]),
        "bias": bool(settings["bias"]),
        "batch_first": bool(settings["batch_first"]),
        "need_weights": node["k"].get("need_weights", True) is not False,
    }
    inputs = (query,) if query == key else (query, key)
    lifter.emit(layer, inputs, (output,), found, path=node["m"], name=node["m"].rpartition(".")[2])


def _recurrent(lifter: Lifter, node: Node, leaf: str) -> None:
    inputs = list(tensors_in(node["a"])) + list(tensors_in(list(node["k"].values())))
    if len(inputs) != 1:
        lifter.miss(f"nn.{leaf}", "with a state from elsewhere", node["m"])
        return
    settings = {key: one for key, one in node["s"].items() if key != "mode"}  # which the class says to its base
    spelled = spellings().get(leaf, [])
    found = arguments(spelled[0], settings) if spelled else None
    if found is None or settings.get("proj_size"):
        lifter.miss(f"nn.{leaf}", "made with settings that the library's layer does not have", node["m"])
        return
    name = node["m"].rpartition(".")[2]
    lifter.emit(leaf, inputs, tuple(tensors_in(node["o"])), found, path=node["m"], name=name)
