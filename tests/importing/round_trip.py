"""Every model of the zoo written as PyTorch, imported from there, and compared with itself, as polynomials.

`python -m tests.importing.round_trip [NAMES]` says for each model what differs.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from archspec import load
from archspec.algebra import Dim, free_symbols, substitute, symbol
from archspec.elaborate.entry import Given
from archspec.errors.diagnostic import SpecError
from archspec.export import export
from archspec.importing.errors import CannotImport
from archspec.importing.model import Imported, Source
from archspec.importing.process import Refused
from archspec.library import standard
from archspec.loading import load_text
from archspec.model import Model
from archspec.policy import Policy
from archspec.syntax.tree import Flag, ListLiteral, Number
from archspec.verify.defaults import written_default
from tests.export.exported import plain
from tests.importing.sweep import import_here

QUANTITIES = ("params", "params.active", "buffers", "activations.saved", "flops.forward", "flops.backward")
POLICY = Policy(backend="cpu")
EAGER = ("Gemma2", "GptOss")
"""Models whose kept bytes in a fused kernel nobody has verified: the spec says so, and PyTorch runs no such kernel."""


def policy_of(name: str) -> Policy:
    """What a model is exported for and compared at."""
    return replace(POLICY, attention="eager") if name in EAGER else POLICY


def signature_of(model: Model) -> list[str]:
    """The inputs of a model as `--inputs` has them."""
    signature = model.definition.layer.signature
    assert signature is not None
    found = []
    for one in signature.inputs:
        sizes = ",".join(_axis(model, axis) for axis in one.axes)
        found.append(f"{one.name}={one.dtype or 'float32'}[{sizes}]")
    return found


def _axis(model: Model, axis: object) -> str:
    text = model.source.text[getattr(axis, "start") : getattr(axis, "end")]  # noqa: B009
    return text.strip()


def import_exported(name: str, folder: Path) -> tuple[Model, Imported]:
    """A model of the zoo, and what is imported from its export."""
    model = load(name)
    module = f"exported_{re.sub(r'[^a-z0-9]', '_', name.lower())}"
    (folder / f"{module}.py").write_text(export(model, "torch", policy_of(name)), encoding="utf-8")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    said = f"torch:{module}:{model.name}"
    source = Source("torch", said, module, model.name, given=SMALL.get(name, {}), inputs=signature_of(model))
    return model, import_here(source)


SMALL: dict[str, dict[str, Any]] = {
    "GPT2": {"vocab": 43, "context": 32, "d": 24, "heads": 3, "layers": 3},
    "Gemma2": {"vocab": 43, "d": 42, "hidden": 37, "layers": 4, "heads": 6, "kv_heads": 3, "head_dim": 10, "width": 11},
    "Llama": {"vocab": 43, "d": 48, "hidden": 37, "layers": 3, "heads": 4},
    "Bert": {"vocab": 43, "context": 32, "types": 3, "d": 24, "heads": 4, "layers": 5},
    "T5": {"vocab": 43, "d": 24, "head_dim": 10, "heads": 4, "layers": 3},
    "Mamba": {"vocab": 43, "d": 24, "layers": 3},
    "Mixtral": {
        "vocab": 43,
        "d": 48,
        "hidden": 20,
        "layers": 3,
        "heads": 4,
        "kv_heads": 2,
        "head_dim": 12,
        "experts": 4,
    },
    "GptOss": {
        "vocab": 43,
        "d": 48,
        "hidden": 20,
        "layers": 4,
        "heads": 4,
        "kv_heads": 2,
        "head_dim": 12,
        "experts": 4,
        "active": 2,
        "window": 8,
    },
    "DeepSeekV3": {
        "vocab": 43,
        "d": 48,
        "hidden": 20,
        "layers": 5,
        "dense": 2,
        "heads": 4,
        "q_rank": 18,
        "kv_rank": 14,
        "nope_dim": 10,
        "rope_dim": 6,
        "v_dim": 11,
        "experts": 8,
        "active": 3,
        "expert_hidden": 9,
        "groups": 4,
        "best_groups": 2,
    },
    "Megatron": {"vocab": 43, "context": 32, "d": 24, "heads": 3, "layers": 5},
    "ViT": {"image": 32, "patch": 8, "d": 24, "heads": 3, "layers": 5, "classes": 7},
    "DenseNet": {"growth": 8, "depths": [3, 4, 5, 6], "stem": 16, "classes": 7},
    "ResNet": {"depths": [3, 4, 5, 6], "width": 8, "classes": 7},
    "VGG": {"convs": [2, 3, 4, 5, 6], "width": 8, "hidden": 24, "classes": 7},
    "UNet": {"widths": [8, 12, 20, 28, 36], "channels": 3, "classes": 5},
    "AlexNet": {"widths": [8, 12, 20, 28, 36], "hidden": 24, "classes": 7},
    "DeepEnsemble": {"members": 5, "inputs": 9, "widths": [12, 17, 23], "classes": 7},
    "LSTMLanguageModel": {"vocab": 43, "d": 24, "layers": 2},
    "MLP": {"inputs": 9, "widths": [12], "outputs": 7},
    "LogisticRegression": {"features": 9, "classes": 5},
    "ConvNet": {"channels": [5], "hidden": [11], "classes": 3, "inputs": 2, "image": 16},
}
"""Settings no two of which are equal by chance. What follows from others, such as `hidden = 4*d`, is left out."""


def settings_of(model: Model, name: str) -> dict[str, Any]:
    """What a model was imported with: small settings, and defaults that follow from nothing else."""
    defaults = {one.name: written_default(model, one.name) for one in model.definition.layer.formals
                if isinstance(one.default, Number | Flag | ListLiteral)}  # fmt: skip
    return {key: plain(value) for key, value in {**defaults, **SMALL.get(name, {})}.items()}


def given_of(settings: dict[str, Any]) -> Given:
    """Settings as the engine takes them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}


def differences(model: Model, text: str, settings: dict[str, Any], policy: Policy, at: dict[str, Dim]) -> list[str]:
    """The quantities whose polynomials differ, with both.

    What the imported text has no parameter for has in the zoo the value that it was imported with. at: values for both.
    """
    other = load_text(text)
    names = {one.name.rstrip("_") for one in other.definition.layer.formals}
    fixed = {name: value for name, value in settings.items() if name not in names}
    found = []
    for quantity in QUANTITIES:
        one, _ = model.dim(quantity, policy, given_of(fixed))
        two, _ = other.dim(quantity, policy, None)
        one, two = by_name(one, entries_of(fixed) | at), by_name(two, {**at})
        if one - two != 0:
            found.append(f"{quantity}: {one - two} more in the zoo; {one} there, {two} imported")
    return found


def entries_of(values: dict[str, Any]) -> dict[str, Dim]:
    """The whole numbers in lists, by their place: a list that is given keeps symbols for its entries."""
    found: dict[str, Dim] = {}
    for name, value in values.items():
        if isinstance(value, list | tuple):
            found |= entries_of({f"{name}[{place}]": one for place, one in enumerate(value)})
        elif "[" in name and not isinstance(value, bool):
            found[name] = value
    return found


def by_name(dim: Dim, values: dict[str, Dim]) -> Dim:
    """A formula in symbols of which nothing is known but their names: one may be zero here and is not there. A word of
    the notation has a mark as a name in an imported text.
    """
    return substitute(dim, {name: symbol(name.rstrip("_")) for name in free_symbols(dim)} | values)


NO_TORCH = (
    "DecisionTree", "DecisionTreeOfDepth", "DecisionTreeOfRows", "RandomForest", "RandomForestOfDepth",
    "RandomForestOfRows", "GradientBoosting",
)  # fmt: skip
"""Models that PyTorch has no equal of."""
UNVERIFIED = {"Mamba": ("activations.saved",)}
"""What a spec of the zoo says itself that its export does otherwise."""
AT: dict[str, dict[str, Dim]] = {"LogisticRegression": {"classes": 7}, "SelectedLogisticRegression": {"classes": 7}}
"""Numbers on which formulas hang in another way where they are small: two classes have one output."""


def outcome(name: str, folder: Path) -> tuple[list[str], str]:
    """What differs between a model of the zoo and what is imported from its export, and the imported text."""
    try:
        model, found = import_exported(name, folder)
        said = differences(model, found.text, settings_of(model, name), policy_of(name), AT.get(name, {}))
    except (CannotImport, Refused, SpecError) as error:
        return [f"{type(error).__name__}: {str(error)[:300]}"], ""
    said = [one for one in said if one.partition(":")[0] not in UNVERIFIED.get(name, ())]
    return said, found.text


def main(names: Sequence[str]) -> None:
    """Compare the models named, or all. With `--json` first, print an object: for each what differs."""
    as_json = names[:1] == ["--json"]
    names = (names[1:] if as_json else names) or [one for one in standard().names("model") if one not in NO_TORCH]
    told: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            start = perf_counter()
            said, text = outcome(name, Path(place))
            told[name] = said
            if not as_json:
                mark = "✗" if said else "✓"
                print(f"{mark} {name} {perf_counter() - start:.1f} s", *(one[:400] for one in said), sep="\n   ")
            if len(names) == 1 and not as_json:
                print(text)
    print(json.dumps(told) if as_json else f"{sum(not one for one in told.values())} of {len(told)}")


if __name__ == "__main__":
    main(sys.argv[1:])
