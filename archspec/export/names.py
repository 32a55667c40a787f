"""Names and literals of a spec as Python: nothing gets into a generated file that is not one of these."""

from __future__ import annotations

import builtins
import keyword
import math
from fractions import Fraction

_MINE = "torch nn F Tensor Any Callable Sequence math keras annotations device dtype training"
RESERVED = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls", *_MINE.split()))
"""Names that generated code uses for itself."""

_MEMBERS = """
add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval extra_repr
float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
state_dict to to_empty train training type xpu zero_grad T_destination
"""
MODULE_MEMBERS = frozenset(_MEMBERS.split())
"""Attributes of `torch.nn.Module`: a submodule of such a name would break it."""


def snake(name: str) -> str:
    """`MatMul` as `mat_mul`, `RoPE` as `ro_pe`, `GELU` as `gelu`."""
    text = ""
    for index, letter in enumerate(name):
        following = name[index + 1 : index + 2]
        before = name[index - 1 : index]
        begins = before.islower() or before.isdigit() or following.islower()
        if letter.isupper() and index and begins and before != "_":
            text += "_"
        text += letter.lower()
    return text


def camel(name: str) -> str:
    """`dense_block` as `DenseBlock`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) or name


def singular(name: str) -> str:
    """`Layers` as `Layer`."""
    return name[:-1] if len(name) > 3 and name.endswith("s") and not name.endswith(("ss", "us", "is")) else name


def checked(name: str) -> str:
    """A name of the spec, which must be an identifier: the one gate through which names pass."""
    if not (name.isidentifier() and name.isascii()):
        raise ValueError(f"not an identifier: {name!r}")
    return name


def identifier(name: str) -> str:
    """A name as a Python variable: itself, with `_` behind it where Python or the file uses it otherwise."""
    name = checked(name)
    while name in RESERVED or name.startswith("__"):
        name = f"x{name}" if name.startswith("__") else f"{name}_"
    return name


class Pool:
    """Names of one namespace, each given out once."""

    def __init__(self, taken: frozenset[str] = RESERVED) -> None:
        self.taken = set(taken)

    def take(self, name: str) -> str:
        """The name itself if it is free, else with a number behind it."""
        wanted = checked(name)
        number = 2
        while wanted in self.taken or wanted.startswith("__"):
            wanted = f"{name.lstrip('_') or 'x'}_{number}"
            number += 1
        self.taken.add(wanted)
        return wanted


def number(value: int | Fraction | float) -> str:
    """A number as Python shows it."""
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, int):
        return repr(int(value))
    return repr(float(value)) if math.isfinite(float(value)) else f'float("{float(value)}")'


def text(value: str) -> str:
    """A text as a Python literal in double quotes, of printable ASCII."""
    inner = ascii(value)[1:-1]
    if ascii(value)[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'


def docstring(value: str | None, indent: str, width: int = 100) -> list[str]:
    """Lines of a docstring: backslashes and quotes escaped, so that it ends where it should."""
    import textwrap

    if value is None or not value.strip():
        return []
    lines: list[str] = []
    for paragraph in value.strip().split("\n\n"):
        cleaned = " ".join(paragraph.split())
        cleaned = "".join(one if one.isprintable() else " " for one in cleaned)
        if lines:
            lines.append("")
        wrapped = textwrap.wrap(cleaned, width - len(indent), break_long_words=False, break_on_hyphens=False)
        lines.extend(_escaped(one) for one in wrapped)
    if not lines:
        return []
    if len(lines) == 1:
        return [f'{indent}"""{lines[0]}"""']
    return [f'{indent}"""{lines[0]}', *((indent + line) if line else "" for line in lines[1:]), f'{indent}"""']


def _escaped(line: str) -> str:
    """A line of a docstring. Quotes are escaped where they could end it."""
    line = line.replace("\\", "\\\\")
    return line.replace('"', '\\"') if '"""' in line or line.endswith('"') else line


def comment(value: str) -> str:
    """A text on one line, for a comment."""
    return "".join(one if one.isprintable() else " " for one in " ".join(value.split()))
