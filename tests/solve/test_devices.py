"""The data of devices: plausible, complete, and of names that a plan can hold."""

from __future__ import annotations

import re

import pytest

import archspec
from archspec.devices import devices, find_device
from archspec.plan import apply_line, known_values
from archspec.policy import Policy

GIB = 2**30


@pytest.mark.parametrize("device", devices().values(), ids=lambda device: device.name)
def test_entries_are_plausible(device):
    assert device.maker in ("NVIDIA", "AMD", "Apple")
    assert device.sold % GIB == 0
    assert device.sold >= device.total >= device.memory > device.sold * 6 // 10
    assert device.memory == (device.total if device.usable is None else device.usable)
    assert device.total % 1024 == 0
    assert device.sources
    assert all(len(source) > 20 for source in device.sources)
    size = re.search(r"-(\d+)GB$", device.name)
    assert size is None or int(size[1]) * GIB == device.sold


@pytest.mark.parametrize("name", devices())
def test_a_plan_can_name_it(name):
    assert apply_line("device", name, Policy()).device == name


def test_published_totals():
    # nvidia-smi and rocm-smi, as the data file cites them; deviceQuery for what a program sees.
    assert devices()["H100"].total == 85520809984
    assert devices()["MI300X"].total == 206141652992
    assert devices()["A100-40GB"].memory == 42298834944
    assert devices()["V100-32GB"].memory == 34089730048
    assert devices()["L4"].memory == 23034 * 2**20


def test_unknown_names_are_answered():
    assert known_values("device") == tuple(devices())
    with pytest.raises(archspec.SpecError, match="`device` cannot be `A100`; it is one of H100, H100-PCIe") as error:
        find_device("A100")
    assert error.value.diagnostics[0].fix is None or "A10" in error.value.diagnostics[0].fix
    with pytest.raises(archspec.SpecError) as error:
        find_device("RTX-4900")
    assert error.value.diagnostics[0].fix == "did you mean `RTX-4090`?"
