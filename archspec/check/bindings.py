"""How frameworks spell a primitive, as `torch nn.Linear(in, out)`: known namespaces, and the layer's own names only."""

from __future__ import annotations

from archspec.check.expressions import Expressions
from archspec.check.reporter import Reporter
from archspec.check.signatures import Signatures
from archspec.elaborate.functions import FUNCTIONS
from archspec.syntax import tree

NAMESPACES = {
    "torch": ("nn", "F", "torch", "ops", "Tensor"),
    "keras": ("layers", "ops"),
    "sklearn": (
        *("linear_model", "tree", "ensemble", "neighbors", "cluster", "svm", "naive_bayes"),
        *("neural_network", "decomposition", "preprocessing", "feature_selection"),
    ),
}
"""Where the modules and functions of a framework may come from (`ops` of torch: torchvision's; `Tensor`: methods)."""


_UNLISTED = (("torch", "ops"),)
"""The namespaces of which it is not known what may be called. What these have is not exported."""


def check_binding(
    reporter: Reporter, expressions: Expressions, signatures: Signatures, layer: tree.Layer, statement: tree.Binding
) -> None:
    """Report a spelling that is no call and no `table[index]`, calls what it may not, or names what is not there."""
    if statement.call is None:
        return
    spelling = _Spelling(reporter, expressions, signatures, layer, statement.framework)
    if not isinstance(statement.call, tree.Index) and not _has_call(statement.call):
        usage = f"`{statement.framework} {spelling.spaces[0]}.Name(arguments)`"
        reporter.error(statement.call, "not-a-binding", framework=statement.framework, usage=usage)
        return
    spelling.check(statement.call)


def _has_call(node: tree.Node) -> bool:
    """Whether something of a namespace is called anywhere: `nn.GRU(d)(x)[0]` and a pair of calls are spellings too."""
    waiting: list[object] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tree.Call) and isinstance(one.function, tree.Attribute):
            return True
        if isinstance(one, tuple):
            waiting.extend(one)
        elif isinstance(one, tree.Node):
            waiting.extend(one.__dict__.values())
    return False


class _Spelling:
    """One call of a framework, and the calls in it."""

    def __init__(
        self, reporter: Reporter, expressions: Expressions, signatures: Signatures, layer: tree.Layer, framework: str
    ) -> None:
        self.reporter = reporter
        self.expressions = expressions
        self.signatures = signatures
        self.layer = layer
        self.framework = framework
        self.spaces = NAMESPACES[framework]

    def check(self, node: tree.Expression) -> None:
        """Check an expression of a spelling."""
        if isinstance(node, tree.Call):
            self._call(node)
        elif isinstance(node, tree.Name):
            self._name(node)
        elif isinstance(node, tree.Number | tree.Text | tree.Flag):
            return
        elif isinstance(node, tree.Pipe):
            self.reporter.error(node, "not-in-binding", found="`->`")
        elif isinstance(node, tree.Attribute):
            self._attribute(node)
        else:
            for part in node.__dict__.values():
                for one in part if isinstance(part, tuple) else (part,):
                    if isinstance(one, tree.Node):
                        self.check(one)  # type: ignore[arg-type]  # parts of expressions are expressions

    def _call(self, node: tree.Call) -> None:
        function = node.function
        if isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
            self._callee(function, function.value)
        elif isinstance(function, tree.Call):
            self._call(function)
        elif isinstance(function, tree.Call):
            self.check(function)  # a module that is made, and called at once
        elif not isinstance(function, tree.Name) or function.name not in FUNCTIONS:
            self.reporter.error(function, "unknown-namespace", name=self._text(function), spaces=self._listed())
        for argument in node.arguments:
            self.check(argument.value)

    def _attribute(self, node: tree.Attribute) -> None:
        if isinstance(node.value, tree.Name) and node.value.name == "policy":
            self.expressions.check(node)
        else:
            self.reporter.error(node, "not-in-binding", found=f"`{self._text(node)}`")

    def _callee(self, function: tree.Attribute, space: tree.Name) -> None:
        """What is called must be a module or function of a known namespace."""
        from archspec.export.allowed import is_allowed  # here: most files spell nothing

        if space.name not in self.spaces:
            fix = self.reporter.suggest(space.name, self.spaces)
            self.reporter.error(space, "unknown-namespace", name=space.name, spaces=self._listed(), fix=fix)
        elif (self.framework, space.name) in _UNLISTED:
            return
        elif not is_allowed(self.framework, space.name, function.name):
            name = f"{space.name}.{function.name}"
            self.reporter.error(function, "export-not-allowed", layer=self.layer.name, name=name)

    def _name(self, node: tree.Name) -> None:
        names = self.expressions.names
        if names.get(node.name) is None and node.name not in self.signatures.stars:
            self.reporter.error(node, "unknown-name", name=node.name, fix=self.reporter.suggest(node.name, names.all))

    def _text(self, node: tree.Node) -> str:
        return self.reporter.scope.source.text[node.start : node.end]

    def _listed(self) -> str:
        return ", ".join(f"`{space}`" for space in self.spaces)
