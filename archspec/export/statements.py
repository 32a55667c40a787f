"""The statements of a composite: what they add to the constructor and to `forward`."""

from __future__ import annotations

import keyword

from archspec.algebra import Dim, Poly, compare, symbol
from archspec.elaborate import expressions, parameters
from archspec.elaborate.conditions import require
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Instance, Value
from archspec.errors.diagnostic import SpecError
from archspec.export import names
from archspec.export.code import Group, Line, Node, render
from archspec.export.keras_ties import give_up
from archspec.export.loops import run_loop, size_hint
from archspec.export.problems import refuse
from archspec.export.scalars import OR, TRAINING, Py, dtype
from archspec.export.study import GIVEN_UP
from archspec.export.wiring import assign
from archspec.export.writer import Writer
from archspec.syntax import tree


def run_block(w: Writer, body: tuple[tree.Statement, ...]) -> None:
    """Write statements in order."""
    for statement in body:
        try:
            _run(w, statement)
        except GIVEN_UP:
            _given_up(w, statement)


def _given_up(w: Writer, statement: tree.Statement) -> None:
    """The engine could not follow: say where, and what it said."""
    said = [one.message for one in w.frame.context.diagnostics.errors]
    place = w.frame.place(statement)
    refuse("export-statement", place, layer=w.frame.layer.name, reason=said[-1] if said else "its sizes are not known")


def _run(w: Writer, statement: tree.Statement) -> None:
    if isinstance(statement, tree.Assign):
        assign(w, statement)
    elif isinstance(statement, tree.Repeat | tree.Each):
        run_loop(w, statement, run_block)
    elif isinstance(statement, tree.If):
        _if(w, statement)
    elif isinstance(statement, tree.Require):
        _require(w, statement)
    elif isinstance(statement, tree.Where):
        _where(w, statement)
    elif isinstance(statement, tree.ParamDecl):
        _parameters(w, statement)
    elif isinstance(statement, tree.Tie):
        if w.project.dialect.framework == "keras":
            w.init.append(give_up(w, statement, _path(statement.left)))
        w.init.append(Line(f"{_path(statement.left)} = {_path(statement.right)}"))


def _path(path: tree.Path) -> str:
    text = "self"
    for name in path.names:
        text = _step(text, name)
    return text


def _step(text: str, name: str) -> str:
    if name.isdigit():
        return f"{text}[{int(name)}]"
    if keyword.iskeyword(names.checked(name)):
        return f"getattr({text}, {names.text(name)})"
    return f"{text}.{name}"


# --- integers with names, and what must hold --------------------------------------------------------


def _where(w: Writer, statement: tree.Where) -> None:
    value = expressions.evaluate(w.frame, statement.value)
    name = statement.name
    w.wheres[name] = statement
    w.declare(name, "where", "int" if isinstance(value, int | Poly) and not isinstance(value, bool) else "Any")
    whole = isinstance(value, int | Poly) and not isinstance(value, bool)
    if whole and not isinstance(statement.value, tree.Number):
        assert isinstance(value, int | Poly)
        positive = compare(value, ">=", 1, w.frame.context.facts) is True
        held: Dim = symbol(name, 1 if positive else None)
        w.frame.names[name] = held
    else:
        w.frame.names[name] = value
    try:
        text = w.init_scalars.write(statement.value)
    except SpecError:
        w.kinds[name] = "runtime-where"
        return
    w.init.append(Line(f"{w.ident(name)} = {text.text}", text.uses, sets=name))


def _require(w: Writer, statement: tree.Require) -> None:
    diagnostics = w.frame.context.diagnostics
    try:
        require(w.frame, statement, expressions.evaluate)
    except GIVEN_UP:
        del diagnostics.found[:]
    if w.init_scalars.fold(statement.condition) is not None:
        return
    try:
        condition = w.init_scalars.write(statement.condition)
        broken = _negated(w, statement.condition)
    except SpecError:
        return
    if TRAINING in condition.uses or any(w.kinds.get(name) == "axis" for name in condition.uses):
        return
    said = names.text(" ".join((statement.message or "a requirement is violated").split()))
    line = Line(f"if {broken.text}:", condition.uses, optional=True, following=(f"    raise ValueError({said})",))
    w.init.append(line)


def _negated(w: Writer, node: tree.Expression) -> Py:
    opposite = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    if isinstance(node, tree.Binary) and node.op in opposite:
        return w.init_scalars.write(tree.Binary(node.start, node.end, opposite[node.op], node.left, node.right))
    if isinstance(node, tree.Binary) and node.op == "and":
        left, right = _negated(w, node.left), _negated(w, node.right)
        return Py(f"{left.within(OR)} or {right.within(OR)}", OR, left.uses | right.uses)
    return w.init_scalars.write(tree.Unary(node.start, node.end, "not", node))


# --- parameters -------------------------------------------------------------------------------------


def fresh_tensor(name: str, kind: str, shape: list[str], wanted: str | None) -> str:
    """A new parameter: weights are drawn (deviation 0.02), biases are 0, scales 1. Buffers of floats are 0, those of
    integers count 0, 1, 2, … along their last axis, as tables of positions do.
    """
    sizes = ", ".join(shape)
    more = f", dtype={wanted}" if wanted is not None else ""
    if kind == "buffer":
        if wanted in ("torch.int64", "torch.int32") and shape:
            return f"torch.arange({shape[-1]}{more}).expand({sizes}).clone()"
        return f"torch.zeros({sizes or '()'}{more})"
    if "bias" in name or not shape:
        return f"torch.zeros({sizes or '()'}{more})"
    if len(shape) == 1:
        return f"torch.ones({sizes}{more})"
    return f"torch.randn({sizes}{more}) * 0.02"


def keras_weight(name: str, kind: str, shape: list[str], wanted: str | None) -> tuple[str, str]:
    """The lines that make a weight of a Keras layer, or that there is none."""
    initializer = "zeros" if kind == "buffer" or "bias" in name or not shape else "ones"
    if len(shape) > 1 and kind == "param":
        initializer = "random_normal"
    sizes = ", ".join(shape) + ("," if len(shape) == 1 else "")
    more = f", dtype={names.text(wanted.removeprefix('torch.'))}" if wanted is not None else ""
    fixed = ", trainable=False" if kind == "buffer" else ""
    quoted = names.text(name)
    made = f"self.add_weight(shape=({sizes}), initializer={names.text(initializer)}, name={quoted}{more}{fixed})"
    return f"self.{name} = {made}", f"self.{name} = None"


def _parameters(w: Writer, statement: tree.ParamDecl) -> None:
    made: list[Node] = []
    outer, w.init = w.init, made
    try:
        for declared in statement.tensors:
            _parameter(w, statement.kind, declared, statement.transient)
    finally:
        w.init = outer
    if statement.when is None or w.init_scalars.fold(statement.when) is True:
        w.init.extend(made)
        return
    condition = w.init_scalars.write(statement.when)
    torch = w.project.dialect.framework == "torch"
    other: list[Node] = [
        Line(_absent(statement.kind, one.name) if torch else f"self.{names.checked(one.name)} = None")
        for one in statement.tensors
    ]
    w.init.append(Group(f"if {condition.text}:", condition.uses, made, other))


def _absent(kind: str, name: str) -> str:
    how = "register_parameter" if kind == "param" else "register_buffer"
    return f"self.{how}({names.text(name)}, None)"


def _parameter(w: Writer, kind: str, declared: tree.TensorDecl, transient: bool) -> None:
    alone = tree.ParamDecl(declared.start, declared.end, kind, (declared,), transient, None)
    parameter = parameters.declare(w.frame, alone)[0]
    name = w.member(names.checked(declared.name), declared)
    sizes = [w.size(size, declared) for size in parameter.tensor.shape]
    uses = frozenset[str]().union(*(size.uses for size in sizes))
    wanted = dtype(declared.dtype) if declared.dtype is not None else None
    value = fresh_tensor(name, kind, [size.text for size in sizes], wanted)
    if w.project.dialect.framework == "keras":
        line, _ = keras_weight(name, kind, [size.text for size in sizes], wanted)
        w.init.append(Line(line, uses))
    elif kind == "param":
        w.init.append(Line(f"self.{name} = nn.Parameter({value})", uses))
    else:
        w.annotations.append(f"{name}: Tensor")
        how = ", persistent=False" if transient else ""
        w.init.append(Line(f"self.register_buffer({names.text(name)}, {value}{how})", uses))
    w.frame.names[name] = parameter.tensor
    w.kinds[name] = "param"


# --- branches ---------------------------------------------------------------------------------------


def _if(w: Writer, statement: tree.If) -> None:
    known = w.forward_scalars.fold(statement.condition)
    if known is not None:
        run_block(w, statement.then if known else statement.other)
        return
    before = dict(w.frame.names)
    assigned = set(w.assigned)
    condition = _condition(w, statement)
    state = _state(w)
    then, after_then, assigned_then = _branch(w, statement.then)
    made = _state(w)
    _go_back(w, state, before, assigned)
    other, after_other, assigned_other = _branch(w, statement.other)
    _join_blocks(w, made)
    w.assigned = assigned_then & assigned_other
    _merge(w, after_then, after_other, then[0], other[0], condition is not None)
    if condition is None:
        w.init.extend([*then[0], *other[0]])
    else:
        w.init.append(Group(f"if {condition.text}:", condition.uses, then[0], other[0]))
    if then[1] and render(then[1], "") == render(other[1], ""):
        w.forward.extend(then[1])
    elif then[1] or other[1]:
        asked = w.forward_scalars.write(statement.condition)
        w.forward.append(Group(f"if {asked.text}:", asked.uses, then[1], other[1]))


def _condition(w: Writer, statement: tree.If) -> Py | None:
    """The condition in the constructor; None where only `forward` can tell, so that both branches are made."""
    try:
        condition = w.init_scalars.write(statement.condition)
    except SpecError:
        return None
    return None if TRAINING in condition.uses else condition


Written = tuple[list[Node], list[Node]]


def _branch(w: Writer, body: tuple[tree.Statement, ...]) -> tuple[Written, dict[str, Value], set[str]]:
    init, forward = w.init, w.forward
    w.init, w.forward = [], []
    try:
        run_block(w, body)
        return (w.init, w.forward), dict(w.frame.names), set(w.assigned)
    finally:
        w.init, w.forward = init, forward


Made = tuple[dict[str, Instance], dict[str, tree.Node | None], dict[str, int]]


def _state(w: Writer) -> Made:
    block = w.frame.block
    return dict(block.children), dict(block.used), dict(block.counters)


def _go_back(w: Writer, state: Made, names_before: dict[str, Value], assigned: set[str]) -> None:
    """To before the first branch: its layers exclude those of the second, which may have the same names."""
    frame, block = w.frame, w.frame.block
    frame.names.clear()
    frame.names.update(names_before)
    w.assigned = set(assigned)
    block.children, block.used, block.counters = dict(state[0]), dict(state[1]), dict(state[2])


def _join_blocks(w: Writer, made: Made) -> None:
    block = w.frame.block
    block.children = {**made[0], **block.children}
    block.used = {**made[1], **block.used}
    for stem, count in made[2].items():
        block.counters[stem] = max(count, block.counters.get(stem, 0))


def _merge(
    w: Writer,
    one: dict[str, Value],
    other: dict[str, Value],
    then: list[Node],
    otherwise: list[Node],
    writable: bool,
) -> None:
    """After the branches: a size that is another in each becomes a variable of the constructor."""
    frame = w.frame
    for name in [*one, *(name for name in other if name not in one)]:
        if name not in one or name not in other:
            frame.names[name] = one[name] if name in one else other[name]
            continue
        left, right = one[name], other[name]
        frame.names[name] = left
        if isinstance(left, Tensor) and isinstance(right, Tensor) and len(left.shape) == len(right.shape):
            shape = tuple(
                _merged(w, name, index, len(left.shape), (a, b), (then, otherwise)) if writable else a
                for index, (a, b) in enumerate(zip(left.shape, right.shape, strict=True))
            )
            frame.names[name] = Tensor(shape, left.dtype, left.storage, left.needs_grad, left.strided)


def _merged(
    w: Writer, name: str, index: int, rank: int, sizes: tuple[Dim, Dim], bodies: tuple[list[Node], list[Node]]
) -> Dim:
    if sizes[0] == sizes[1]:
        return sizes[0]
    if not (w.knows(sizes[0]) and w.knows(sizes[1])):
        return w.study.opaque()
    variable = w.new_size(size_hint(index, rank))
    for size, body in zip(sizes, bodies, strict=True):
        text = w.size(size, w.frame.layer)
        body.append(Line(f"{variable} = {text.text}", text.uses, sets=variable))
    return symbol(variable, 1)
