"""Generated code before it is text: lines that know which names they use, so that what nobody uses is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

WIDTH = 112
Uses = frozenset[str]
NOTHING: Uses = frozenset()


@dataclass(eq=False)
class Line:
    """One statement.

    sets: the variable it assigns, if the line may go when nobody uses that variable.
    optional: a check, which stands only if all that it uses is there anyway or is one line away from that.
    """

    text: str
    uses: Uses = NOTHING
    sets: str | None = None
    optional: bool = False
    following: tuple[str, ...] = ()


@dataclass(eq=False)
class Group:
    """A statement with a block: `for …:` or `if …:` (`other`: what stands under `else`)."""

    head: str
    uses: Uses
    body: list[Node] = field(default_factory=list)
    other: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Modules:
    """A list of modules, one for each turn of a loop: `self.name = nn.ModuleList(make for …)`.

    make: the call that makes one, with what it uses, given the sizes that are read off it (`turn.channels`).
    sizes: what changes from turn to turn. exported: those of them that are read off the module just made.
    """

    target: str
    head: str
    head_uses: Uses
    make: Callable[[list[str]], tuple[str, Uses]]
    sizes: list[Node]
    exported: tuple[str, ...]
    turn: str
    brackets: tuple[str, str] = ("nn.ModuleList(", ")")
    text: str = ""


Node = Line | Group | Modules


def live(nodes: list[Node], wanted: Iterable[str] = ()) -> set[str]:
    """Every name that the nodes use; what only lines use that nobody needs is not among them."""
    used = set(wanted)
    before = -1
    while len(used) != before:
        before = len(used)
        _gather(nodes, used)
    return used | _for_checks(nodes, used)


def _for_checks(nodes: list[Node], used: set[str]) -> set[str]:
    """The names that checks need besides, if a line makes each of them of what is there anyway."""
    lines = [node for node in nodes if isinstance(node, Line)]
    at_hand = {line.sets for line in lines if line.sets is not None and line.uses <= used}
    missing = [line.uses - used for line in lines if line.optional]
    return {name for one in missing if one <= at_hand for name in one}


def _gather(nodes: list[Node], used: set[str]) -> None:
    for node in nodes:
        if isinstance(node, Line):
            if not node.optional and (node.sets is None or node.sets in used):
                used |= node.uses
        elif isinstance(node, Modules):
            _gather(node.sizes, used)
            _, uses = node.make([name for name in node.exported if name in used])
            used |= uses | node.head_uses
        elif _stands(node.body, used) or _stands(node.other, used):
            used |= node.uses
            _gather(node.body, used)
            _gather(node.other, used)


def _stands(nodes: list[Node], used: set[str]) -> bool:
    """Whether anything of a block is left."""
    for node in nodes:
        if isinstance(node, Line):
            if not node.optional and (node.sets is None or node.sets in used):
                return True
        elif isinstance(node, Modules) or _stands(node.body, used) or _stands(node.other, used):
            return True
    return False


def drop(nodes: list[Node], used: set[str]) -> None:
    """Leave out, in place, what nobody needs, and settle how modules of loops are made."""
    kept: list[Node] = []
    for node in nodes:
        if isinstance(node, Line):
            if node.optional and not node.uses <= used:
                continue
            if node.sets is not None and node.sets not in used:
                continue
        elif isinstance(node, Modules):
            drop(node.sizes, used)
            node.exported = tuple(name for name in node.exported if name in used)
            node.text, _ = node.make(list(node.exported))
        else:
            if not (_stands(node.body, used) or _stands(node.other, used)):
                continue
            drop(node.body, used)
            drop(node.other, used)
        kept.append(node)
    nodes[:] = kept


def render(nodes: list[Node], indent: str) -> list[str]:
    """The text of nodes."""
    lines: list[str] = []
    for node in nodes:
        if isinstance(node, Line):
            pieces = [node.text] if node.following else wrapped(node.text, indent)
            lines.extend(f"{indent}{part}" for part in (*pieces, *node.following))
        elif isinstance(node, Modules):
            lines.extend(_modules(node, indent))
        else:
            lines.extend(_group(node, indent))
    return lines


def _group(node: Group, indent: str) -> list[str]:
    inner = indent + "    "
    if not node.body and node.head.startswith("if "):
        condition = node.head[len("if ") : -1]
        return [f"{indent}if not ({condition}):", *render(node.other, inner)]
    lines = [f"{indent}{node.head}", *render(node.body, inner)]
    if node.other:
        lines.extend([f"{indent}else:", *render(node.other, inner)])
    return lines


def _modules(node: Modules, indent: str) -> list[str]:
    inner = indent + "    "
    opening, closing = node.brackets
    if not node.sizes:
        short = f"{indent}{node.target} = {opening}{node.text} for {node.head}{closing}"
        if len(short) <= WIDTH:
            return [short]
        made = [f"{inner}{line}" for line in wrapped(node.text, inner)]
        return [f"{indent}{node.target} = {opening}", *made, f"{inner}for {node.head}", f"{indent}{closing}"]
    lines = [f"{indent}{node.target} = {opening}{closing}", f"{indent}for {node.head}:"]
    if node.exported:
        made = wrapped(f"{node.turn} = {node.text}", inner)
        lines.extend(f"{inner}{line}" for line in (*made, f"{node.target}.append({node.turn})"))
    else:
        lines.extend(f"{inner}{line}" for line in wrapped(f"{node.target}.append({node.text})", inner))
    return [*lines, *render(node.sizes, inner)]


def wrapped(text: str, indent: str = "") -> list[str]:
    """A line that is too long, cut inside its last pair of brackets: what they hold on lines of its own."""
    if len(indent) + len(text) <= WIDTH:
        return [text]
    at = _last_bracket(text)
    if at is None:
        return [text]
    if text[at] == "[" and at and (text[at - 1].isalnum() or text[at - 1] in "_)]"):
        pieces = wrapped(text[:at], indent)  # an index stays on its line: a comma behind it would make a tuple of it
        return [*pieces[:-1], pieces[-1] + text[at:]]
    inner = text[at + 1 : -1]
    deeper = indent + "    "
    if len(deeper) + len(inner) <= WIDTH and text[at] == "(":
        return [text[: at + 1], f"    {inner}", text[-1]]
    lines: list[str] = []
    parts = split_arguments(inner)
    for part in parts:
        pieces = wrapped(part, deeper)
        if len(pieces) == 1 and len(deeper) + len(part) > WIDTH:
            pieces = _at_operators(part)
        if len(parts) > 1 or " for " not in part:
            pieces[-1] += ","
        lines.extend(f"    {piece}" for piece in pieces)
    return [text[: at + 1], *lines, text[-1]]


def _at_operators(text: str) -> list[str]:
    """A sum, one summand a line."""
    pieces: list[str] = []
    depth, start = 0, 0
    for position, one in enumerate(text):
        depth += (one in "([{") - (one in ")]}")
        if depth == 0 and text.startswith((" + ", " - "), position):
            pieces.append(text[start:position])
            start = position + 1
    return [*pieces, text[start:]] if '"' not in text else [text]


def _last_bracket(text: str) -> int | None:
    """Where the bracket opens that closes at the end of a text."""
    for at, one in enumerate(text):
        if one in "([{" and text[-1:] in ")]}" and _closes_at_end(text, at):
            return at
    return None


def _closes_at_end(text: str, at: int) -> bool:
    depth = 0
    quoted = False
    for position in range(at, len(text)):
        one = text[position]
        if one == '"' and text[position - 1] != "\\":
            quoted = not quoted
        if quoted:
            continue
        depth += (one in "([{") - (one in ")]}")
        if depth == 0:
            return position == len(text) - 1
    return False


def split_arguments(text: str) -> list[str]:
    """The arguments of a call, cut at the commas that separate them."""
    parts: list[str] = []
    depth, start, quoted = 0, 0, False
    for position, one in enumerate(text):
        if one == '"' and text[position - 1 : position] != "\\":
            quoted = not quoted
        if quoted:
            continue
        depth += (one in "([{") - (one in ")]}")
        if one == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts
