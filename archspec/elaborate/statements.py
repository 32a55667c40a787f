"""The statements of a composite, one after the other. A faulty one is reported, and what it assigns is unknown."""

from __future__ import annotations

from archspec.algebra import AlgebraError, Poly
from archspec.elaborate import caches, calls, expressions, loops, parameters, shards, unverified
from archspec.elaborate.conditions import equal, require
from archspec.elaborate.frame import Fault, Frame
from archspec.elaborate.program import Parameter, Tensor
from archspec.elaborate.signatures import shape_text
from archspec.elaborate.values import UNKNOWN, Block, Instance, Pack, Template, Value, describe
from archspec.elaborate.wiring import assigned_names, calls_one_layer, head
from archspec.syntax import tree

MAX_LIST = 10_000
"""`each` runs over at most this many entries."""


def run_block(frame: Frame, body: tuple[tree.Statement, ...]) -> None:
    """Run statements in order. Errors do not stop the ones after."""
    for statement in body:
        try:
            _run(frame, statement)
        except Fault:
            _forget(frame, statement)
        except AlgebraError as error:
            frame.report(head(statement), "arithmetic", reason=str(error))
            _forget(frame, statement)


def run_turn(frame: Frame, body: tuple[tree.Statement, ...]) -> None:
    """Run the body of a loop once. Loops in loops could run for ever: each statement counts as a step."""
    for statement in body:
        frame.step(statement)
    run_block(frame, body)


def _forget(frame: Frame, statement: tree.Statement) -> None:
    for name in assigned_names((statement,)):
        frame.names[name] = UNKNOWN
    if isinstance(statement, tree.Where):
        frame.names[statement.name] = UNKNOWN
    if isinstance(statement, tree.ParamDecl):
        for tensor in statement.tensors:
            frame.names[tensor.name] = UNKNOWN


def _run(frame: Frame, statement: tree.Statement) -> None:
    if isinstance(statement, tree.Assign):
        _assign(frame, statement)
    elif isinstance(statement, tree.Repeat):
        loops.run_repeat(frame, statement)
    elif isinstance(statement, tree.Each):
        _each(frame, statement)
    elif isinstance(statement, tree.If):
        run_block(frame, statement.then if expressions.truth(frame, statement.condition) else statement.other)
    elif isinstance(statement, tree.Require):
        require(frame, statement, expressions.evaluate)
    elif isinstance(statement, tree.Where):
        value = expressions.evaluate(frame, statement.value)
        frame.bind(statement, statement.name, value, "a `where`")
        if isinstance(value, Poly):
            frame.context.name_size(statement.name, value)
    elif isinstance(statement, tree.ParamDecl):
        parameters.declare(frame, statement)
    elif isinstance(statement, tree.Tie):
        _tie(frame, statement)
    elif isinstance(statement, tree.Cache):
        caches.declare(frame, statement)
    elif isinstance(statement, tree.Unverified):
        unverified.declare(frame, statement)
    elif isinstance(statement, tree.Shard):
        shards.mark(frame, statement)
    elif not isinstance(statement, tree.Binding):
        frame.fault(head(statement), "not-in-composite", layer=frame.layer.name)


def _assign(frame: Frame, statement: tree.Assign) -> None:
    targets = statement.targets
    for target in targets:
        if target.name in frame.constants:
            frame.fault(target, "rebound-name", name=target.name, what=frame.constants[target.name])
    value = expressions.evaluate(frame, statement.value)
    if len(targets) == 1:
        _assign_one(frame, targets[0], value)
        return
    if isinstance(value, Pack):
        given: tuple[Value, ...] = value.tensors
        fits = len(targets) <= len(given) if value.outputs else len(targets) == len(given)
    else:
        given, fits = (), False
    if not fits:
        frame.fault(head(statement), "wrong-target-count", wanted=len(targets), found=len(given) or describe(value))
    for target, one in zip(targets, given, strict=False):
        if target.name != "_":
            frame.names[target.name] = one


def _assign_one(frame: Frame, target: tree.Name, value: Value) -> None:
    if isinstance(value, Template):
        value = calls.make_instance(frame, value, target.name, target)
    elif isinstance(value, Pack) and value.outputs:
        value = value.tensors[0]
    if not isinstance(value, Tensor | Pack | Instance):
        frame.fault(
            target, "not-a-tensor", found=describe(value), fix=f"name an integer with `where {target.name} = …`"
        )
    frame.names[target.name] = value


def _each(frame: Frame, statement: tree.Each) -> None:
    values = expressions.evaluate(frame, statement.values)
    if not isinstance(values, tuple):
        frame.fault(statement.values, "not-a-list", found=describe(values))
    if len(values) > MAX_LIST:
        frame.fault(statement.values, "list-too-long", limit=MAX_LIST)
    outer = frame.block
    names = (*statement.targets, *((statement.index,) if statement.index else ()))
    before = {name: frame.names[name] for name in names if name in frame.names}
    for name in names:
        if name in frame.constants:
            frame.fault(head(statement), "rebound-name", name=name, what=frame.constants[name])
    try:
        for turn, value in enumerate(values):
            _bind_entry(frame, statement, value)
            if statement.index:
                frame.names[statement.index] = turn
            if statement.name is not None:
                frame.block = inner_block(outer, statement, turn, f"{statement.name}.{turn}")
            run_turn(frame, statement.body)
    finally:
        frame.block = outer
        for name in names:
            frame.names.pop(name, None)
        frame.names.update(before)
    if statement.name is not None:
        outer.used[statement.name] = statement


def inner_block(outer: Block, statement: tree.Repeat | tree.Each, turn: int, name: str) -> Block:
    """The block of one turn: found again when a shared layer is called a second time."""
    key = (statement.start, turn)
    block = outer.blocks.get(key)
    if block is None:
        block = Block(outer.path(name), outer.loops, calls_one_layer(statement.body), numbers=outer.numbers)
        outer.blocks[key] = block
    block.used.clear()
    block.counters.clear()
    return block


def _bind_entry(frame: Frame, statement: tree.Each, value: Value) -> None:
    targets = statement.targets
    if len(targets) == 1:
        frame.names[targets[0]] = value
        return
    if not isinstance(value, tuple) or len(value) != len(targets):
        found = f"a list of {len(value)}" if isinstance(value, tuple) else describe(value)
        frame.fault(head(statement), "wrong-target-count", wanted=len(targets), found=found)
    for name, one in zip(targets, value, strict=True):
        frame.names[name] = one


def _tie(frame: Frame, statement: tree.Tie) -> None:
    left, right = _find_parameter(frame, statement.left), _find_parameter(frame, statement.right)
    while right.tied_to is not None:
        right = right.tied_to
    if left is right or left.tied_to is right:
        return
    a, b = left.tensor.shape, right.tensor.shape
    if len(a) != len(b) or not all(equal(frame, statement, one, other) for one, other in zip(a, b, strict=True)):
        frame.fault(
            statement,
            "tie-shapes",
            left=str(statement.left),
            right=str(statement.right),
            left_shape=shape_text(a),
            right_shape=shape_text(b),
        )
    left.tied_to = right
    left.tensor.storage = right.tensor.storage


def _find_parameter(frame: Frame, path: tree.Path) -> Parameter:
    """The parameter behind a dotted path, from the block where it is written."""
    blocks = [frame.block]
    if frame.block is not frame.instance.block:
        blocks.append(frame.instance.block)
    for block in blocks:
        found = _descend(block, list(path.names))
        if found is not None:
            return found
    frame.fault(path, "no-such-parameter", path=str(path), fix=_nearest_parameter(frame, path))


def _descend(block: Block, names: list[str]) -> Parameter | None:
    prefix = len(block.prefix) + 1 if block.prefix else 0
    wanted = ".".join(names)
    for parameter in _parameters_under(block):
        if parameter.path[prefix:] == wanted:
            return parameter
    return None


def _parameters_under(block: Block) -> list[Parameter]:
    found = list(block.parameters.values())
    for child in block.children.values():
        found.extend(_parameters_under(child.block))
    for inner in block.blocks.values():
        found.extend(_parameters_under(inner))
    return found


def _nearest_parameter(frame: Frame, path: tree.Path) -> str | None:
    from archspec.errors.suggest import did_you_mean

    prefix = len(frame.instance.block.prefix)
    skip = prefix + 1 if prefix else 0
    return did_you_mean(str(path), [one.path[skip:] for one in _parameters_under(frame.instance.block)])
