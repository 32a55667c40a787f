"""Every kind of error and warning there is: a stable id and the sentence it says. The one place for both.

`message` is a template: the caller fills the fields in braces with the user's own words.
`explanation` is what `docs/errors.md` prints below it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of diagnostic."""

    id: str
    message: str
    explanation: str


CATALOGUE: dict[str, Kind] = {}


def _kind(id: str, message: str, explanation: str) -> None:
    if id in CATALOGUE:
        raise ValueError(f"the catalogue holds {id!r} already")
    CATALOGUE[id] = Kind(id, message, explanation)


# --- syntax -----------------------------------------------------------------------------------------

_kind(
    "file-not-found",
    "there is no file `{path}`",
    "The file named on the command line or in a `use` does not exist. A `use` is looked for beside the file that "
    "says it, then in the library.",
)
_kind(
    "file-unreadable",
    "`{path}` cannot be read: {reason}",
    "The file is there, but it is a folder, or reading it is not permitted.",
)
_kind(
    "not-utf8",
    "`{path}` is not a text in UTF-8: byte {offset} does not fit",
    "Specs are texts in UTF-8, with or without a byte-order mark. Save the file again in that encoding.",
)
_kind(
    "file-too-large",
    "`{path}` has {size} bytes; at most {limit} are read",
    "A spec of this size is written by a program. Let it use `repeat` and `each`, or split the file.",
)
_kind(
    "unknown-character",
    "the character `{character}` has no meaning here",
    "Outside texts and comments only the signs of the notation may stand.",
)
_kind(
    "unclosed-text",
    "a text begins with `{quotes}` and does not end",
    'A text between `"` ends on the line it begins on; one between `"""` may have many lines.',
)
_kind(
    "bad-escape",
    "a text knows no `{escape}`",
    'In a text `\\"` is a quote, `\\\\` a backslash and `\\n` a line end. There are no others.',
)
_kind(
    "bad-number",
    "`{number}` is no number",
    "Numbers are decimal: `124_439_808`, `0.1`, `1e-5`. A name begins with a letter.",
)
_kind(
    "bad-unit",
    "there is no unit `{unit}`",
    "A number of bytes may have the unit B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers of 1000).",
)
_kind(
    "literal-too-large",
    "this number passes the limits: {digits} digits, an exponent of {exponent}",
    "Numbers are exact, so their size is limited.",
)
_kind(
    "name-too-long", "this name has more than {limit} characters", "Names are limited, so that messages stay readable."
)
_kind(
    "too-many-parts",
    "this has {count} parts; at most {limit} are allowed",
    "Lists, groups and arguments are limited in length.",
)
_kind(
    "too-deep",
    "this is nested too deeply: at most {limit} levels",
    "Brackets in brackets, operators in one chain, `else if` after `else if`: their depth is limited, so that every "
    "spec is read in bounded time and memory. Name parts of it with `where` or an assignment.",
)
_kind(
    "unexpected-token",
    "expected {expected}{where}, found {found}",
    "What stands here does not fit. The message names what could stand in its place.",
)
_kind(
    "unclosed-block",
    "expected `}}` to close {block} opened at line {line}",
    "A `{` without its `}`. Look for it where the indentation changes.",
)
_kind(
    "unclosed-bracket",
    "expected `{closing}` to close the `{opening}` opened at line {line}, found {found}",
    "A `(` or `[` without its partner.",
)
_kind(
    "unopened-bracket",
    "this `{closing}` closes nothing",
    "A closing bracket or brace without its partner. Perhaps one before it closed too early.",
)
_kind(
    "equals-in-condition",
    "`=` gives a name to a value; `==` compares",
    "In a condition two values are compared with `==`.",
)
_kind(
    "choice-outside-brackets",
    "the choice `a if c else b` stands in parentheses",
    "Without separators between statements, an `if` after a value begins a new statement. "
    "So the choice is written inside `( )`, `[ ]` or as an argument of a call.",
)
_kind(
    "chained-comparison",
    "one comparison compares two values",
    "`a < b < c` is written `a < b and b < c`.",
)
_kind(
    "misplaced-signature",
    "the signature stands first in its block, and there is one",
    'What a layer takes and gives, `x[B, d] -> y[B, d]`, stands right after the `{` and its `"""` text.',
)
_kind(
    "misplaced-doc",
    'a `"""` text stands first in a file, layer, model or test',
    'A `"""` text documents what it begins. Elsewhere, comments begin with `#`.',
)
_kind(
    "unknown-statement",
    "there is no statement `{word}`",
    "A statement begins with a keyword, or with names and `=`.",
)
_kind(
    "unknown-item",
    "there is no item `{word}`",
    "A file is made of `use`, `layer`, `external layer`, `model` and `test`.",
)


# --- elaboration: names and calls -------------------------------------------------------------------

_kind(
    "unknown-name",
    "nothing is named `{name}` here",
    "A name must be a parameter, an axis of the signature, a `where`, a parameter tensor, or assigned before it is used.",
)
_kind(
    "unknown-layer",
    "there is no layer `{name}`",
    "A layer must stand in this file, in a file it uses, or in the library.",
)
_kind("unknown-argument", "`{layer}` has no parameter `{name}`", "Arguments by name must be parameters of the layer.")
_kind("too-many-arguments", "`{layer}` takes at most {most} arguments", "More arguments by position than parameters.")
_kind("argument-twice", "`{name}` of `{layer}` is given twice", "Once by position and once by name, or by name twice.")
_kind("missing-argument", "`{layer}` needs a value for `{name}`", "A parameter without default must be given.")
_kind(
    "missing-value",
    "`{name}` of `{layer}` has no default: it needs a value ({kind})",
    "A model is sized with its integers as symbols; a flag, text, list or layer without default must be given.",
)
_kind("wrong-kind", "`{name}` of `{layer}` must be {kind}, not {found}", "The argument is not of the parameter's kind.")
_kind("not-a-layer", "`{name}` is {found}, not a layer", "Behind `->` stands a layer, or an instance of one.")
_kind("not-a-tensor", "a tensor is needed here, this is {found}", "Only tensors pass through layers.")
_kind(
    "cache-without-positions",
    "{shape} has no axis of positions: only the last ones of a sequence can be cached",
    "`cache k, v last n` counts along the last axis but one, as in keys `[B, heads, S, width]`.",
)
_kind("not-an-integer", "an integer is needed here, this is {found}", "Sizes, counts and indices are integers.")
_kind("not-a-list", "a list is needed here, this is {found}", "`each`, `len`, `[i]` and `[a:b]` need a list.")
_kind(
    "not-a-condition",
    "a condition is needed here, this is {found}",
    "Conditions are comparisons, flags, and `and`, `or`, `not` of them.",
)
_kind(
    "cannot-compare",
    "{left} and {right} cannot be compared with `{op}`",
    "Compare numbers with numbers, texts with texts.",
)
_kind("no-arithmetic", "`{op}` cannot be applied to {found}", "Arithmetic is for integers, reals and tensors.")
_kind(
    "real-with-symbol",
    "`{op}` of a real number and a symbol is not an integer formula",
    "Formulas are exact integers: no real number may enter them.",
)
_kind(
    "arithmetic",
    "this cannot be computed: {reason}",
    "An arithmetic rule is broken, such as the logarithm of a number that is not a power of two.",
)
_kind("division-by-zero", "division by zero", "The divisor is 0.")
_kind(
    "not-divisible",
    "`{left} / {right}` is not known to be an integer",
    "`/` on integers needs a proof that nothing is left over; `//` rounds down.",
)
_kind(
    "no-integer",
    "`{text}` is {left} / {right}, which is no integer",
    "`/` on integers gives an integer; `//` rounds down.",
)
_kind("bad-function-call", "`{name}` is called as `{usage}`", "A builtin function got the wrong arguments.")
_kind("empty-list", "this list is empty", "`min` and `max` need at least one number.")
_kind(
    "unknown-policy",
    "the policy has no `{name}`",
    "`policy.mode`, `policy.backend`, `policy.attention`, `policy.precision` and `policy.regime` can be asked.",
)
_kind("no-attribute", "{found} has no part `{name}`", "`.name` is for `policy` and for files used under an alias.")
_kind(
    "symbolic-index",
    "an index must be a number, `{index}` is a symbol",
    "Lists have a fixed length; what picks from them must be known.",
)
_kind(
    "index-out-of-range",
    "there is no entry {index} in a list of {length}",
    "Entries are counted from 0; negative ones from the end.",
)
_kind(
    "rebound-name",
    "`{name}` is {what} and cannot be assigned",
    "Tensors may be rebound; parameters, axes and indices may not.",
)
_kind("unknown-dtype", "there is no precision `{name}`", "See the list of precisions in docs/language.md.")
_kind(
    "instance-has-name",
    "`{name}` is a layer that was made already: it takes no arguments and no other name",
    "An instance is used again as it is.",
)
_kind("duplicate-instance", "there are two layers named `{name}` in this block", "Paths of parameters must be unique.")
_kind(
    "maps-parameters",
    "`{layer}` has parameters: it cannot be applied to {count} tensors at once",
    "A tuple maps over a layer with one input only if the layer has no parameters, as sharing them would be a surprise.",
)
_kind(
    "unknown-symbol",
    "`{model}` has no parameter or axis `{name}`",
    "Values are given for the parameters and free axes of a model.",
)
_kind(
    "wrong-axis-value", "the axis `{name}` must be a positive integer, not {value}", "Axes have at least one element."
)

# --- elaboration: shapes ----------------------------------------------------------------------------

_kind(
    "shape-mismatch",
    "`{layer}` wants `{axis}` = {wanted} in `{input}`, its input {shape} has {found}",
    "An axis that is bound already must have that size.",
)
_kind(
    "wrong-rank",
    "`{input}` of `{layer}` has {wanted} axes, this tensor has {found}: {shape}",
    "The number of axes does not fit the signature.",
)
_kind(
    "wrong-input-count",
    "`{layer}` takes {wanted} tensors, it got {found}",
    "Feed several tensors as a tuple: `(q, k, v) -> Attention`.",
)
_kind(
    "wrong-target-count",
    "{wanted} names are assigned, there is {found} on the right",
    "The number of names must fit the number of values.",
)
_kind(
    "output-not-assigned",
    "`{layer}` never assigns its output `{name}`",
    "Every output of a composite must be assigned on every path.",
)
_kind(
    "output-mismatch",
    "`{name}` of `{layer}` is declared {wanted}, the body computes {found}",
    "The signature promises another shape than the body gives.",
)
_kind("open-axis", "an axis of `{name}` is `_`: its size is not known", "`_` matches an input; an output needs a size.")
_kind("unbound-star", "`{name}` is not bound by any input", "A star in an output must stand in an input too.")
_kind("unknown-shape-function", "there is no shape function `{name}`", "The one shape function is `*broadcast(s, t)`.")
_kind(
    "cannot-broadcast",
    "{one} and {other} do not fit together, element by element: {axis} differ",
    "Axes are aligned at the right; they must be equal or 1.",
)
_kind("cannot-concat", "{one} and {other} cannot be joined along axis {axis}", "All other axes must be equal.")
_kind(
    "split-sizes", "the parts add up to {total}, the axis has {whole}", "The sizes of a split must add up to the axis."
)
_kind(
    "split-parts",
    "an axis of {whole} cannot be cut into {parts} equal parts",
    "`Split(n)` needs an axis that is a multiple of n.",
)
_kind("no-parts", "nothing can be cut into {parts} parts", "`Split(n)` needs at least one part.")
_kind("no-such-axis", "there is no axis {dim} in {shape}", "Axes are counted from 0, or from -1 at the end.")
_kind("no-signature", "`{name}` has no signature", "A layer begins with its signature: `x[B, d] -> y[B, d]`.")
_kind(
    "external-alone",
    "`{name}` is external: it cannot be sized by itself",
    "An external layer's rule needs tensors from a layer that calls it.",
)
_kind(
    "parameter-depends-on-input",
    "`{parameter}` of `{layer}` would depend on `{axis}`, an {meaning}",
    "Parameters are made before any input is seen.",
)
_kind(
    "not-a-bound",
    "`{name}` is not known to have at most the size {shape}",
    "`at_most(n)` stands for a number that is n or less. What is taken away from something, or divides it, makes it "
    "larger the smaller it is: then nothing is known of its size.",
)
_kind(
    "bounded-shape",
    "the shape of `{name}`, which `{layer}` gives, is only known to be at most something",
    "`at_most(n)` is for what a layer holds: axes of parameters and buffers, and counts of layers. Tensors that pass "
    "from layer to layer have one size.",
)
_kind(
    "shared-shape",
    "`{path}` was made with shape {before}, here it would be {now}",
    "A layer that is used twice shares its parameters.",
)
_kind(
    "tie-shapes",
    "`{left}` is {left_shape} and `{right}` is {right_shape}: they cannot share their storage",
    "Tied parameters have equal shapes.",
)
_kind(
    "no-such-parameter",
    "there is no parameter `{path}` here",
    "`tie` names parameters by their path from the block it stands in.",
)

# --- elaboration: conditions, loops, limits ---------------------------------------------------------

_kind("require-failed", "{message} ({condition} does not hold)", "A `require` of the layer or model is violated.")
_kind(
    "undecidable-condition",
    "`{condition}` cannot be decided: {names} can be anything",
    "A condition that decides the wiring must be provable, or hang on symbols that have a value.",
)
_kind("negative-count", "a layer cannot be repeated {count} times", "The count of `repeat` is 0 or more.")
_kind(
    "loop-shape",
    "`{name}` has no closed form over the turns: {shapes}",
    "Shapes in a `repeat` may stay, grow by a constant step or factor, or be divided by one.",
)
_kind(
    "carried-not-tensor",
    "`{name}` is a tensor before the loop and something else after a turn",
    "What passes from turn to turn must stay a tensor.",
)
_kind(
    "carried-tuple",
    "`{name}` is several tensors, which do not pass from turn to turn under one name",
    "Give each of them a name of its own before the loop: `q, k = pair`.",
)
_kind(
    "overwrites-kept",
    "`{layer}` overwrites a tensor that is kept for the backward pass",
    "An in-place layer may not overwrite what an earlier layer needs for its gradient.",
)
_kind(
    "unknown-save-target",
    "`{layer}` has no input or parameter `{name}` whose gradient could need this",
    "`save t for u`: u is an input or a parameter.",
)
_kind(
    "not-in-primitive",
    "this statement has no place in `{layer}`, which wires nothing",
    "A layer that assigns none of its outputs only declares.",
)
_kind(
    "not-in-composite",
    "this statement has no place in `{layer}`, which is wired from other layers",
    "`save`, `view` and `flops` belong to primitives.",
)
_kind("number-too-large", "this number is too large (more than {limit} bits)", "Integers are exact, and limited.")
_kind(
    "exponent-too-large",
    "a formula can be raised to the power {limit} at most",
    "A limit that keeps formulas small enough to write down.",
)
_kind(
    "formula-too-large",
    "this formula would have more than {limit} terms or factors",
    "A limit that keeps the engine from running for ever.",
)
_kind(
    "list-too-long", "lists have at most {limit} entries here", "A limit that keeps the engine from running for ever."
)
_kind(
    "too-deep-calls", "layers call layers more than {limit} deep", "Recursion on a list must end; this one is too deep."
)
_kind(
    "too-deep-loops",
    "loops stand in loops more than {limit} deep",
    "Those of the layers that are called in them count, too.",
)
_kind(
    "too-many-calls",
    "this takes more than {limit} calls of layers and turns of loops",
    "`each` unrolls its loop, `repeat` does not. Layers that call themselves twice grow without end, too.",
)
_kind("unknown-quantity", "there is no quantity `{name}`", "See docs/quantities.md for the names.")
_kind(
    "unknown-model",
    "there is no model `{name}`",
    "A SPEC is a file, `FILE:NAME`, or a name of the zoo: `archspec list` shows them.",
)
_kind(
    "which-model", "`{file}` has several models, of which one must be named: {names}", "Name one of them: `FILE:NAME`."
)
_kind("no-model", "`{file}` has no model", "A file to be sized has a `model` in it.")
_kind("test-failed", "{left} {op} {right} does not hold: it is {found}", "A condition of a `test` block is false.")
_kind("test-open", "{left} has no number: there is no value for {names}", "Give the values with `given`.")
_kind("unknown-value", "`{name}` cannot be `{value}`; it is one of {choices}", "A policy has a fixed set of choices.")


_kind(
    "unknown-shard",
    "there is no way of sharding called `{kind}`: it is one of {known}",
    "`shard columns` cuts a matrix so that each device makes some of the outputs, `shard rows` so that each takes some "
    "of the inputs, `shard vocabulary` cuts a table of vectors.",
)
_kind(
    "no-such-layer",
    "there is no layer `{name}` here",
    "A `shard` statement names layers of the same block, made before it.",
)
_kind(
    "shard-axis-of-layer",
    "`{name}` is a layer, which says itself that `{axis}` or another axis is cut",
    "Axes stand in the `shard` lines of primitives: `shard columns weight[out], bias[out]`. A composite names layers.",
)
_kind(
    "cannot-shard",
    "`{name}`, a `{layer}`, does not say how it is cut by {kind}",
    "A layer whose weights several devices can share says so in its own block: `shard columns weight[out], bias[out]`.",
)
_kind(
    "shard-mismatch",
    "`{name}` is cut over the devices where it enters a loop or an addition, and whole where it comes round",
    "After `shard columns` there must be a `shard rows`, which brings the parts together, before the result is added "
    "to something whole or leaves the model's loop.",
)
_kind(
    "file-needs-numbers",
    "the size of a file is counted name by name: there is no value for {names}",
    "Give the missing sizes with `--set`. The bytes of the tensors alone have a formula: `memory.weights`.",
)
_kind(
    "not-a-recipe",
    "a GGUF file has weights in one of llama.cpp's recipes, and `{name}` is none",
    "Choose one: `--weights q4_k_m`. `docs/formats.md` lists them.",
)
_kind(
    "no-axis-to-cut",
    "`{name}` is cut along one of its axes, which must be named: it has {axes}",
    "A primitive says which axis of a parameter several devices share: `shard columns weight[out], bias[out]`.",
)
_kind(
    "wrong-plan-value",
    "`{name}` cannot be {value}: it must be {wanted}",
    "Numbers in plans are counts of devices, of layers, of ranks; a rate is at least 0 and below 1.",
)
_kind(
    "no-such-plan",
    "{file} has no plan `{name}`",
    "A `plan` stands in a file of specs; `archspec size FILE --plan NAME` sizes the file's model, or the model that the "
    "plan is for, as it says.",
)
_kind(
    "needs-optimizer",
    "`{name}` is known only for a model that is trained",
    'Say which optimizer trains it: `--train adamw`, `optimizer adamw` in a plan, `train="adamw"` in Python.',
)
_kind(
    "nothing-of-that-name",
    "no layer or parameter of `{model}` is called `{name}`",
    "A plan freezes, checkpoints or adapts layers by their kind (`Block`), their name (`q_proj`) or their path "
    "(`h.*`), patterns as a shell has them.",
)
_kind(
    "not-adaptable",
    "`{path}`, a `{layer}`, cannot have a low-rank adapter",
    "An adapter stands beside a layer with one input and a weight of two axes, such as `Linear`.",
)


# --- files and names --------------------------------------------------------------------------------

_kind(
    "use-outside",
    "`{path}` lies outside the folder of the main file",
    "A file may use files in the folder of the main file and below it, and those of the library. Links are followed "
    "before this is judged.",
)
_kind(
    "use-circle",
    "files use each other in a circle: {circle}",
    "Move what both files need into a third one.",
)
_kind(
    "duplicate-definition",
    "`{name}` is defined twice",
    "In one file a name is given once, to a layer, a model, a variant, or a file used `as` it.",
)
_kind(
    "ambiguous-use",
    "`{name}` comes from both `{first}` and `{second}`",
    "Two files that are used define the same name. Use one of them `as` a name, and write `name.{name}`.",
)
_kind(
    "hides-primitive",
    "this `{name}` hides the library's primitive in this file",
    "A file's own layer wins over one of the library. Where the library's is a primitive, much is known of it that a "
    "layer of the same name does not have; another name avoids confusion.",
)
_kind("variant-circle", "`{name}` is a variant of itself", "Variants must end at a model.")


# --- static checks ----------------------------------------------------------------------------------

_kind(
    "declared-twice", "`{name}` is {what} already", "Parameters, inputs and outputs of a layer have names of their own."
)
_kind(
    "unknown-kind",
    "there is no kind `{name}`",
    "A parameter is of kind `dim` (a positive integer), `nat` (0 allowed), `int`, `real`, `flag`, `text`, `list`, `layer`, or "
    "`dims` (an integer or a list of them).",
)
_kind("two-stars", "`{name}` has two stars: which axes belong to which cannot be told", "A tensor has at most one `*`.")
_kind(
    "function-of-input",
    "`*{name}(…)` computes axes, and those of an input are given",
    "A shape function stands in outputs and declarations. In an input `*rest` names the axes.",
)
_kind(
    "unknown-external",
    "there is no external layer `{name}`",
    "External layers are built into archspec and declared in its library.",
)
_kind(
    "view-of-no-input",
    "`{layer}` has no input `{name}`",
    "`view`, `strided` and `inplace` say of which input an output shares the memory.",
)
_kind(
    "flops-without-backward",
    "`{layer}` has `flops`, but nothing says what its backward pass costs",
    "The backward pass costs one product as large as the forward one for each `u` of a `save … for u`. Without any, write `backward`.",
)
_kind(
    "not-a-binding",
    "this is no call of {framework}: write {usage}",
    "How a framework spells a layer is a call of one of its modules or functions, or `none` and a reason.",
)
_kind(
    "not-in-binding",
    "{found} has no place in a call of a framework",
    "Its arguments are literals, names of the layer, and arithmetic of them.",
)
_kind(
    "unknown-namespace",
    "`{name}` is no namespace of this framework: it has {spaces}",
    "Spellings may call modules and functions of a few known namespaces only.",
)
_kind("unused-parameter", "`{layer}` never uses its parameter `{name}`", "A warning: what it is given changes nothing.")
_kind("unused-where", "`{name}` is named, but never used", "A warning: a `where` that nothing asks for.")
_kind(
    "too-many-errors", "there are more than {limit} errors; the rest is left out", "Mend some of them, and check again."
)
_kind(
    "unknown-given",
    "no model of this test has a parameter or axis `{name}`",
    "`given` sets parameters and axes of models, and the policy.",
)
_kind("no-quantity", "`{name}` is a model, not a number", "Name a quantity of it, such as `.params`.")


# --- tests of specs ---------------------------------------------------------------------------------

_kind(
    "unknown-path",
    "`{model}` has no layer at `{path}`",
    "Between a model and a quantity stands the path of a layer, as `archspec size MODEL --format csv` lists them.",
)
_kind(
    "value-too-small",
    "`{name}` must be at least {least}, not {value}",
    "Axes and most parameters are positive integers; a parameter of kind `nat` may be 0.",
)


# --- questions about a budget -----------------------------------------------------------------------

_kind(
    "not-bytes",
    "`{value}` is not a number of bytes",
    "A budget is a number with a unit, `80GiB` or `1.5TB`, or a number of bytes. The units are B, KiB, MiB, GiB, TiB "
    "(powers of 1024) and kB, MB, GB, TB (powers of 1000).",
)
_kind(
    "needs-budget",
    "nothing says what it should fit in",
    "Say `--budget 80GiB` or `--device H100`, or name a plan with a device.",
)
_kind(
    "asked-and-given",
    "`{name}` is what is asked for, and it was given a value too",
    "The unknown of a question is the one symbol that has no value.",
)
_kind(
    "not-a-number",
    "`{name}` of `{model}` is not an integer: it cannot be solved for",
    "Questions are about integers: axes, integer parameters, and the entries of lists of integers, such as `depths[0]`.",
)
_kind(
    "needs-values",
    "{names} without a value: `{quantity}` is not a number yet",
    "A question has one unknown. Every other symbol that the quantity hangs on needs a number.",
)
_kind(
    "no-value",
    "no `{name}` of `{model}` was found that meets its requirements: {rules}",
    "None of the first hundred thousand values does. A value given to another symbol may be in the way.",
)
_kind(
    "nothing-to-plot",
    "`{model}` can have no `{name}` from {low} to {high}: {rules}",
    "A picture shows the values of a range that meet the requirements of the model.",
)
_kind(
    "no-moments",
    "a training step of a pipeline has no time points: only what its first stage holds at most is known",
    "Show it over a symbol instead: `--over B=1..64`.",
)
_kind(
    "needs-matplotlib",
    "pictures need matplotlib, which is not there: `pip install 'archspec-lang[plot]'`",
    "matplotlib is an extra, for most uses of archspec need none.",
)
_kind(
    "wrong-range",
    "`{text}` is no range of a symbol, such as `S=512..131072`",
    "A range has a name, a first and a last value, which are positive whole numbers in this order.",
)
_kind(
    "nothing-fits",
    "no `{name}` fits: with {name} = {value}, `{quantity}` is {needs} already, and the budget is {budget}",
    "The smallest value that the model can have is too large. A smaller precision, checkpointing, adapters or more "
    "devices may help.",
)
_kind(
    "any-fits",
    "every `{name}` fits: `{quantity}` of `{model}` does not grow with it",
    "The quantity does not hang on the unknown, so that the budget sets no bound.",
)
_kind(
    "does-not-grow",
    "`{quantity}` does not only grow with `{name}`: {low} needs {less}, {high} needs {more}",
    "A larger value can need less, so that there is no largest one up to which everything fits. "
    "`archspec size` with `--set` answers for single values.",
)


# --- export -----------------------------------------------------------------------------------------

_kind(
    "export-unspelled",
    "`{layer}` has no {framework} spelling, and no body to write out",
    "An exported model is made from the spellings in the layer library. Add a line `torch …` to the layer, or give it a body.",
)
_kind(
    "export-none",
    "`{layer}` has no equal in {framework}: {reason}",
    "The layer's block says so, with `none` and the reason.",
)
_kind(
    "export-not-allowed",
    "the spelling of `{layer}` calls `{name}`, which is not among what spellings may call",
    "Spellings may call the layers and tensor functions of a framework, nothing that reads files or runs code.",
)
_kind(
    "export-runtime",
    "`{name}` is known only when `{layer}` runs, and its layers are made before that",
    "Give the size to the model as a parameter.",
)
_kind(
    "export-size",
    "a size that `{layer}` is made with cannot be told from `{layer}` alone",
    "Sizes of layers must follow from the parameters of the layer around them and from the axes that its signature names.",
)
_kind(
    "export-expression",
    "`{shown}` cannot be written in Python",
    "Only numbers, names and functions of them can be exported.",
)
_kind(
    "export-member",
    "this cannot be called `{name}` in PyTorch: it is a word of Python, or an attribute of every module",
    "Choose another name with `as`.",
)
_kind(
    "export-template",
    "`{layer}` takes a layer as its argument, which is exported for `Bank` only",
    "Write the layer out in place.",
)
_kind(
    "export-estimator",
    "`{layer}` has no `sklearn` line of its own",
    "scikit-learn has whole estimators, not layers that could be joined. A model says which one it is, as in "
    "`sklearn tree.DecisionTreeClassifier(max_depth = depth)`.",
)
_kind("export-layer", "`{name}` has no signature", "A layer without one cannot be exported.")
_kind(
    "export-statement",
    "this statement of `{layer}` cannot be exported: {reason}",
    "What it needs is known only in the whole model.",
)
_kind(
    "export-loop",
    "this loop in `{layer}` cannot be exported: its tensors change in a way that has no plain form",
    "Unroll it.",
)
_kind(
    "wrong-value",
    "`{name}` of `{model}` must be {wanted}, not {found}",
    "A value from the command line or from Python is not of the kind that the parameter wants.",
)
_kind(
    "empty-size",
    "`{layer}` would make a tensor without elements: its size {size} would be {value}",
    "The given sizes are too small for the model: a convolution or pooling has nothing left to read.",
)


# --- weight formats ---------------------------------------------------------------------------------

_kind("format-unknown", "there is no weight format `{name}`", "See docs/formats.md for the names.")
_kind(
    "format-option",
    "`{format}` has no option `{name}`; it has {choices}",
    "Options are written behind the name: `gptq:bits=8,group=64`.",
)
_kind(
    "format-value",
    "`{name}` of `{format}` cannot be `{value}`: it must be {wanted}",
    "The value of an option of a weight format is a number.",
)
_kind(
    "format-does-not-fit",
    "`{format}` cannot hold `{path}`: {size} is not a multiple of {divisor}",
    "The format packs so many weights together, or they share a scale. Some layers can be left as they are.",
)
