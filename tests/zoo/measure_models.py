"""Measures every case and writes tests/data/measured_models.jsonl, one record a line.

Run from the repository's root: python tests/zoo/measure_models.py [part of a model's name]
With an argument, only the records of those models are measured anew.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import torch  # noqa: E402  # after the warnings are off
from cases import Case, all_cases  # noqa: E402
from instruments import buffers, flops, make_fake, on_meta, parameters, saved_bytes  # noqa: E402
from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: E402

DATA = Path(__file__).parent.parent / "data" / "measured_models.jsonl"


def measure(case: Case) -> dict[str, Any]:
    """The record of one case."""
    model = on_meta(case.build)
    quantities = {"params": parameters(model), "buffers": buffers(model)}
    if case.saved == "real":
        torch.manual_seed(0)
        quantities["activations.saved"] = saved_bytes(case.build().train(), case.inputs("cpu"), case.run)
    counted = on_meta(case.count) if case.count is not None else model
    quantities["flops.forward"], quantities["flops.backward"] = flops(counted, case.inputs("meta"), case.run)
    if case.saved == "fake":
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        make_fake(model, mode)
        with mode:
            quantities["activations.saved"] = saved_bytes(model, case.inputs("cpu"), case.run)
    return _record(case, "fp32", quantities)


def measure_half(case: Case) -> dict[str, Any]:
    """What the same model keeps in bfloat16, on real cpu tensors."""
    torch.manual_seed(0)
    model = case.build().train().to(torch.bfloat16)
    inputs = {name: x.to(torch.bfloat16) if x.is_floating_point() else x for name, x in case.inputs("cpu").items()}
    return _record(case, "bf16", {"activations.saved": saved_bytes(model, inputs, case.run)})


def measure_autocast(case: Case) -> dict[str, Any]:
    """What the float32 model keeps under autocast to bfloat16, on real cpu tensors."""
    torch.manual_seed(0)
    model = case.build().train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return _record(case, "mixed-bf16", {"activations.saved": saved_bytes(model, case.inputs("cpu"), case.run)})


def measure_cache(case: Case, precision: str, policy: str) -> dict[str, Any]:
    """What is kept for the next token, on real cpu tensors."""
    torch.manual_seed(0)
    model = case.build().eval()
    if precision == "bf16":
        model = model.to(torch.bfloat16)
    assert case.cached is not None
    record = _record(case, precision, {"kv_cache": case.cached(model, case.inputs("cpu"), policy)})
    record["policy"]["cache"] = policy
    return record


def _record(case: Case, precision: str, quantities: dict[str, int]) -> dict[str, Any]:
    return {
        "model": case.model,
        "set": case.settings,
        "axes": case.axes,
        "policy": {"precision": precision, "backend": "cpu", "attention": case.attention, "mode": "train"},
        "quantities": quantities,
        "source": case.source,
    }


def keras_records() -> list[dict[str, Any]]:
    """The introductory convolution net as Keras counts it."""
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((28, 28, 1))])
    for width in (32, 64):
        model.add(layers.Conv2D(width, 3, activation="relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(10))
    quantities = {"params": model.count_params()}
    return [
        {
            "model": "keras_convnet",
            "set": {},
            "axes": {"B": 2},
            "policy": {},
            "quantities": quantities,
            "source": "keras",
        }
    ]


def main(wanted: str) -> None:
    """Measure what is wanted and write the file."""
    old = [json.loads(line) for line in DATA.read_text().splitlines()] if wanted and DATA.exists() else []
    records = [record for record in old if wanted not in record["model"]]
    for case in all_cases():
        if wanted in case.model:
            records.append(measure(case))
            print(case.model, case.settings, case.axes, case.attention, records[-1]["quantities"], flush=True)
            if case.drawn:
                records.append(measure_half(case))
            for policy in case.caches if case.drawn else ():
                records.extend(measure_cache(case, precision, policy) for precision in ("fp32", "bf16"))
            if case.drawn and case.count is None:  # how many experts' weights are cast depends on the tokens
                records.append(measure_autocast(case))
    if wanted in "keras":
        records.extend(keras_records())
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text("".join(json.dumps(record) + "\n" for record in records))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
