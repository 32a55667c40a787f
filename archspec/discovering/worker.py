"""The process in which a person's code runs: a question a line in, an answer a line out, both JSON.

Started as `python -m archspec.discovering.worker`, and only because a command or a test names the code. What that code
prints goes to stderr, and it reads nothing.
"""

from __future__ import annotations

import json
import os
import warnings
from contextlib import suppress
from typing import Any

from archspec.discovering.evaluate import Evaluator
from archspec.discovering.line import Refused
from archspec.verify.errors import CannotVerify

_MOST_BYTES = 8 * 2**30


def main() -> None:
    """Answer until nothing more is asked."""
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    evaluator: Evaluator | None = None
    for line in questions:
        question = json.loads(line)
        try:
            if evaluator is None:
                evaluator = Evaluator(**question)
                _use_one_core()
                _limit_memory()
                answer: dict[str, Any] = {"ready": True}
            else:
                answer = {"value": evaluator.value(**question)}
        except Refused as error:
            answer = {"refused": str(error)}
        except CannotVerify as error:
            answer = {"error": str(error)}
        except SystemExit as error:
            answer = {"error": f"the code ended its process: SystemExit: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _use_one_core() -> None:
    """Small models are slower with several."""
    import torch

    torch.set_num_threads(1)


def _limit_memory() -> None:
    """A model that is too large raises an error, instead of taking all that the machine has."""
    with suppress(ImportError, OSError, ValueError, AttributeError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_BYTES, most))


if __name__ == "__main__":
    main()
