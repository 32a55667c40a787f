"""Run the other tools and write down what they say: `python -m tests.comparison.measure`.

Needs, beside the test extra: `pip install torchinfo==1.8.0 fvcore==0.1.5.post20221221 ptflops==0.7.5 hf-mem==0.5.6`.
The versions that ran are written with the numbers, to `tests/data/comparison.json`. What is true is measured here too,
where PyTorch can say it: by another way than any of the tools. Everything runs on the CPU, in a minute or two.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "data" / "comparison.json"
TOOLS = ("torchinfo", "fvcore", "ptflops", "hf-mem", "torch", "torchvision", "transformers")


def _counted(model: Any, inputs: Any, *, backward: bool = False) -> int:
    """What `FlopCounterMode` counts in a forward pass, or in the backward pass alone."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    if not backward:
        with counter, torch.no_grad():
            model(inputs)
        return int(counter.get_total_flops())
    loss = model(inputs).sum()
    with counter:
        loss.backward()
    return int(counter.get_total_flops())


def _models() -> Any:
    """`torchvision.models`, also where torchvision's compiled operators do not load."""
    import_module("tests.zoo.torchvision_operators")
    return import_module("torchvision.models")


def _info(model: Any, inputs: Any) -> Any:
    import torchinfo

    return torchinfo.summary(model, input_data=inputs, verbose=0)


def _fvcore(model: Any, inputs: Any) -> int:
    from fvcore.nn import FlopCountAnalysis

    return int(
        FlopCountAnalysis(model, inputs).unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()
    )


def _ptflops(model: Any, shape: tuple[int, ...]) -> dict[str, int]:
    """What both backends of ptflops say, for a batch of one."""
    from ptflops import get_model_complexity_info

    said: dict[str, int] = {}
    for backend in ("pytorch", "aten"):
        with contextlib.redirect_stdout(io.StringIO()):
            macs, _ = get_model_complexity_info(
                model, shape, as_strings=False, print_per_layer_stat=False, backend=backend
            )
        said[f"ptflops, {backend}"] = int(macs or 0)
    return said


def _kept(model: Any, inputs: Any) -> int:
    """Bytes of the storages that autograd keeps, each once, without parameters, buffers and the input."""
    import torch

    own = {t.untyped_storage()._cdata for t in (*model.parameters(), *model.buffers(), inputs)}
    found: dict[int, Any] = {}  # storages are held, so that none is freed and its address used again

    def keep(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            found[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = model(inputs)
        size = sum(storage.nbytes() for storage in found.values())
    del output
    return size


def vit() -> dict[str, Any]:
    """ViT-B/16 at 224 × 224, multiply-adds."""
    import torch

    model = _models().vit_b_16().eval()
    x = torch.zeros(1, 3, 224, 224)
    with torch.device("meta"):
        bare = _models().vit_b_16()
    # In training mode modules run their parts one by one, which the counter sees; on meta it is quick.
    truth = _counted(bare, x.to("meta")) // 2
    return {
        "torchinfo": int(_info(model, x).total_mult_adds),
        "fvcore": _fvcore(model, x),
        **_ptflops(model, (3, 224, 224)),
        "truth": truth,
    }


def lstm() -> dict[str, Any]:
    """LSTM(300, 512, two layers), 100 steps, multiply-adds."""
    import torch

    model, x = torch.nn.LSTM(300, 512, 2, batch_first=True), torch.zeros(1, 100, 300)
    return {
        "torchinfo": int(_info(model, x).total_mult_adds),
        "fvcore": _fvcore(model, x),
        **_ptflops(model, (100, 300)),
        "FlopCounterMode on CPU": _counted(model, x) // 2,
        "truth": _counted(torch.nn.LSTM(300, 512, 2, batch_first=True, device="meta"), x.to("meta")) // 2,
    }


def encoder() -> dict[str, Any]:
    """TransformerEncoderLayer(512, 8, 2048) in evaluation, 128 tokens, FLOPs."""
    import torch

    layer = torch.nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True).eval()
    x = torch.zeros(1, 128, 512)
    bare = torch.nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True, device="meta")
    return {
        "torchinfo": 2 * int(_info(layer, x).total_mult_adds),
        "fvcore": 2 * _fvcore(layer, x),
        "FlopCounterMode on CPU": _counted(layer, x),
        "truth": _counted(bare, x.to("meta")),
    }


def kept(name: str) -> dict[str, Any]:
    """A model of torchvision, two images, training: bytes kept for the backward pass."""
    import torch

    model, x = getattr(_models(), name)(), torch.zeros(2, 3, 224, 224)
    return {"torchinfo": int(_info(model, x).total_output_bytes), "truth": _kept(model.train(), x)}


def tied() -> dict[str, Any]:
    """An embedding of 1000 × 64 whose weight is the projection's too, parameters."""
    import torch

    class Tied(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.head = torch.nn.Embedding(1000, 64), torch.nn.Linear(64, 1000, bias=False)
            self.head.weight = self.table.weight

        def forward(self, tokens: Any) -> Any:
            return self.head(self.table(tokens))

    model = Tied()
    tokens = torch.zeros(1, 8, dtype=torch.int64)
    return {"torchinfo": int(_info(model, tokens).total_params), "truth": sum(p.numel() for p in model.parameters())}


def grouped() -> dict[str, Any]:
    """MobileNetV2, two images, FLOPs of the backward pass."""
    import torch

    with torch.device("meta"):
        bare, x = _models().mobilenet_v2(), torch.zeros(2, 3, 224, 224)
    return {
        "FlopCounterMode on meta": _counted(bare, x, backward=True),
        "truth": _plain_backward(_models().mobilenet_v2()),
    }


def _plain_backward(model: Any) -> int:
    """FLOPs of a backward pass by definition: of each product once for the weight, and once for an input in need.

    Two FLOPs for each output element and weight element that meets it, read off shapes with hooks.
    """
    import torch

    total = 0
    first = True

    def seen(module: Any, inputs: Any, output: Any) -> None:
        nonlocal total, first
        meets = module.weight[0].numel()
        total += 2 * output.numel() * meets * (1 if first else 2)
        first = False

    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            module.register_forward_hook(seen)
    with torch.no_grad():
        model(torch.zeros(2, 3, 224, 224))
    return total


def cache() -> dict[str, Any]:
    """Llama-3-8B, bfloat16, 8192 tokens: bytes of the cache."""
    layers, heads, kv_heads, width, tokens = 32, 32, 8, 128, 8192
    return {
        "2 · layers · d · tokens · 2 bytes": 2 * layers * heads * width * tokens * 2,
        "truth": _cache_of_transformers(layers, kv_heads, width, tokens, heads),
    }


def _cache_of_transformers(layers: int, kv_heads: int, width: int, tokens: int, heads: int) -> int:
    """Bytes that transformers' cache holds after a pass over 16 tokens, two layers of the real width, scaled up."""
    import torch
    from transformers import LlamaConfig, LlamaModel

    few, short = 2, 16
    config = LlamaConfig(hidden_size=heads * width, intermediate_size=64, num_hidden_layers=few, vocab_size=16,
                         num_attention_heads=heads, num_key_value_heads=kv_heads)  # fmt: skip
    model = LlamaModel(config).to(torch.bfloat16).eval()
    with torch.no_grad():
        held = model(torch.zeros(1, short, dtype=torch.int64), use_cache=True).past_key_values
    size = sum(layer.keys.nbytes + layer.values.nbytes for layer in held.layers)
    return int(size * layers // few * tokens // short)


def latent() -> dict[str, Any]:
    """DeepSeek-V3, bfloat16, one token: bytes of the cache."""
    from hf_mem.safetensors.kv_cache import compute_safetensors_kv_cache_size
    from transformers import DeepseekV3Config

    config = DeepseekV3Config()  # the defaults are the published model
    published = config.num_hidden_layers * (config.kv_lora_rank + config.qk_rope_head_dim) * 2
    sizes = {key: getattr(config, key) for key in ("hidden_size", "num_attention_heads", "num_hidden_layers")}
    said = compute_safetensors_kv_cache_size({**sizes, "num_key_value_heads": config.num_key_value_heads}, "BF16", 1)
    return {"hf-mem": said, "truth": published}


MIXTURE = {"vocab": 64, "d": 64, "hidden": 96, "layers": 2, "heads": 4, "kv_heads": 2, "experts": 8, "active": 2}
"""A small Mixtral."""


def mixture() -> dict[str, Any]:
    """A small Mixtral, 32 tokens, FLOPs of a forward pass, by the kernel that the experts run in."""
    import torch
    from transformers import MixtralConfig, MixtralForCausalLM

    config = MixtralConfig(vocab_size=64, hidden_size=64, intermediate_size=96, num_hidden_layers=2,
                           num_attention_heads=4, num_key_value_heads=2, num_local_experts=8,
                           num_experts_per_tok=2, attn_implementation="eager")  # fmt: skip
    tokens = torch.zeros(2, 16, dtype=torch.int64)
    said: dict[str, Any] = {}
    for kernel in ("batched_mm", "grouped_mm", "eager"):
        model = MixtralForCausalLM(config).eval()
        model.set_experts_implementation(kernel)
        said[f"FlopCounterMode, experts in {kernel}"] = _counted(model, tokens)
    return {**said, "truth": _mixture_by_definition(tokens=32, length=16)}


def _mixture_by_definition(tokens: int, length: int) -> int:
    """Two FLOPs for each token and each weight element that it meets, and two products of each query with its keys."""
    d, kv = MIXTURE["d"], MIXTURE["d"] * MIXTURE["kv_heads"] // MIXTURE["heads"]
    attention = 2 * (2 * d * d + 2 * d * kv) + 4 * length * d
    experts = 2 * MIXTURE["active"] * 3 * d * MIXTURE["hidden"] + 2 * d * MIXTURE["experts"]
    return tokens * (MIXTURE["layers"] * (attention + experts) + 2 * d * MIXTURE["vocab"])


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "vit_b_16 multiply-adds": vit,
    "LSTM multiply-adds": lstm,
    "TransformerEncoderLayer in evaluation, FLOPs": encoder,
    "ResNet-50 bytes kept": lambda: kept("resnet50"),
    "DenseNet-121 bytes kept": lambda: kept("densenet121"),
    "tied embedding parameters": tied,
    "MobileNetV2 backward FLOPs": grouped,
    "Llama-3-8B cache": cache,
    "DeepSeek-V3 cache of a token": latent,
    "Mixtral FLOPs by kernel": mixture,
}


def measure() -> dict[str, Any]:
    """All cases, with the versions that ran."""
    return {
        "versions": {tool: version(tool) for tool in TOOLS},
        "cases": {name: case() for name, case in CASES.items()},
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")
