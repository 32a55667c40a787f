"""Functions of exported files that no spec says: they are the same everywhere."""

from __future__ import annotations

BANK = '''def NAME(experts: nn.ModuleList, rows: Tensor, chosen: Tensor | None = None) -> Tensor:
    """Each expert on its own rows, which come in the order of the experts: as many to each as `chosen` names it.

    Without `chosen` every expert gets as many. Where `chosen` has no values (`meta`, fake tensors), the first one gets
    all of them: costs are the same.
    """
    flat = torch.flatten(rows, 0, -2)
    if chosen is None:
        parts = torch.tensor_split(flat, len(experts))
    elif chosen.is_meta or (type(chosen) is not Tensor and not torch.compiler.is_compiling()):
        parts = (flat,)
    else:
        counts = torch.bincount(torch.flatten(chosen), minlength=len(experts))
        parts = torch.split(flat, counts.tolist())
    done = torch.cat([expert(part) for expert, part in zip(experts, parts, strict=False) if len(part) > 0])
    return torch.unflatten(done, 0, rows.shape[:-1])'''

FLAT = '''def NAME(outputs: Tensor | Sequence[Any]) -> tuple[Tensor, ...]:
    """Nested outputs in order: `y, (h, c)` as `y, h, c`."""
    if isinstance(outputs, Tensor):
        return (outputs,)
    return tuple(one for part in outputs for one in NAME(part))'''
