"""Running a layer: arguments and signature first, then its declarations or its wiring."""

from __future__ import annotations

from archspec.elaborate import adapting, calls, primitives, signatures, statements
from archspec.elaborate.externals import find_external
from archspec.elaborate.frame import FORMAL, Frame
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Block, Pack, Value
from archspec.elaborate.wiring import is_composite
from archspec.syntax import tree


def layer_name(layer: tree.Layer) -> tree.Node:
    """Where the name of a layer stands: to point at the layer as a whole."""
    return tree.Name(layer.name_start, layer.name_end, layer.name)


def run(frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
    """Call the layer of a frame on tensors: its output, or a pack of its outputs."""
    layer = frame.layer
    bind_parameters(frame)
    if layer.external:
        external = find_external(frame.definition)
        if external is None:
            frame.fault(layer_name(layer), "unknown-external", name=layer.name)
        return external.apply(frame, tensors)
    if layer.signature is None:
        frame.fault(layer_name(layer), "no-signature", name=layer.name)
    if not adapting.concerns(frame.context.policy):
        return run_body(frame, layer.signature, tensors)
    signature = layer.signature
    return adapting.run(frame, tensors, lambda: run_body(frame, signature, tensors))


def run_body(frame: Frame, signature: tree.Signature, tensors: tuple[Tensor, ...]) -> Tensor | Pack:
    """Run a layer whose parameters are bound."""
    inputs = signatures.bind_inputs(frame, signature, tensors)
    if is_composite(frame.layer):
        outputs = _run_composite(frame, signature)
    else:
        outputs = primitives.run(frame, signature, inputs)
    if len(outputs) == 1:
        return outputs[0]
    return Pack(outputs, outputs=True)


def bind_parameters(frame: Frame) -> None:
    """Bind every parameter of the layer to its argument or default."""
    layer = frame.layer
    arguments = frame.instance.arguments
    for formal in layer.formals:
        if formal.name in arguments:
            value = arguments[formal.name]
        elif formal.default is not None:
            value = calls.argument_value(frame, formal.default)
            calls.check_kind(frame, formal, formal, value, layer)
        elif frame.caller is not None and frame.call is not None:
            frame.caller.fault(frame.call, "missing-argument", layer=layer.name, name=formal.name)
        else:
            frame.fault(formal, "missing-argument", layer=layer.name, name=formal.name)
        frame.bind(formal, formal.name, value, FORMAL)


def _run_composite(frame: Frame, signature: tree.Signature) -> tuple[Tensor, ...]:
    for declared in signature.outputs:
        frame.outputs[declared.name] = declared
    statements.run_block(frame, frame.layer.body)
    return signatures.check_outputs(frame, signature)


def has_parameters(block: Block) -> bool:
    """Whether a block or anything in it made parameters or buffers."""
    if block.parameters:
        return True
    inner = [child.block for child in block.children.values()] + list(block.blocks.values())
    return any(has_parameters(one) for one in inner)
