"""Measures one training step of a PyTorch model, operation by operation. Shares no code with archspec.

Two instruments: `torch.distributed._tools.mem_tracker.MemTracker`, and `Running`, a record of live storages after every
operation with a phase and the operation's name. Both see fake cpu tensors (float32): every byte counts, none is
rounded, and nothing is computed. They run apart, since a tracker's hooks could change what lives.

Memory inside one operation is not seen by either (a convolution's workspace); what an operation returns is.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn, optim
from torch.distributed._tools import mod_tracker
from torch.distributed._tools.mem_tracker import MemTracker
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

PHASES = ("forward", "loss", "backward", "step")
Tensors = dict[str, torch.Tensor]


@dataclass
class Job:
    """What is trained. mode: that of its fake tensors, or nothing for real ones.

    loss: (logits, target) → scalar. held: whether the loop's variable keeps the logits until the step is over.
    """

    mode: AbstractContextManager[Any]
    model: nn.Module
    inputs: Tensors
    target: torch.Tensor
    forward: Callable[[nn.Module, Tensors], torch.Tensor]
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    optimizer: optim.Optimizer
    held: bool = False

    def step(self, enter: Callable[[str], None] = lambda phase: None) -> None:
        """One training step, from no gradients to no gradients. `enter` is told of each phase."""
        enter("forward")
        logits = self.forward(self.model, self.inputs)
        kept = logits if self.held else None
        enter("loss")
        loss = self.loss(logits, self.target)
        del logits
        enter("backward")
        loss.backward()  # type: ignore[no-untyped-call]
        enter("step")
        self.optimizer.step()
        enter("end")
        del kept
        self.optimizer.zero_grad(set_to_none=True)


@dataclass(frozen=True)
class Event:
    """The state after one operation: live bytes, in which phase, the aten operation, and what it belongs to.

    owner: the module that runs; in the backward pass, that of the forward operation whose gradient it computes.
    node: the autograd node that runs, in the backward pass. made: bytes of new storages.
    """

    phase: str
    operation: str
    owner: str
    node: str
    total: int
    made: int


@dataclass
class Held:
    """A live storage: its bytes, its category, and the event that made it (−1: there before)."""

    size: int
    category: str
    born: int


@dataclass
class Running(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's __init_subclass__
    """The running record. `watch` lists what is there before; `phase` is set from outside."""

    events: list[Event] = field(default_factory=list)
    live: dict[int, Held] = field(default_factory=dict)
    total: int = 0
    phase: str = "before"
    owners: list[str] = field(default_factory=lambda: [""])
    peak: int = 0
    at: int = -1
    at_peak: list[Held] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._refs: dict[int, weakref.ref[Any]] = {}
        self._made_by: dict[int, str] = {}

    def watch(self, tensor: torch.Tensor, category: str) -> int:
        """Count a tensor's storage, once. Bytes that are new."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.live:
            return 0
        size = storage.nbytes()
        self.live[key] = Held(size, category, len(self.events) if category == "made" else -1)
        self.total += size

        def freed(_: Any) -> None:
            self.total -= self.live.pop(key).size
            del self._refs[key]

        self._refs[key] = weakref.ref(storage, freed)
        return size

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        made = sum(self.watch(leaf, "made") for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor))
        if func.namespace != "aten":
            return result  # prim::device and the profiler's marks hold no memory
        node: Any = torch._C._current_autograd_node() if self.phase == "backward" else None
        if node is None:
            self._made_by[torch.autograd._get_sequence_nr() - 1] = self.owners[-1]  # type: ignore[attr-defined]
        owner = self.owners[-1] if node is None else self._made_by.get(node._sequence_nr(), "")
        self.events.append(Event(self.phase, str(func), owner, node.name() if node else "", self.total, made))
        if self.total > self.peak:
            self.peak, self.at = self.total, len(self.events) - 1
            self.at_peak = [Held(one.size, one.category, one.born) for one in self.live.values()]
        return result

    def enter(self, phase: str) -> None:
        """A phase begins."""
        self.phase = phase
        self.events.append(Event(phase, "·", "", "", self.total, 0))


@contextmanager
def named(model: nn.Module, running: Running) -> Iterator[None]:
    """Tells the record which module runs."""
    handles = []
    for name, module in model.named_modules():

        def before(_module: nn.Module, _args: Any, name: str = name) -> None:
            running.owners.append(name)

        def after(_module: nn.Module, _args: Any, _result: Any) -> None:
            running.owners.pop()

        handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def record(job: Job) -> Running:
    """The running record of one step."""
    running = Running()
    for category, tensors in standing(job).items():
        for tensor in tensors:
            running.watch(tensor, category)
    with job.mode, named(job.model, running), running:
        job.step(running.enter)
    return running


def standing(job: Job) -> dict[str, list[torch.Tensor]]:
    """What is there before a step, by category. Gradients of the step before are gone."""
    states = [v for state in job.optimizer.state.values() for v in state.values() if isinstance(v, torch.Tensor)]
    return {
        "parameter": list(job.model.parameters()),
        "buffer": list(job.model.buffers()),
        "optstate": states,
        "input": [*job.inputs.values(), job.target],
    }


@contextmanager
def without_marks() -> Iterator[None]:
    """MemTracker without its marks on modules in the backward pass, which change what lives.

    A mark on a module of several inputs keeps the gradient of the first until that of the last is there.
    """
    names = vars(mod_tracker)
    marks = names["register_multi_grad_hook"]
    names["register_multi_grad_hook"] = lambda *_, **__: None
    try:
        yield
    finally:
        names["register_multi_grad_hook"] = marks


def tracked(job: Job, marks: bool = True) -> dict[str, int]:
    """MemTracker's peak of one step, in bytes, by its categories. marks: with its marks in the backward pass."""
    tracker = MemTracker()
    tracker.track_external(job.model, job.optimizer, *job.inputs.values(), job.target)
    with job.mode, tracker, nullcontext() if marks else without_marks():
        job.step()
    (snapshot,) = tracker.get_tracker_snapshot("peak").values()
    return {getattr(name, "value", name): size for name, size in snapshot.items()}
