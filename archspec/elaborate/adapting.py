"""What a plan changes in a model: frozen parameters, layers that are run again, adapters beside frozen layers.

The names in a plan are patterns: of a layer's kind (`Block`), of its name (`q_proj`) or of its path (`h.*`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from archspec.algebra import Dim, symbol
from archspec.elaborate import calls
from archspec.elaborate.frame import Context, Frame
from archspec.elaborate.program import Checkpoint, SymbolInfo, Tensor
from archspec.elaborate.shards import ADAPTER_NAME
from archspec.elaborate.values import Definition, Instance, Pack, Template, Value
from archspec.elaborate.wiring import head, is_composite
from archspec.errors.suggest import did_you_mean
from archspec.policy import FLOATS, Policy
from archspec.syntax import tree

ADAPTER = "LowRankAdapter"
"""The layer of the library that an adapter is."""
RANK = "lora_rank"
"""The symbol of the rank of all adapters."""

Inner = Callable[[], Value]


def is_trained(context: Context, path: str) -> bool:
    """Whether a parameter is trained: adapters freeze everything else."""
    policy = context.policy
    if _picked(context, policy.frozen, (path, *_parents(path))):
        return False
    return policy.lora is None or context.adapting


def concerns(policy: Policy) -> bool:
    """Whether a policy changes how layers are run."""
    return bool(policy.checkpoint) or policy.lora is not None


def run(frame: Frame, tensors: tuple[Tensor, ...], inner: Inner) -> Value:
    """Run a layer as the plan has it."""
    context = frame.context
    policy = context.policy
    again = context.recomputed is None and _picked(context, policy.checkpoint, _names(frame))
    if again:
        context.recomputed = Checkpoint(frame.instance.path, tensors, context.loops)
    try:
        result = inner()
        if policy.lora is None or context.adapting or not _picked(context, policy.lora.targets, _names(frame)[1:]):
            return result
        return _adapt(frame, tensors, result)
    finally:
        if again:
            context.recomputed = None


def _names(frame: Frame) -> tuple[str, ...]:
    """Kind, path and name of a layer."""
    path = frame.instance.path
    return frame.layer.name, path, path.rpartition(".")[2]


def _parents(path: str) -> Iterable[str]:
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def _picked(context: Context, patterns: tuple[str, ...], names: Iterable[str]) -> bool:
    """Whether a pattern fits one of some names; patterns that ever did are remembered."""
    if not patterns:
        return False
    names = tuple(names)
    context.plan_names.update(names)
    fitting = [pattern for pattern in patterns if any(fnmatchcase(name, pattern) for name in names)]
    context.plan_used.update(fitting)
    return bool(fitting)


def check_plan(frame: Frame) -> None:
    """Report patterns of the plan that fit nothing."""
    context = frame.context
    policy = context.policy
    wanted = (*policy.frozen, *policy.checkpoint, *(policy.lora.targets if policy.lora is not None else ()))
    for pattern in wanted:
        if pattern not in context.plan_used:
            fix = did_you_mean(pattern, context.plan_names)
            context.diagnostics.error("nothing-of-that-name", None, fix=fix, name=pattern, model=frame.layer.name)


# --- adapters ---------------------------------------------------------------------------------------


def _adapt(frame: Frame, tensors: tuple[Tensor, ...], result: Value) -> Value:
    """A layer's output with that of an adapter added."""
    context, policy = frame.context, frame.context.policy
    assert policy.lora is not None
    weight = frame.instance.block.parameters.get("weight")
    fits = len(tensors) == 1 and tensors[0].dtype in FLOATS and weight is not None and len(weight.tensor.shape) == 2
    if is_composite(frame.layer) or not fits or not isinstance(result, Tensor):
        context.diagnostics.error("not-adaptable", None, layer=frame.layer.name, path=frame.instance.path)
        return result
    found = frame.definition.scope.library_lookup(ADAPTER)
    assert found is not None and isinstance(found[0], tree.Layer), "the library has adapters"
    definition = Definition(found[0], found[1], found[2])
    node = head(frame.layer.body[0]) if frame.layer.body else tree.Name(0, 0, frame.layer.name)
    arguments: dict[str, Value] = {"rank": _rank(context, policy.lora.rank), "dropout": policy.lora.dropout}
    context.adapting = True
    try:
        template = Template(definition, arguments, node, frame)
        adapter: Instance = calls.make_instance(frame, template, ADAPTER_NAME, node)
        adapted = calls.call_instance(frame, adapter, (tensors[0], result), node)
        return adapted.tensors[0] if isinstance(adapted, Pack) else adapted
    finally:
        context.adapting = False


def _rank(context: Context, rank: int) -> Dim:
    """The rank as a symbol, as every integer that a user chooses."""
    if RANK in context.fixed:
        return context.fixed[RANK].value
    context.symbols.setdefault(RANK, SymbolInfo(RANK, rank, rank, "rank of the adapters", 1))
    return symbol(RANK, 1)
