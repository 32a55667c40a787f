"""A model of transformers from its configuration file: nothing is fetched, and no code but transformers' own is run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from archspec.importing.errors import CannotImport

_SIZE = re.compile(
    r"(hidden|intermediate|embedding|vocab|moe|expert|head|latent|state|inner|ffn|mlp|image|patch|conv|time_step)\w*"
    r"(_size|_dim|_rank)$|^n_(embd|head|layer|inner|positions|ctx|layers|heads)$|^num_\w*(layers|heads|experts|blocks)$"
    r"|^(d_model|d_ff|d_kv|dim|hidden_dim|head_dim|ffn_dim|max_position_embeddings|type_vocab_size|max_seq_len"
    r"|encoder_layers|decoder_layers|encoder_ffn_dim|decoder_ffn_dim|encoder_attention_heads|decoder_attention_heads"
    r"|num_key_value_heads|num_layers|n_kv_heads|multi_query_heads|state_size|conv_kernel|expand)$"
)
_SMALL = (
    (re.compile(r"(layers|n_layer|blocks)$"), 3),
    (re.compile(r"(key_value_heads|kv_heads)$"), 2),
    (re.compile(r"(heads|n_head)$"), 4),
    (re.compile(r"(hidden_size|n_embd|d_model|^dim)$"), 48),
    (re.compile(r"(intermediate_size|n_inner|d_ff|ffn_dim|hidden_dim)$"), 80),
    (re.compile(r"(head_dim|d_kv)$"), 12),
    (re.compile(r"(vocab_size)$"), 101),
    (re.compile(r"(max_position_embeddings|n_positions|n_ctx|max_seq_len)$"), 64),
    (re.compile(r"experts$"), 4),
    (re.compile(r"image_size$"), 32),
    (re.compile(r"patch_size$"), 8),
)
_LIMIT = 4 * 2**20


def configured(path: str, given: dict[str, Any]) -> tuple[Callable[[Mapping[str, Any]], Any], dict[str, Any], str]:
    """A function from numbers to the model, its numbers at a small size, and its title. Raises `CannotImport`."""
    try:
        import transformers
    except ImportError:
        raise CannotImport("this needs transformers, which is not installed: pip install transformers") from None
    text = _read(path)
    kind = text.get("model_type")
    if not isinstance(kind, str) or kind not in transformers.CONFIG_MAPPING:
        raise CannotImport(f"{path}: transformers knows no model_type `{str(kind)[:60]}`")
    text = {name: one for name, one in text.items() if name not in ("auto_map", "quantization_config", "dtype",
                                                                    "torch_dtype", "_name_or_path")}  # fmt: skip
    text["use_cache"] = False
    base = transformers.AutoConfig.for_model(**text)
    numbers = _small(base, given)

    def build(values: Mapping[str, Any]) -> Any:
        config = transformers.AutoConfig.for_model(**{**text, **given, **numbers, **_known(values, numbers)})
        config.use_cache = False
        return _class(transformers, text, config)

    return build, numbers, str(kind)


def _class(transformers: Any, text: Mapping[str, Any], config: Any) -> Any:
    for name in text.get("architectures") or ():
        found = getattr(transformers, str(name), None)
        if isinstance(found, type) and issubclass(found, transformers.PreTrainedModel):
            return found(config)
    return transformers.AutoModel.from_config(config)


def _read(path: str) -> dict[str, Any]:
    try:
        if Path(path).stat().st_size > _LIMIT:
            raise CannotImport(f"{path} is larger than a configuration")
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CannotImport(f"{path} cannot be read as JSON: {error}") from None
    if not isinstance(found, dict):
        raise CannotImport(f"{path} is no JSON object")
    return found


def _small(config: Any, given: Mapping[str, Any]) -> dict[str, int]:
    """Sizes of a configuration, made small: distinct, and divisible where heads divide widths."""
    found: dict[str, int] = {}
    table = config.to_dict()
    for name, value in table.items():
        if name in given or isinstance(value, bool) or not isinstance(value, int) or value <= 1:
            continue
        if not _SIZE.search(name):
            continue
        small = next((size for pattern, size in _SMALL if pattern.search(name)), None)
        if small is not None:
            found[name] = small
        elif value <= 64:
            found[name] = value
    heads = next((one for name, one in table.items() if name in ("num_attention_heads", "n_head", "n_heads")), None)
    groups = table.get("num_key_value_heads")
    if "num_key_value_heads" in found and groups == heads:
        del found["num_key_value_heads"]  # as many as heads: it follows them
    return found


def _known(values: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in values.items() if name in numbers}


def published(path: str) -> dict[str, int]:
    """The sizes of a configuration file as they stand there, with the defaults of its class."""
    import transformers

    text = _read(path)
    base = transformers.AutoConfig.for_model(**{n: v for n, v in text.items() if n not in ("auto_map",)})
    return {
        name: one
        for name, one in base.to_dict().items()
        if isinstance(one, int) and not isinstance(one, bool) and one > 0
    }
