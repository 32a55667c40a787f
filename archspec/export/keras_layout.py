"""Which tensors of a model have their channels last in Keras, so that no axis is taken for another.

A spec has images as `[B, c, H, W]`, Keras as `[B, H, W, c]`. Layers that name their axes (`x[B, c, H, W]`,
`x[B, c, *s]`) and those that do the same to every element (`x[*]`) are spelled for that. Any other layer would take the
wrong axis, and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.elaborate.externals import find_external
from archspec.elaborate.frame import Frame
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Pack, Value
from archspec.export.problems import refuse
from archspec.syntax import tree

AXES = frozenset(("dim", "dims", "start_dim", "end_dim"))
"""Parameters that name an axis by its number."""


@dataclass
class Layout:
    """The images among the tensors of one layer; they are kept, so that their identities stay theirs."""

    images: list[Tensor] = field(default_factory=list)

    @staticmethod
    def of(frame: Frame) -> Layout:
        """The images among the inputs of a layer."""
        signature = frame.layer.signature
        given = [(one, frame.names[one.name]) for one in signature.inputs] if signature is not None else []
        images = [one for declared, one in given if isinstance(one, Tensor) and has_channels(declared)]
        return Layout([one for one in images if len(one.shape) > 3])

    def is_image(self, tensor: Tensor) -> bool:
        """Whether a tensor is known to have its channels last."""
        return any(one is tensor for one in self.images)

    def called(self, frame: Frame, tensors: tuple[Tensor, ...], result: Value) -> None:
        """Refuse a layer that would take the wrong axis of an image; note the images that come out of it."""
        signature = frame.layer.signature
        if signature is None:
            return
        found = result.tensors if isinstance(result, Pack) else (result,)
        outputs = [one for one in found if isinstance(one, Tensor)]
        external = find_external(frame.definition) is not None
        for declared, tensor in zip(signature.inputs, tensors, strict=False):
            if not self.is_image(tensor) or external or has_channels(declared):
                continue
            flat = all(len(one.shape) < 3 for one in outputs)
            by_number = any(formal.name in AXES for formal in frame.layer.formals)
            if flat or (_every_element(declared, signature) and not by_number):
                continue
            place = frame.caller.place(frame.call) if frame.caller is not None and frame.call is not None else None
            reason = "images have their channels last there, and this layer would take another axis for them"
            refuse("export-none", place, layer=frame.layer.name, framework="keras", reason=reason)
        declares = [has_channels(declared) for declared in signature.outputs]
        from_image = any(self.is_image(tensor) for tensor in tensors)
        for position, output in enumerate(outputs):
            named = position < len(declares) and declares[position]
            if len(output.shape) > 3 and (named or from_image):
                self.images.append(output)


def has_channels(declared: tree.TensorDecl) -> bool:
    """Whether axes are declared as those of an image or volume: `[B, c, H, W]`, `[B, c, *s]`."""
    axes = declared.axes
    if len(axes) < 3 or isinstance(axes[0], tree.Star) or isinstance(axes[1], tree.Star):
        return False
    behind = axes[2:]
    if len(behind) == 1:
        return isinstance(behind[0], tree.Star)
    return all(isinstance(axis, tree.Name) and axis.name.rstrip("2") in ("D", "H", "W") for axis in behind)


def _every_element(declared: tree.TensorDecl, signature: tree.Signature) -> bool:
    """Whether a layer does the same to every element: one star, which the output has too."""

    def alone(one: tree.TensorDecl) -> tree.Star | None:
        return one.axes[0] if len(one.axes) == 1 and isinstance(one.axes[0], tree.Star) else None

    own = alone(declared)
    stars = [alone(output) for output in signature.outputs]
    return own is not None and all(
        star is not None and (star.arguments is not None or star.name == own.name) for star in stars
    )
