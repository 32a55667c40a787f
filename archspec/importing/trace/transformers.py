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
    r"|rotary_dim|relative_attention_num_buckets|encoder_layers|decoder_layers|encoder_ffn_dim|decoder_ffn_dim|encoder_attention_heads|decoder_attention_heads"
    r"|num_key_value_heads|num_layers|n_kv_heads|multi_query_heads|state_size|conv_kernel|expand)$"
)
_SMALL = (
    (re.compile(r"(layers|n_layer|blocks)$"), 3),
    (re.compile(r"type_vocab_size$"), 5),
    (re.compile(r"ffn_hidden_size$"), 80),
    (re.compile(r"rotary_dim$"), 8),
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
_LEADERS = {
    "num_key_value_heads": ("num_attention_heads", "n_head", "n_heads"),
    "num_kv_heads": ("num_attention_heads", "n_head"),
    "word_embed_proj_dim": ("hidden_size",),
}
"""Numbers that may be those of others: where they are, they stay so."""
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

    followers = _followers(base.to_dict(), {**text, **given}, numbers)

    def build(values: Mapping[str, Any]) -> Any:
        sizes = {**numbers, **_known(values, numbers)}
        _divides(sizes)
        followed = {name: sizes[leader] for name, leader in followers.items()}
        config = transformers.AutoConfig.for_model(**{**_as_long(text, sizes), **given, **followed, **sizes})
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
    if "hidden_size" in found and "head_dim" not in found and _part(table) < 1:
        found["hidden_size"] = 96  # so that a part of a head is still even
    for layers in ("num_hidden_layers", "num_layers"):
        if layers in found and _alternates(table):
            found[layers] = 4
    for name in _followers(table, given, found):
        found.pop(name, None)
    if "num_key_value_heads" in found and "num_attention_heads" in found:
        found["num_attention_heads"] = 8  # so that keys can be shared by fewer heads, and still be shared
        found["hidden_size"] = 96
    return found


def _divides(sizes: Mapping[str, Any]) -> None:
    """Some classes round the width of a head down, which nobody means. Raises `ValueError`."""
    if "head_dim" in sizes or "d_kv" in sizes:
        return
    for width, heads in (("hidden_size", "num_attention_heads"), ("n_embd", "n_head"), ("hidden_size", "num_heads")):
        if width in sizes and heads in sizes and sizes[width] % sizes[heads]:
            raise ValueError(f"{sizes[heads]} heads do not divide a width of {sizes[width]}")


def _part(table: Mapping[str, Any]) -> float:
    """Which part of each head is rotated."""
    rope = table.get("rope_parameters")
    part = rope.get("partial_rotary_factor", 1.0) if isinstance(rope, dict) else 1.0
    return float(part) if isinstance(part, int | float) else 1.0


def _alternates(table: Mapping[str, Any]) -> bool:
    """Whether layers differ from each other by a list."""
    kinds = table.get("layer_types") or table.get("attention_layers")
    return isinstance(kinds, list) and len(set(map(str, kinds))) > 1


def _followers(table: Mapping[str, Any], given: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, str]:
    """Numbers that are those of another one, as key heads where they are not shared, and that one."""
    found: dict[str, str] = {}
    for name, leaders in _LEADERS.items():
        leader = next((one for one in leaders if one in numbers), None)
        if leader is not None and table.get(name) == table.get(leader) and table.get(name) is not None:
            found[name] = leader
    return {name: leader for name, leader in found.items() if name not in given or table[name] == given[name]}


def _as_long(text: Mapping[str, Any], sizes: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration whose lists of layers are as long as there are layers."""
    layers = next((sizes[one] for one in ("num_hidden_layers", "num_layers", "n_layer") if one in sizes), None)
    found = dict(text)
    if layers is None:
        return found
    for name in ("layer_types", "mlp_layer_types", "attention_layers"):
        kinds = found.get(name)
        if isinstance(kinds, list) and kinds:
            found[name] = [kinds[place % len(kinds)] for place in range(layers)]
    types = found.get("attention_types", [[["global", "local"], 0]] if found.get("model_type") == "gpt_neo" else None)
    if isinstance(types, list) and len(types) == 1:
        pattern = types[0][0]
        found["attention_types"] = [[pattern, layers // len(pattern)]]
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
