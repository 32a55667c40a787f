"""Records of plans. See `builder`."""

# ruff: noqa: D102  # each method is what its rule in `grammar/arch.lark` says, and all get the same two offsets

from __future__ import annotations

from archspec.syntax import tree
from archspec.syntax.build_statements import StatementBuilder
from archspec.syntax.tree import Expression


class PlanBuilder(StatementBuilder):
    """Makes the plans of one source."""

    def plan(
        self,
        start: int,
        end: int,
        name: tree.Name,
        target: Expression,
        doc: str | None,
        lines: tuple[tree.PlanLine, ...],
    ) -> tree.Plan:
        return tree.Plan(start, end, name.name, target, self._doc(doc), lines, name.start, name.end)

    def choices(self, start: int, end: int, *lines: tree.PlanLine) -> tuple[tree.PlanLine, ...]:
        return lines

    def chosen(self, start: int, end: int, key: str, value: str) -> tree.Chosen:
        return tree.Chosen(start, end, key, value)

    def hyphened(self, start: int, end: int, *parts: str) -> str:
        return "-".join(parts)

    def counted(self, start: int, end: int, key: str, text: str) -> tree.Counted:
        return tree.Counted(start, end, key, self._plan_number(start, end, text))

    def picked(self, start: int, end: int, key: str, patterns: tuple[str, ...]) -> tree.Picked:
        return tree.Picked(start, end, key, patterns)

    def patterns(self, start: int, end: int, *patterns: str) -> tuple[str, ...]:
        return patterns

    def quoted_pattern(self, start: int, end: int, text: str) -> str:
        return self._text(start, text)

    def pattern(self, start: int, end: int, *parts: str) -> str:
        return "".join(parts)

    def adapters(self, start: int, end: int, *parts: tree.Argument | tuple[str, ...]) -> tree.Adapters:
        settings = tuple(one for one in parts if isinstance(one, tree.Argument))
        patterns = next(one for one in parts if isinstance(one, tuple))
        return tree.Adapters(start, end, settings, patterns)

    def adapter_setting(self, start: int, end: int, name: str, text: str) -> tree.Argument:
        return tree.Argument(start, end, name, self._plan_number(start, end, text))

    def shares(self, start: int, end: int, *shares: tree.Share) -> tree.Shares:
        return tree.Shares(start, end, shares)

    def share(self, start: int, end: int, axis: str, text: str, *options: tuple[str, tree.Number | None]) -> tree.Share:
        return tree.Share(start, end, axis, self._plan_number(start, end, text), options)

    def share_option(self, start: int, end: int, name: str, text: str | None) -> tuple[str, tree.Number | None]:
        return name, None if text is None else self._plan_number(start, end, text)

    def _plan_number(self, start: int, end: int, text: str) -> tree.Number:
        number = self.number(start, end, text)
        assert isinstance(number, tree.Number)
        return number
