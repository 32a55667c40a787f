"""The families that imports are tried on: configurations of transformers, models of timm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXT: dict[str, dict[str, Any]] = {
    "gpt2": {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]},
    "llama": {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_key_value_heads": 8,
              "intermediate_size": 14336, "vocab_size": 128256},
    "mistral": {"model_type": "mistral", "architectures": ["MistralForCausalLM"]},
    "qwen2": {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]},
    "qwen3": {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]},
    "gemma": {"model_type": "gemma", "architectures": ["GemmaForCausalLM"]},
    "gemma2": {"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"]},
    "phi": {"model_type": "phi", "architectures": ["PhiForCausalLM"]},
    "phi3": {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "pad_token_id": 0},
    "gpt_neo": {"model_type": "gpt_neo", "architectures": ["GPTNeoForCausalLM"]},
    "gpt_neox": {"model_type": "gpt_neox", "architectures": ["GPTNeoXForCausalLM"]},
    "gptj": {"model_type": "gptj", "architectures": ["GPTJForCausalLM"]},
    "opt": {"model_type": "opt", "architectures": ["OPTForCausalLM"]},
    "bloom": {"model_type": "bloom", "architectures": ["BloomForCausalLM"]},
    "falcon": {"model_type": "falcon", "architectures": ["FalconForCausalLM"]},
    "bert": {"model_type": "bert", "architectures": ["BertModel"]},
    "roberta": {"model_type": "roberta", "architectures": ["RobertaModel"]},
    "distilbert": {"model_type": "distilbert", "architectures": ["DistilBertModel"]},
    "t5": {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]},
}  # fmt: skip
"""The dense text families, with what their published configurations differ in from their classes' defaults."""

TIMM = (
    "beit_base_patch16_224", "botnet26t_256", "cait_xxs24_224", "coat_tiny", "coatnet_0_rw_224", "convit_tiny",
    "convmixer_768_32", "convnext_tiny", "crossvit_tiny_240", "cspresnet50", "deit_tiny_patch16_224", "densenet121",
    "dla34", "dpn68", "edgenext_xx_small", "efficientformer_l1", "efficientnet_b0", "eva02_tiny_patch14_224",
    "fastvit_t8", "focalnet_tiny_srf", "gcvit_xxtiny", "ghostnet_100", "hardcorenas_a", "hrnet_w18_small",
    "inception_v3", "levit_128s", "maxvit_tiny_rw_224", "mixer_b16_224", "mobilenetv3_large_100", "mobilevit_xxs",
    "mvitv2_tiny", "nasnetalarge", "nfnet_f0", "pit_ti_224", "poolformer_s12", "pvt_v2_b0", "regnetx_002",
    "repvgg_a0", "res2net50_26w_4s", "resmlp_12_224", "resnet18", "resnest14d", "rexnet_100", "selecsls42b",
    "swin_tiny_patch4_window7_224", "tinynet_a", "twins_pcpvt_small", "vit_tiny_patch16_224",
)  # fmt: skip
"""One model of each of 48 families of timm."""


def config_file(name: str, folder: Path) -> Path:
    """A configuration file of a family."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(TEXT[name]), encoding="utf-8")
    return path
