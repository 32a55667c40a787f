"""What goes wrong with `archspec discover` is said in a sentence: targets, names, and code that does not behave."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

MODELS = "torch:tests.discovering.models:"
PERCEPTRON = f"{MODELS}perceptron"

WITHOUT_RUNNING = [
    (("foo", "--over", "d"), "`foo` is not torch:package.module:callable"),
    (("keras:a:b", "--over", "d"), "other frameworks are not evaluated"),
    (("safetensors:a", "--over", "d"), "other frameworks are not evaluated"),
    (("torch:a", "--over", "d"), "`torch:a` is not torch:package.module:callable"),
    ((PERCEPTRON, "--over", "d:0"), "is not NAME,NAME:STEP"),
    ((PERCEPTRON, "--over", "d,,e"), "is not NAME,NAME:STEP"),
    ((PERCEPTRON, "--over", "d:8:1:4"), "is not NAME,NAME:STEP"),
    ((PERCEPTRON, "--over", "d:99999999999"), "is not NAME,NAME:STEP"),
    ((PERCEPTRON, "--over", "d,d:8"), "names `d` twice"),
    ((PERCEPTRON, "--over", ",".join(f"a{n}" for n in range(17))), "--over has 17 names; at most 16"),
    ((PERCEPTRON, "--over", "d", "--kwargs", "d=3"), "`d` is in --over and in --kwargs"),
    ((PERCEPTRON, "--over", "d", "--kwargs", "3"), "--kwargs `3` is not `name=value"),
    ((PERCEPTRON, "--over", "d[0]"), "is an entry of no list: --kwargs 'd=[…]'"),
    ((PERCEPTRON, "--over", "d[2]", "--kwargs", "d=[1, 2]"), "`d[2]` is not in the d of --kwargs, which is [1, 2]"),
    ((PERCEPTRON, "--over", "d", "--kwargs", "d=[1, 2]"), "`d` is a list: --over names its entries, such as d[0]"),
    ((PERCEPTRON, "--over", "d[0]", "--kwargs", "d=['a']"), "which is no whole number"),
]
IN_THE_PROCESS = [
    ((f"{MODELS}slow", "--over", "d", "--seconds", "5"), "it takes longer than 5 s; --seconds allows more"),
    ((f"{MODELS}leaves", "--over", "d"), "the code ended its process: SystemExit: 1 (at d = 1)"),
    ((f"{MODELS}dies", "--over", "d"), "the process that ran the model ended with status 7: out of luck (at d = 1)"),
    ((f"{MODELS}wrong", "--over", "d:1:2"), "ValueError: too wide (tests/discovering/models.py:"),
]
WHILE_LOOKED_AT = [
    ("never", "d", {}, "KeyError: 1 (tests/discovering/models.py:"),
    ("never", "d", {}, "Where small sizes are not allowed, a start helps: --over NAME:1:8"),
    ("chance", "d", {}, "what is not always the same has no formula"),
    ("roots", "d", {}, "it is no polynomial of a degree up to 6 in d, nor one for each remainder"),
    ("nothing", "d", {}, "the callable returned a NoneType, not a torch.nn.Module"),
    ("NUMBER", "d", {}, "`NUMBER` of tests.discovering.models is not a function or class"),
    ("missing", "d", {}, "tests.discovering.models has no `missing`"),
    ("perceptron", "d,layers,B", {}, "the callable takes no `B`, and no --inputs has a size of that name"),
    ("perceptron", "d,layers", {"quantity": "flops.forward"}, "--inputs is missing"),
    ("perceptron", "d,layers", {"quantity": "flops.forward", "inputs": ["x"]}, "--inputs `x` is not NAME="),
    ("perceptron", "d,layers", {"quantity": "flops.forward", "inputs": ["x[B,d]"]}, "--inputs `x[B,d]` is not NAME="),
    ("perceptron", "d", {"keywords": "layers=1", "quantity": "params", "inputs": ["x"]}, ""),
]


@pytest.mark.parametrize(("arguments", "message"), WITHOUT_RUNNING)
def test_before_anything_is_run(archspec, monkeypatch, arguments, message):
    monkeypatch.setattr("archspec.discovering.session.Session.__enter__", lambda _: pytest.fail("it was started"))
    _complains(archspec("discover", *arguments), message)


@pytest.mark.parametrize(("arguments", "message"), IN_THE_PROCESS)
def test_in_the_process(archspec, arguments, message):
    pytest.importorskip("torch")
    _complains(archspec("discover", *arguments), message)


@pytest.mark.parametrize(("name", "over", "others", "message"), WHILE_LOOKED_AT)
def test_while_a_model_is_looked_at(name, over, others, message):
    pytest.importorskip("torch")
    from archspec.discovering.discovery import explore
    from archspec.discovering.evaluate import Evaluator
    from archspec.verify.errors import CannotVerify

    def look():
        evaluator = Evaluator(MODELS + name, others.get("keywords", ""), others.get("inputs", ()))
        explore(evaluator.value, others.get("quantity", "params"), over)

    if not message:  # inputs are not looked at for parameters
        look()
        return
    with pytest.raises(CannotVerify, match=re.escape(message)):
        look()


def test_a_module_that_is_missing():
    pytest.importorskip("torch")
    from archspec.discovering.evaluate import Evaluator
    from archspec.verify.errors import CannotVerify

    with pytest.raises(CannotVerify, match=r"tests\.no_such cannot be imported: ModuleNotFoundError"):
        Evaluator("torch:tests.no_such:thing")


def _complains(done, message):
    assert done.exit_code == 1, done.output
    assert message in done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_without_torch(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('none')")
    for target, message in (("foo", "`foo` is not torch:"), (PERCEPTRON, "this needs PyTorch, which is not installed")):
        done = subprocess.run(
            [sys.executable, "-m", "archspec", "discover", target, "--over", "d"], capture_output=True, text=True,
            env={"PYTHONPATH": str(tmp_path), "PATH": ""}, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        assert re.match(rf"error: .*{message}", done.stderr)
