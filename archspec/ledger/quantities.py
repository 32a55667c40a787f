"""The quantities: what each name means, and how it is read off the ledger. docs/quantities.md says the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from archspec.algebra import Dim, ceildiv, symbol
from archspec.elaborate.program import Program
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.errors.suggest import did_you_mean
from archspec.ledger.terms import Ledger, Term
from archspec.ledger.zero import GRADIENTS, PARAMETERS, STATES
from archspec.policy import Policy

Bits = Callable[[str], Dim]
Keep = Callable[[Term], bool]


@dataclass(frozen=True)
class Quantity:
    """A named number of a model.

    unit: `elements`, `bytes` or `FLOPs`. mode: the mode it is always of, or None for the policy's. trained: it is
    known only when an optimizer was chosen. optional: reports have it only where it is not nothing. of_file: it is a
    number of bytes on disk, which has no formula, for names are in it too.
    """

    name: str
    unit: str
    meaning: str
    mode: str | None
    read: Callable[[Program, Ledger, Bits, Keep], tuple[Dim, bool]]
    trained: bool = False
    optional: bool = False
    of_file: bool = False


QUANTITIES: dict[str, Quantity] = {}


def check_known(quantity: Quantity, policy: Policy) -> None:
    """Raise `SpecError` for a quantity that is not known under a policy."""
    if quantity.trained and not policy.optimizer:
        diagnostics = Diagnostics()
        diagnostics.error("needs-optimizer", None, name=quantity.name)
        raise SpecError(list(diagnostics))


def _elements(name: str, meaning: str, role: str, keep: Keep = lambda term: True) -> None:
    def read(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
        return ledger.elements(lambda term: term.role == role and keep(term) and chosen(term)), True

    QUANTITIES[name] = Quantity(name, "FLOPs" if name.startswith("flops") else "elements", meaning, None, read)


def _bytes(name: str, meaning: str, roles: tuple[str, ...], mode: str | None = None) -> None:
    def read(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
        return ledger.size(lambda term: term.role in roles and chosen(term), bits), True

    QUANTITIES[name] = Quantity(name, "bytes", meaning, mode, read)


def _shared(name: str, meaning: str, roles: tuple[str, ...], stage: int, trained: bool) -> None:
    """Bytes that the copies of a model share from a stage of ZeRO on."""

    def read(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
        return shared(ledger, lambda term: term.role in roles and chosen(term), bits, stage), True

    QUANTITIES[name] = Quantity(name, "bytes", meaning, None, read, trained)


def shared(ledger: Ledger, keep: Keep, bits: Bits, stage: int) -> Dim:
    """Bytes on one device: what all copies share is rounded up to whole bytes; their padding is not counted."""
    whole = ledger.size(keep, bits)
    mesh = ledger.spread.mesh if ledger.spread is not None else None
    if mesh is None or mesh.data == 1 or mesh.zero < stage:
        return whole
    return ceildiv(whole, symbol("dp", 1))


def _active(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
    active: Dim = 0
    for term in ledger.terms:
        if term.role == "param" and chosen(term):
            active = active + term.active
    return active, True


def _peak(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
    found = ledger.peak(program, bits)
    # With other bits than the policy's, another moment may be the largest, and take more turns than was assumed.
    assumed = all(ledger.least.get(count, 1) >= turns for count, turns in found.needs.items())
    return found.size, found.exact and assumed


def _inference(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
    size, exact = _peak(program, ledger, bits, chosen)
    held = shared(ledger, lambda term: term.role in ("param", "buffer"), bits, PARAMETERS)
    return held + ledger.size(lambda term: term.role == "cache", bits) + size, exact


def _elsewhere(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
    raise ValueError("it takes more than one derivation: `Model.dim` has it")


def _training(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
    found = ledger.training(program, bits)
    return found.largest(program), found.exact


_elements("params", "elements of distinct parameters, tied ones once", "param")
_elements("params.trainable", "elements of parameters that are trained", "param", lambda term: term.trainable)
_elements("params.frozen", "elements of parameters that are not trained", "param", lambda term: not term.trainable)
QUANTITIES["params.active"] = Quantity(
    "params.active", "elements", "elements of the parameters that one token meets", None, _active
)
_elements("buffers", "elements of buffers", "buffer")
_bytes("activations.outputs", "bytes of every tensor that a primitive produces, views not counted", ("output",))
_bytes("activations.saved", "bytes of the storages kept for the backward pass", ("saved",))
QUANTITIES["activations.peak"] = Quantity(
    "activations.peak",
    "bytes",
    "largest sum of live storages in a forward pass that frees a tensor after its last use",
    "eval",
    _peak,
)
_elements("flops.forward", "multiply-adds × 2 of matrix products and convolutions", "forward")
_elements("flops.backward", "the same for the gradients that are needed", "backward")
_bytes("kv_cache", "bytes of the tensors kept between decoding steps", ("cache",), "eval")
_elements("flops.recompute", "the same for what checkpointed layers compute again in the backward pass", "again")
QUANTITIES["flops.recompute"] = replace(QUANTITIES["flops.recompute"], optional=True)
_shared("memory.weights", "bytes of parameters and buffers", ("param", "buffer"), PARAMETERS, False)
_shared("memory.gradients", "bytes of the gradients of all that is trained", ("gradient",), GRADIENTS, True)
_shared("memory.optimizer", "bytes of the optimizer's states and copies of weights", ("state",), STATES, True)
QUANTITIES["memory.training"] = Quantity(
    "memory.training", "bytes", "the most that is held during a training step", "train", _training, trained=True
)
QUANTITIES["memory.decode"] = Quantity(
    "memory.decode",
    "bytes",
    "weights + cache of the whole sequence + peak of a pass over one more token",
    "eval",
    _elsewhere,
    optional=True,
)
QUANTITIES["memory.inference"] = Quantity("memory.inference", "bytes", "weights + peak + cache", "eval", _inference)


def _no_formula(program: Program, ledger: Ledger, bits: Bits, chosen: Keep) -> tuple[Dim, bool]:
    raise ValueError("a file has no formula")


for _name, _meaning in (
    ("file.safetensors", "bytes of the weights as safetensors, header and all"),
    ("file.torch", "bytes of the state dict as `torch.save` writes it, within 1 %"),
    ("file.optimizer", "bytes of the optimizer's state dict as `torch.save` writes it, within 1 %"),
    ("file.gguf", "bytes of the tensors in a GGUF file, which has metadata besides"),
):
    QUANTITIES[_name] = Quantity(
        _name, "bytes", _meaning, None, _no_formula, trained=_name == "file.optimizer", optional=True, of_file=True
    )

GROUPABLE = frozenset(name for name, one in QUANTITIES.items() if not one.of_file) - {
    "activations.peak",
    "memory.decode",
    "memory.inference",
    "memory.training",
}
"""The quantities that are sums over layers: they can be filtered by path and kind."""


def find_quantity(name: str) -> Quantity:
    """The quantity of a name. Raises `SpecError` with the nearest name."""
    if name in QUANTITIES:
        return QUANTITIES[name]
    diagnostics = Diagnostics()
    diagnostics.error("unknown-quantity", None, name=name, fix=did_you_mean(name, QUANTITIES))
    raise SpecError(list(diagnostics))
