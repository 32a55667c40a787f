"""On which devices a model fits, in which precisions and formats of weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archspec.algebra import free_symbols
from archspec.devices import Device, devices, find_device
from archspec.errors.diagnostic import SpecError
from archspec.policy import Mesh
from archspec.report.report import Report
from archspec.solving.problems import fail
from archspec.solving.question import usual_quantity

if TYPE_CHECKING:
    from archspec.elaborate.entry import GivenValue
    from archspec.model import Model
    from archspec.policy import Policy

SCHEMA = "archspec/fit/1"
TRAINED = ("fp32", "mixed-bf16", "bf16")
RUN = ("fp32", "bf16")
WEIGHTS = ("int8", "nf4", "q4_k_m")
"""Formats of weights whose other tensors are bf16."""


@dataclass(frozen=True)
class Need:
    """What a model needs in a column of the table: bytes, or None with the reason why it cannot be so."""

    bytes: int | None
    exact: bool = True
    reason: str = ""


class Fit:
    """The table: devices, and what the model needs in each precision."""

    def __init__(self, report: Report, quantity: str, needs: Mapping[str, Need], found: list[Device]) -> None:
        self.report, self.quantity, self.needs, self.devices = report, quantity, dict(needs), found

    def headroom(self, device: Device, column: str) -> int | None:
        """Bytes left on a device, less than 0 where it does not fit; None where there is no such model."""
        needs = self.needs[column].bytes
        return None if needs is None else device.memory - needs

    def to_dict(self) -> dict[str, Any]:
        """The table as JSON (`grammar/fit.schema.json`)."""
        return {
            "schema": SCHEMA,
            "model": self.report.model.name,
            "file": self.report.file,
            "quantity": self.quantity,
            "symbols": dict(self.report.values),
            "policy": {name: value for name, value in self.report.policy_dict.items() if name != "precision"},
            "needs": {name: self._need(one) for name, one in self.needs.items()},
            "devices": [self._device(one) for one in self.devices],
            "assumptions": self.report.assumptions,
        }

    def _need(self, need: Need) -> dict[str, Any]:
        if need.bytes is None:
            return {"value": None, "reason": need.reason}
        return {"value": need.bytes, "exact": need.exact}

    def _device(self, device: Device) -> dict[str, Any]:
        usable = {} if device.usable is None else {"usable": device.usable}
        left = {name: self.headroom(device, name) for name in self.needs}
        return {
            "name": device.name,
            "sold": device.sold,
            "total": device.total,
            **usable,
            "fits": {name: None if over is None else over >= 0 for name, over in left.items()},
            "headroom": left,
        }

    def __str__(self) -> str:
        from archspec.solving.fit_table import fit_text

        return fit_text(self, 100, False)


def fit(model: Model | str, **choices: Any) -> Fit:
    """The devices that a model fits on. choices: as for `Model.size`; all symbols need values.

    Of `memory.training` with an optimizer (`train="adamw"`), else of `memory.inference`. Raises `SpecError`.
    """
    from archspec.choices import split_choices

    if isinstance(model, str):
        from archspec.loading import load

        model = load(model)
    return fitted(model, *split_choices(choices, model.base))


def fitted(model: Model, policy: Policy, given: Mapping[str, GivenValue]) -> Fit:
    """As `fit`, of a policy and values. A policy with a device is about that device alone."""
    quantity = usual_quantity(policy)
    usual = TRAINED if policy.optimizer else RUN
    needs = {name: _need(model, policy.with_(precision=name), given, quantity) for name in (*usual, policy.precision)}
    # How a format's matrices are shared by several devices is not known.
    if not policy.optimizer and policy.mesh == Mesh() and not policy.weights:
        stored = {name: policy.with_(precision="bf16", weights=name) for name in WEIGHTS}
        needs |= {name: _in_format(model, one, given, quantity) for name, one in stored.items()}
    chosen = [find_device(policy.device)] if policy.device else sorted(devices().values(), key=lambda one: one.memory)
    return Fit(Report(model, policy, given), quantity, needs, chosen)


def _need(model: Model, policy: Policy, given: Mapping[str, GivenValue], quantity: str) -> Need:
    report = Report(model, policy, given)
    value = report.value(quantity)
    if value is None:
        missing = sorted(free_symbols(report.dim(quantity)) - report.values.keys())
        fix = "give it, as in " + " ".join(f"--set {one}=8" for one in missing)
        fail("needs-values", names=", ".join(f"`{one}`" for one in missing), quantity=quantity, fix=fix)
    return Need(value, report.is_exact(quantity))


def _in_format(model: Model, policy: Policy, given: Mapping[str, GivenValue], quantity: str) -> Need:
    """The same with weights in a format, which may not be able to hold them."""
    try:
        return _need(model, policy, given, quantity)
    except SpecError as error:
        return Need(None, reason=error.diagnostics[0].message)
