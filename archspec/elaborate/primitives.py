"""Calling a primitive: what it makes, what it keeps for the backward pass, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.algebra import Dim
from archspec.elaborate import expressions, parameters, rows, signatures, unverified
from archspec.elaborate.bounds import has_slack
from archspec.elaborate.conditions import require
from archspec.elaborate.frame import Frame, product
from archspec.elaborate.program import Operation, Parameter, Storage, Tensor
from archspec.elaborate.shards import check_kind
from archspec.elaborate.wiring import head
from archspec.errors.diagnostic import Note
from archspec.policy import FLOATS
from archspec.syntax import tree
from archspec.syntax.source import Place


@dataclass
class Declared:
    """The declarations of a primitive that hold in this call."""

    parameters: list[Parameter] = field(default_factory=list)
    saves: list[tree.Save] = field(default_factory=list)
    views: list[tree.ViewDecl] = field(default_factory=list)
    flops: list[tree.FlopsDecl] = field(default_factory=list)
    passes: set[str] = field(default_factory=set)
    autocast: str | None = None


def run(frame: Frame, signature: tree.Signature, inputs: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """Run a primitive on named inputs and record the operation."""
    declared = Declared()
    for statement in frame.layer.body:
        _collect(frame, statement, declared)
    used = _cast_inputs(frame, declared, inputs)
    outputs = _make_outputs(frame, signature, declared, inputs, used)
    for name, tensor in outputs.items():
        frame.names[name] = tensor
    _record(frame, declared, inputs, used, outputs)
    return tuple(outputs.values())


def _collect(frame: Frame, statement: tree.Statement, declared: Declared) -> None:
    if isinstance(statement, tree.Require):
        require(frame, statement, expressions.evaluate)
    elif isinstance(statement, tree.Where):
        frame.bind(statement, statement.name, expressions.evaluate(frame, statement.value), "a `where`")
    elif isinstance(statement, tree.ParamDecl):
        declared.parameters.extend(parameters.declare(frame, statement))
    elif isinstance(statement, tree.If):
        for inner in statement.then if expressions.truth(frame, statement.condition) else statement.other:
            _collect(frame, inner, declared)
    elif isinstance(statement, tree.Save):
        if expressions.truth(frame, statement.when):
            declared.saves.append(statement)
    elif isinstance(statement, tree.ViewDecl):
        if rows.holds(frame, statement.when):
            declared.views.append(statement)
    elif isinstance(statement, tree.FlopsDecl):
        if expressions.truth(frame, statement.when):
            declared.flops.append(statement)
    elif isinstance(statement, tree.Passes):
        if expressions.truth(frame, statement.when):
            declared.passes.update(statement.names)
    elif isinstance(statement, tree.Autocast):
        if frame.context.policy.regime == "autocast" and expressions.truth(frame, statement.when):
            declared.autocast = "act" if statement.to == "half" else "float32"
    elif isinstance(statement, tree.Unverified):
        unverified.declare(frame, statement)
    elif isinstance(statement, tree.Shard):
        check_kind(frame, statement)
    elif not isinstance(statement, tree.Binding):
        frame.fault(head(statement), "not-in-primitive", layer=frame.layer.name)


def _cast_inputs(frame: Frame, declared: Declared, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Inputs and parameters as the operation sees them: under autocast, casts in storages of their own."""
    seen = dict(inputs)
    own: set[str] = set()
    for parameter in declared.parameters:
        name = parameter.path.rpartition(".")[2]
        own.add(name)
        seen[name] = parameter.tensor
    wanted = declared.autocast
    if wanted is None:
        return seen
    loops = frame.context.loops
    # The experts of a bank share the rows, so that a tensor made of rows is there once, but each casts its own weights.
    experts: Dim = 1
    for loop in frame.block.loops:
        experts = experts * loop.count if loop.active is not None else experts
    for name, tensor in seen.items():
        if tensor.dtype in FLOATS and tensor.dtype != wanted:
            # torch.autocast casts a leaf parameter once and caches the cast; every other tensor at each use.
            elements = product(tensor.shape) * (experts if name in own else 1)
            storage = Storage("new", elements, wanted, loops)
            seen[name] = Tensor(tensor.shape, wanted, storage, tensor.needs_grad)
    return seen


def promote(dtypes: list[str]) -> str:
    """The dtype of a result: the widest float among the operands, else the first."""
    floats = [dtype for dtype in dtypes if dtype in FLOATS]
    for wide in ("float64", "float32"):
        if wide in floats:
            return wide
    if floats:
        return "act" if "act" in floats else floats[0]
    return dtypes[0] if dtypes else "act"


def _make_outputs(
    frame: Frame,
    signature: tree.Signature,
    declared: Declared,
    inputs: dict[str, Tensor],
    used: dict[str, Tensor],
) -> dict[str, Tensor]:
    context = frame.context
    needs = any(tensor.needs_grad for tensor in used.values())
    # Parameters decide the dtype only where no input is a float, as in an embedding: norms return their input's.
    operands = [used[name] for name in inputs if used[name].dtype in FLOATS] or list(used.values())
    floats = [tensor.dtype for tensor in operands if tensor.dtype in FLOATS]
    # What is made from no float at all is made in the default dtype, which autocast leaves at float32.
    natural = promote(floats) if floats else "float32" if context.policy.regime == "autocast" else "act"
    view = declared.views[-1] if declared.views else None
    outputs: dict[str, Tensor] = {}
    for output in signature.outputs:
        shape = signatures.output_shape(frame, output)
        if any(has_slack(size) for size in shape):
            frame.fault(output, "bounded-shape", layer=frame.layer.name, name=output.name)
        dtype = parameters.written_dtype(frame, output) or natural
        if view is not None:
            source = _named_tensor(frame, view, view.name, inputs)
            if view.kind == "inplace":
                _check_overwrite(frame, view, source)
            strided = view.kind == "strided" or source.strided
            outputs[output.name] = Tensor(shape, source.dtype, source.storage, source.needs_grad or needs, strided)
            continue
        storage = Storage("new", product(shape), dtype, context.loops)
        outputs[output.name] = Tensor(shape, dtype, storage, needs and dtype in FLOATS)
    return outputs


def _check_overwrite(frame: Frame, view: tree.ViewDecl, source: Tensor) -> None:
    """What is kept may not be overwritten. What a turn of a loop leaves to the next is checked when the loop ends."""
    kept_at = kept_somewhere(source.storage)
    if kept_at is not None:
        note = Note("it is kept for the backward pass here", kept_at)
        frame.fault(view, "overwrites-kept", layer=frame.layer.name, notes=(note,))


def _overwritten(declared: Declared, inputs: dict[str, Tensor]) -> Storage | None:
    view = declared.views[-1] if declared.views else None
    if view is None or view.kind != "inplace" or view.name not in inputs:
        return None
    return inputs[view.name].storage


def kept_somewhere(storage: Storage) -> Place | None:
    """Where a storage, or one that it stands for, is kept already."""
    carry = storage.carry
    if storage.kept_at is not None or carry is None:
        return storage.kept_at
    before = kept_somewhere(carry.initial.storage)
    return before or (kept_somewhere(carry.result.storage) if storage.kind == "after" else None)


def _named_tensor(frame: Frame, node: tree.Node, name: str, tensors: dict[str, Tensor]) -> Tensor:
    if name in tensors:
        return tensors[name]
    value = frame.lookup(node, name)
    if not isinstance(value, Tensor):
        frame.fault(node, "not-a-tensor", found=f"`{name}`")
    return value


def _record(
    frame: Frame,
    declared: Declared,
    inputs: dict[str, Tensor],
    used: dict[str, Tensor],
    outputs: dict[str, Tensor],
) -> None:
    context = frame.context
    kept, products = _kept(frame, declared, used, outputs)
    place = called_at(frame)
    for storage in kept:
        if storage.kept_at is None:
            storage.kept_at = place
    forward, backward = _costs(frame, declared, used, products)
    sources = {id(tensor.storage) for tensor in inputs.values()}
    made = tuple(tensor for tensor in outputs.values() if id(tensor.storage) not in sources)
    context.region.steps.append(
        Operation(
            frame.layer.name,
            frame.instance.path,
            frame.layer,
            tuple(inputs.values()),
            tuple(outputs.values()),
            tuple(declared.parameters),
            tuple(kept),
            made,
            forward,
            backward,
            place,
            context.loops,
            frame.instance,
            _overwritten(declared, inputs),
            checkpoint=context.recomputed,
            passes=_passes(declared, inputs, outputs, made),
            scratch=_scratch(frame, declared),
        )
    )


def _passes(
    declared: Declared, inputs: dict[str, Tensor], outputs: dict[str, Tensor], made: tuple[Tensor, ...]
) -> tuple[bool, ...]:
    """For each input, whether its gradient is that of the output, in the same memory. So it is where a view is seen
    whole; a `passes` holds unless the input was stretched.
    """
    if len(outputs) != 1:
        return (False,) * len(inputs)
    elements = product(next(iter(outputs.values())).shape)
    is_view = not made and not any(view.kind == "inplace" for view in declared.views)
    return tuple(
        product(tensor.shape) == elements and (name in declared.passes or is_view) for name, tensor in inputs.items()
    )


def _scratch(frame: Frame, declared: Declared) -> Dim:
    total: Dim = 0
    for one in declared.flops:
        if one.kind == "scratch":
            total = total + expressions.evaluate_dim(frame, one.value)
    return total


def called_at(frame: Frame) -> Place | None:
    """Where a person called the primitive of a frame."""
    if frame.caller is None or frame.call is None:
        return None
    return frame.caller.blame(frame.call)


def _kept(
    frame: Frame, declared: Declared, used: dict[str, Tensor], outputs: dict[str, Tensor]
) -> tuple[list[Storage], set[str]]:
    """The storages to keep, and the operands whose gradient takes a product of its own (`save … for`)."""
    known = {**used, **outputs}
    kept: list[Storage] = []
    products: set[str] = set()
    anything = any(tensor.needs_grad for tensor in used.values())
    for save in declared.saves:
        for target in save.targets:
            if target not in used and target not in _declarable(frame):
                frame.fault(save, "unknown-save-target", name=target, layer=frame.layer.name)
        wanted = {name for name in save.targets if name in used and used[name].needs_grad}
        products |= wanted
        if not (wanted if save.targets else anything):
            continue
        for item in save.items:
            if item.decl is None and item.name not in known and item.name in _declarable(frame):
                continue  # a parameter or input that this call does not have
            kept.append(_kept_storage(frame, item, known))
    return kept, products


def _declarable(frame: Frame) -> set[str]:
    """Every parameter that the layer may declare, whether or not its `when` holds."""
    names: set[str] = set()
    for statement in frame.layer.body:
        if isinstance(statement, tree.ParamDecl):
            names.update(tensor.name for tensor in statement.tensors)
    return names


def _kept_storage(frame: Frame, item: tree.SaveItem, known: dict[str, Tensor]) -> Storage:
    loops = frame.context.loops
    if item.decl is not None:
        shape = signatures.output_shape(frame, item.decl)
        natural = promote([tensor.dtype for tensor in known.values()])
        dtype = parameters.written_dtype(frame, item.decl) or natural
        if dtype in ("mask", "stat"):
            dtype = f"{dtype}:{natural}"
        return Storage("new", product(shape), dtype, loops)
    if item.name not in known:
        frame.fault(item, "unknown-name", name=item.name)
    tensor = known[item.name]
    if item.contiguous and rows.is_copied(frame, item, tensor):
        return Storage("new", product(tensor.shape), tensor.dtype, loops)
    return tensor.storage


def _costs(frame: Frame, declared: Declared, used: dict[str, Tensor], products: set[str]) -> tuple[Dim, Dim]:
    """Forward and backward multiply-adds × 2. Backward: one product as large as the forward one for each gradient."""
    forward: Dim = 0
    backward: Dim = 0
    written = False
    for flops in declared.flops:
        if flops.kind == "scratch":
            continue
        value = expressions.evaluate_dim(frame, flops.value)
        if flops.kind == "flops":
            forward = forward + value
        else:
            written = True
            backward = backward + value
    if not written:
        return forward, forward * len(products)
    return forward, backward if any(tensor.needs_grad for tensor in used.values()) else 0
