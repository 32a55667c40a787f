"""Formulas of the zoo, and the published models in which they must be found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import archspec
from archspec.algebra import Dim, free_symbols, substitute, symbol
from archspec.discovering.discovery import Discovery, explore
from archspec.discovering.evaluate import Evaluator
from archspec.policy import Policy
from archspec.verify.targets import parse_keywords

PUBLISHED = "torch:tests.discovering.published:"
HEADS = {"d": "heads*e"}
GROUPED = {"heads": "kv_heads*shared"}


@dataclass(frozen=True)
class Case:
    """A model of the zoo and a function that makes the published one.

    params: symbols for parameters, and `run` for what has to be run; `fixed`: what is no symbol, for both sides;
    `more`: that again when it is run. inputs: of the published model. means: sizes of the spec in the symbols. own:
    keywords that the spec has not. slow: quantities that take long; without: those that the published model has no
    answer to.
    """

    model: str
    build: str
    params: str
    run: str
    fixed: str = ""
    more: str = ""
    inputs: str = ""
    means: Mapping[str, str] = field(default_factory=dict)
    attention: str = "sdpa"
    own: tuple[str, ...] = ()
    slow: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def discovered(self, quantity: str) -> Discovery:
        """The formula of the published model."""
        over, keywords = self._asked(quantity)
        build = self.build
        if quantity == "flops.forward" and build == "mixtral":
            build = "mixtral_counted"
        inputs = [self.inputs] if quantity != "params" else []
        if quantity == "flops.forward" and self.inputs == TOKENS:
            inputs.append("attention_mask=float32[B,1,S,S]")  # making one asks for values, which meta has none of
        evaluator = Evaluator(PUBLISHED + build, keywords, inputs)
        return explore(evaluator.value, quantity, over)

    def derived(self, quantity: str) -> Dim:
        """The formula of the spec, in the same symbols."""
        _, keywords = self._asked(quantity)
        given = parse_keywords(keywords)
        policy = Policy(backend="cpu", attention=self.attention)
        structure = {name: _known(one) for name, one in given.items() if type(one) is not int and name not in self.own}
        dim, exact = archspec.load(self.model).dim(quantity, policy, structure)
        assert exact, f"{quantity} of {self.model} is a bound"
        over = {one.partition(":")[0] for one in self._asked(quantity)[0].split(",")}
        values: dict[str, Dim] = {name: product(text) for name, text in self.means.items()}
        values.update({name: one for name, one in _flat(given).items() if name not in over})
        for name, one in list(values.items()):  # a meaning may be in terms of what is fixed
            values[name] = substitute(one, {other: value for other, value in values.items() if isinstance(value, int)})
        plain: dict[str, Dim] = {name: symbol(name) for name in free_symbols(dim)}  # a spec may have them from 0 on
        return substitute(dim, {**plain, **values})

    def difference(self, quantity: str, found: Discovery | None = None) -> Dim:
        """What was discovered less what is derived: 0 where they are the same, term by term."""
        found = found or self.discovered(quantity)
        steps: dict[str, Dim] = {axis.name: axis.step * symbol(axis.name) for axis in found.found.axes if axis.step > 1}
        return substitute(found.dim, steps) - substitute(self.derived(quantity), steps)

    def _asked(self, quantity: str) -> tuple[str, str]:
        if quantity == "params":
            return self.params, self.fixed
        return self.run, ", ".join(filter(None, (self.fixed, self.more)))


def product(text: str) -> Dim:
    """`heads*e` or a number."""
    whole: Dim = 0
    for part in text.split("+"):
        term: Dim = 1
        for factor in part.split("*"):
            term = term * (int(factor) if factor.isdecimal() else symbol(factor))
        whole = whole + term
    return whole


def _known(value: Any) -> Any:
    return [_known(one) for one in value] if isinstance(value, list | tuple) else value


def _flat(given: Mapping[str, Any]) -> dict[str, int]:
    flat: dict[str, int] = {}

    def add(name: str, value: Any) -> None:
        if isinstance(value, list | tuple):
            for place, one in enumerate(value):
                add(f"{name}[{place}]", one)
        elif type(value) is int:
            flat[name] = value

    for name, value in given.items():
        add(name, value)
    return flat


TOKENS = "input_ids=int64[B,S]"
IMAGE = "x=float32[B,3,H,W]"
SAVED, FLOPS = "activations.saved", "flops.forward"
STAGES = "[[9, 2, true], [11, 1, true], [13, 2, true], [17, 1, false], [19, 2, true], [23, 1, false]]"
STAGE_AXES = ",".join(f"stages[{n}][{k}]" for n in range(6) for k in range(2))
DEPTHS = "depths[0],depths[1],depths[2],depths[3]"
ALEX = {"widths[0]": "64", "widths[1]": "192", "widths[2]": "384", "widths[3]": "256", "widths[4]": "256"}
ALEX["hidden"] = "4096"

CASES = {
    "gpt2": Case(
        "gpt2", "gpt2", "vocab,context,heads,e,layers", "vocab,heads,e,layers,B,S", more="context=64",
        inputs=TOKENS, means=HEADS,
    ),
    "gpt3": Case(
        "gpt3", "gpt2", "vocab,context,heads,e,layers", "heads,e,layers,B,S", "dropout=0.0", "context=64, vocab=11",
        TOKENS, HEADS,
    ),
    "llama": Case(
        "llama3_8b", "llama", "vocab,kv_heads,shared,e:2,hidden,layers", "vocab,kv_heads,shared,e:2,hidden,layers,B,S",
        inputs=TOKENS, means={**GROUPED, "d": "kv_heads*shared*e"},
    ),
    "qwen2": Case(
        "qwen2_5_7b", "llama", "vocab,kv_heads,shared,e:2,hidden,layers", "kv_heads,shared,e:2,hidden,layers,B,S",
        "qkv_bias=true", "vocab=11", TOKENS, {**GROUPED, "d": "kv_heads*shared*e"}, own=("qkv_bias",),
    ),
    "mixtral": Case(
        "mixtral_8x7b", "mixtral", "vocab,d,kv_heads,shared,head_dim:2,hidden,layers,experts",
        "d,kv_heads,shared,head_dim:2,hidden,layers,B,S", "active=1", "vocab=11, experts=3", TOKENS, GROUPED,
        without=(SAVED,),
    ),
    "qwen3_moe": Case(
        "qwen3_30b_a3b", "mixtral", "vocab,d,kv_heads,shared,head_dim:2,hidden,layers,experts",
        "d,kv_heads,shared,head_dim:2,hidden,layers,B,S", "active=2, qk_norm=true", "vocab=11, experts=3", TOKENS,
        GROUPED, own=("qk_norm",), without=(SAVED,),
    ),
    "bert": Case(
        "bert_base", "bert", "vocab,context,types,heads,e,layers", "heads,e,layers,B,S",
        more="context=64, vocab=11", inputs=TOKENS, means=HEADS,
    ),
    "roberta": Case(
        "roberta_base", "bert", "vocab,context,types,heads,e,layers", "heads,e,layers,B,S",
        "counted_positions=true", "context=64, vocab=11", TOKENS, HEADS, own=("counted_positions",),
    ),
    "t5": Case(
        "t5_small", "t5", "vocab,d,head_dim,layers,heads,buckets:2:16",
        "d,head_dim,layers,heads,B,T,S", more="vocab=11, buckets=16",
        inputs="input_ids=int64[B,T] decoder_input_ids=int64[B,S]", slow=(SAVED, FLOPS),
    ),
    "gemma2": Case(
        "gemma2_9b", "gemma2", "vocab,e,hidden,layers:2,kv_heads,shared,head_dim:2",
        "e,hidden,layers:2,kv_heads,shared,head_dim:2,B,S", more="vocab=11, window=200", inputs=TOKENS,
        means={**GROUPED, "d": "kv_heads*shared*e", "width": "head_dim"},
        attention="eager", slow=(SAVED, FLOPS),
    ),
    "gpt_oss": Case(
        "gpt_oss_20b", "gpt_oss", "vocab,d,hidden,layers:2,kv_heads,shared,head_dim:2,experts",
        "d,hidden,layers:2,kv_heads,shared,head_dim:2,B,S", "active=1", "vocab=11, window=200, experts=3", TOKENS,
        GROUPED, "eager", slow=(SAVED, FLOPS), without=(SAVED, FLOPS),
    ),
    "deepseek": Case(
        "deepseek_v3", "deepseek",
        "vocab,d,hidden,more,dense,heads,q_rank,kv_rank,nope_dim,rope_dim:2,v_dim,each:1:2,groups,shared,expert_hidden",
        "d,hidden,more,dense,heads,B,S", "active=1, best_groups=1",
        "vocab=11, q_rank=5, kv_rank=6, nope_dim=4, rope_dim=4, v_dim=7, each=2, groups=2, shared=1, expert_hidden=5",
        TOKENS, {"layers": "dense+more", "experts": "each*groups"}, slow=("params", SAVED, FLOPS),
        without=(SAVED, FLOPS),
    ),
    "mamba": Case(
        "mamba_130m", "mamba", "vocab,d:16,layers,state,kernel,expand", "d:16,layers,state,B,S",
        more="vocab=11, kernel=4, expand=2", inputs="tokens=int64[B,S]", slow=(SAVED, FLOPS),
    ),
    "resnet18": Case(
        "resnet18", "resnet", f"{DEPTHS},width:8,classes", "depths[0],depths[3],width:8,B,H:32,W:32",
        "depths=[2, 2, 2, 2], bottleneck=false", "classes=5", IMAGE, slow=("params", SAVED, FLOPS),
    ),
    "resnet": Case(
        "resnet50", "resnet", f"{DEPTHS},classes", "depths[0],B,H:32,W:32", "depths=[2, 2, 2, 2]",
        "classes=5, width=8, groups=1", IMAGE, {"group_width": "width", "width": "64", "groups": "1"},
    ),
    "resnet50": Case(
        "resnet50", "resnet", f"{DEPTHS},width:8,groups,classes", "depths[0],depths[3],B,H,W", "depths=[2, 2, 2, 2]",
        "classes=5, width=8, groups=1", IMAGE, {"group_width": "width"}, slow=("params", SAVED, FLOPS),
    ),
    "densenet": Case(
        "densenet121", "densenet", f"growth:8,{DEPTHS},stem:8,bottleneck,classes", f"growth:8,{DEPTHS},B",
        "depths=[2, 2, 2, 2]", "stem=16, classes=5, bottleneck=2", "x=float32[B,3,32,32]", {"H": "32", "W": "32"},
        slow=(FLOPS,),
    ),
    "vgg": Case(
        "vgg16", "vgg", "convs[0],convs[1],convs[2],convs[3],convs[4],width,hidden,classes",
        "convs[0],convs[4],width,hidden,B,H:32,W:32", "convs=[2, 2, 3, 3, 3]", "classes=5", IMAGE,
        slow=("params", SAVED, FLOPS),
    ),
    "vgg_bn": Case(
        "vgg16_bn", "vgg", "convs[0],convs[1],convs[2],convs[3],convs[4],width,hidden,classes",
        "convs[0],convs[4],width,hidden,B,H:32,W:32", "convs=[2, 2, 3, 3, 3], norm=true", "classes=5", IMAGE,
        slow=("params", SAVED, FLOPS),
    ),
    "alexnet": Case(
        "alexnet", "alexnet", "classes", "classes,B,H:1:63", inputs="x=float32[B,3,H,64]", means={"W": "64", **ALEX},
        slow=(SAVED, FLOPS),
    ),
    "mobilenet": Case(
        "mobilenet_v2", "mobilenet", f"{STAGE_AXES},expand,first,classes", "stages[0][0],stages[1][1],first,B,H,W",
        f"stages={STAGES}", "classes=5, expand=2", IMAGE, {"stem": "32", "last": "1280"}, slow=("params", SAVED, FLOPS),
    ),
    "vit": Case(
        "vit_b_16", "vit", "patch,patches,heads,e,layers,classes", "patches,heads,e,layers,B",
        "", "patch=4, classes=5", "", {**HEADS, "image": "patch*patches"}, without=(SAVED, FLOPS),
    ),
    "vit_of_pixels": Case(
        "vit_b_16", "vit_of_pixels", "image:4,heads,e,layers,classes", "image:4,heads,e,layers,B",
        "", "classes=5", "x=float32[B,3,image,image]", {**HEADS, "patch": "4"},
    ),
    "linear": Case(
        "linear_regression", "linear", "features,targets", "features,targets,B", inputs="x=float32[B,features]",
    ),
    "mlp": Case(
        "mlp", "mlp", "inputs,widths[0],widths[1],outputs", "inputs,widths[0],widths[1],outputs,B", "widths=[3, 4]",
        inputs="x=float32[B,inputs]",
    ),
    "convnet": Case(
        "convnet_3_16", "convnet", "channels[0],channels[1],hidden[0],classes,inputs,image:4",
        "channels[0],channels[1],hidden[0],inputs,image:4,B", "channels=[3, 5], hidden=[7], padding=1", "classes=5",
        "x=float32[B,inputs,image,image]",
    ),
    "conv_features": Case(
        "convnet_3_16_32", "conv_features", "channels[0],channels[1],inputs",
        "channels[0],channels[1],inputs,image:4,B", "channels=[3, 5]", "", "x=float32[B,inputs,image,image]",
    ),
    "unet": Case(
        "unet", "unet", "widths[0],widths[1],widths[2],channels,classes",
        "widths[0],widths[1],widths[2],channels,B,H:4,W:4",
        "widths=[3, 4, 5]", "classes=2", "x=float32[B,channels,H,W]", slow=(SAVED,),
    ),
    "lstm": Case(
        "lstm_lm", "lstm", "vocab,d,layers", "vocab,d,layers,B,S", inputs="tokens=int64[B,S]", without=(SAVED,),
    ),
}  # fmt: skip
