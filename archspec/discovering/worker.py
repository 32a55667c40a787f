"""The process in which a person's code runs: a question a line in, an answer a line out, both JSON.

Started as `python -m archspec.discovering.worker`, and only because a command or a test names the code. What that code
prints goes to stderr.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from archspec.policy import Policy
from archspec.verify.against import require_torch, traced
from archspec.verify.errors import CannotVerify
from archspec.verify.targets import Target, find_callable, parse_inputs, parse_keywords, parse_target

if TYPE_CHECKING:
    from archspec.verify.traced.measure import Feed
    from archspec.verify.traced.records import Record

QUANTITIES = {"params": (), "activations.saved": ("activations.saved",), "flops.forward": ("flops.forward",)}
"""What can be asked for, and what has to be measured for it besides what a model holds."""


def main() -> None:
    """Answer until nothing more is asked."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    evaluate: Callable[[Mapping[str, int]], int] | None = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if evaluate is None:
                evaluate = evaluator(**question)
                answer: dict[str, Any] = {"ready": True}
            else:
                answer = {"value": evaluate(question)}
        except CannotVerify as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def evaluator(target: str, quantity: str, keywords: str, inputs: list[str]) -> Callable[[Mapping[str, int]], int]:
    """A function from values to the quantity of the model that they make. Raises `CannotVerify`."""
    require_torch()
    build = find_callable(_parsed(target))
    fixed = parse_keywords(keywords)

    def evaluate(values: Mapping[str, int]) -> int:
        arguments = {**fixed, **_accepted(build, values, inputs)}
        return _read(quantity, _record(build, arguments, quantity, inputs, values))

    return evaluate


def _parsed(text: str) -> Target:
    target = parse_target(text)
    if target.kind != "torch":
        raise CannotVerify(f"`{text}` is not torch:package.module:callable: other frameworks are not evaluated")
    return target


def _accepted(build: Callable[..., Any], values: Mapping[str, int], inputs: list[str]) -> dict[str, int]:
    """The values that the callable takes; the others are sizes of inputs. Raises `CannotVerify` for a name of none."""
    try:
        known = inspect.signature(build).parameters
    except (TypeError, ValueError):  # a callable written in C
        return dict(values)
    anything = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values())
    sizes = {word for text in inputs for word in "".join(c if c.isalnum() or c == "_" else " " for c in text).split()}
    for name in values:
        if name not in known and name not in sizes and not anything:
            raise CannotVerify(f"the callable takes no `{name}`, and no --inputs has a size of that name")
    return {name: value for name, value in values.items() if name in known or (anything and name not in sizes)}


def _record(
    build: Callable[..., Any], arguments: Mapping[str, Any], quantity: str, inputs: list[str], values: Mapping[str, int]
) -> Record:
    from archspec.verify.against import as_inputs, model_maker
    from archspec.verify.traced.modules import make_inputs, move

    own: list[Any] = []
    maker = model_maker(lambda: build(**arguments), own)
    wanted = parse_inputs(inputs, values)

    def feed(model: Any, floating: Any, device: str) -> Any:
        if not wanted and not own:
            raise CannotVerify("--inputs is missing, such as --inputs 'tokens=int64[B,S]'")
        return make_inputs(wanted, model, floating, device) if wanted else move(as_inputs(own[0]), floating, device)

    run: Feed = feed
    return traced(maker, run, Policy(backend="cpu"), QUANTITIES[quantity], ("fp32",), "real")


def _read(quantity: str, record: Record) -> int:
    if quantity == "params":
        return record.elements("param")
    if quantity == "activations.saved":
        return sum(one.bytes for one in record.kept["fp32"])
    return sum(one.flops for one in record.forward or ())


if __name__ == "__main__":
    main()
