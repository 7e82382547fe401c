"""Flattens a string expression of any language into its text and the values put into it.

What the whole means, SQL or a command, is judged elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ast_grep_py import SgNode


@dataclass(frozen=True, slots=True)
class Value:
    """An expression inside a string, as it is written."""

    text: str


Piece = str | Value

_SUMS = {"binary_operator", "binary_expression", "binary"}
_LITERALS = {
    "string",
    "concatenated_string",
    "chained_string",
    "template_string",
    "interpreted_string_literal",
    "raw_string_literal",
    "string_literal",
    "verbatim_string_literal",
    "interpolated_string_expression",
    "encapsed_string",
    "heredoc",
    "heredoc_body",
    "nowdoc",
    "subshell",
    "shell_command_expression",
}
_HOLES = {"interpolation", "template_substitution"}
_CONTENTS = {
    "string_content",
    "string_fragment",
    "escape_sequence",
    "interpreted_string_literal_content",
    "raw_string_literal_content",
    "raw_string_content",
    "string_literal_content",
    "multiline_string_fragment",
    "heredoc_content",
    "nowdoc_string",
}
_BARE_HOLES = {"encapsed_string", "heredoc_body", "shell_command_expression"}
"""PHP puts a value between the pieces of text without a node of its own around it."""
_MARKS = {"heredoc_start", "heredoc_end", "string_start", "string_end", "interpolation_brace"}
_VERB = re.compile(r"%(?:\([\w.]+\))?(?:\d+\$)?[-+#0 ]*[\d.]*[sdqvrxufF]")
_BRACES = re.compile(r"\{([\w.!:\[\]#?,]*)\}")
_FORMATTERS = re.compile(
    r"(?:fmt\.Sprintf|[Ss]tring\.[Ff]ormat|\\?v?sprintf|Kernel\.format|format)$"
)


def pieces(expression: SgNode) -> list[Piece]:
    """Return text and values in their order; what is no string is a value as a whole.

    Nothing calls itself here: a sum of ten thousand terms is ten thousand levels deep.
    """
    found: list[Piece] = []
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        parts = _parts(node)
        waiting += reversed(parts)
        found += [] if parts else _of_term(node)
    return found


def is_part(node: SgNode) -> bool:
    """Tell whether a node is one term of a larger string, which is judged as a whole."""
    parent = node.parent()
    return parent is not None and (_is_sum(parent) or parent.kind() == "concatenated_string")


def is_put_together(node: SgNode | None) -> bool:
    """Tell whether an expression is a string with a value in it."""
    if node is None:
        return False
    kinds = {type(piece) for piece in pieces(node)}
    return kinds == {str, Value}


def values_in(node: SgNode) -> list[str]:
    """Return the expressions that are put into a string."""
    return [piece.text for piece in pieces(node) if isinstance(piece, Value)]


def _is_sum(node: SgNode) -> bool:
    return node.kind() in _SUMS and any(c.kind() in {"+", "%", "."} for c in node.children())


def _parts(node: SgNode) -> list[SgNode]:
    """Return the two sides of a sum, or what stands inside of something; else nothing."""
    if node.kind() in {"parenthesized_expression", "argument", "reference_expression"}:
        return node.named_children()[-1:]
    if _is_sum(node) and all(child.kind() != "%" for child in node.children()):
        named = node.named_children()
        return [named[0], named[-1]]
    function = node.field("function") if node.kind() == "call_expression" else None
    if function is not None and function.text().endswith((".to_string", ".to_owned")):
        return function.named_children()[:1]
    return []


def _of_term(node: SgNode) -> list[Piece]:
    if node.kind() in _LITERALS:
        return _of_literal(node)
    if _is_sum(node):
        values = _flat(node.named_children()[-1])
        return _formatted(node.named_children()[0], _VERB, values)
    if node.kind() == "macro_invocation":
        return _of_macro(node)
    return _of_call(node) or [Value(node.text())]


def _of_literal(node: SgNode) -> list[Piece]:
    if node.kind() == "verbatim_string_literal":
        return [node.text()[2:-1]]
    found: list[Piece] = []
    for child in node.named_children():
        kind = child.kind()
        if kind in _HOLES:
            inner = [c for c in child.named_children() if c.kind() not in _MARKS]
            found.append(Value((inner[0] if inner else child).text()))
        elif kind in _CONTENTS:
            found.append(child.text())
        elif kind in _LITERALS:
            found += _of_literal(child)
        elif node.kind() in _BARE_HOLES and kind not in _MARKS:
            found.append(Value(child.text()))
    return found


def _flat(values: SgNode) -> list[str]:
    """Return what stands right of `%`, one value or a row of them."""
    inner = values.named_children()
    rows = {"tuple", "parenthesized_expression", "array"}
    return [child.text() for child in inner] if values.kind() in rows and inner else [values.text()]


def _of_call(node: SgNode) -> list[Piece]:
    """Flatten `"…".format(x)`, `fmt.Sprintf("…", x)`, `string.Format("…", x)` and their like."""
    arguments = node.field("arguments")
    if arguments is None:
        return []
    values = [_inner(value) for value in arguments.named_children()]
    called = node.text()[: -len(arguments.text())].strip()
    if called.endswith(".format") and node.kind() == "call":
        function = node.field("function")
        template = function.named_children()[0] if function else None
        if template is not None and template.kind() in _LITERALS:
            return _formatted(template, _BRACES, [value.text() for value in values])
    if not _FORMATTERS.search(called) or len(values) < 2:
        return []
    verb = _BRACES if called.endswith("tring.Format") else _VERB
    return _formatted(values[0], verb, [value.text() for value in values[1:]])


def _inner(argument: SgNode) -> SgNode:
    children = argument.named_children()
    return children[-1] if argument.kind() == "argument" and children else argument


def _of_macro(node: SgNode) -> list[Piece]:
    """Flatten Rust's `format!("… {} {name}", x)`."""
    tokens = node.find(kind="token_tree")
    inside = tokens.named_children() if tokens else []
    if tokens is None or not inside or inside[0].kind() not in _LITERALS:
        return [Value(node.text())]
    if not re.match(r"(?:std::)?format!", node.text()):
        return [Value(node.text())]
    rest = tokens.text().partition(inside[0].text())[2].rstrip(")]}")
    return _formatted(inside[0], _BRACES, [v.strip() for v in rest.split(",") if v.strip()])


def _formatted(template: SgNode, verb: re.Pattern[str], values: Sequence[str]) -> list[Piece]:
    """Put the values where the template's verbs stand, the last for all that are left.

    A verb that names a variable, where no values are given, is that variable.
    """
    if template.kind() not in _LITERALS:
        return [Value(template.text())]
    found: list[Piece] = []
    text = "".join(piece for piece in _of_literal(template) if isinstance(piece, str))
    start = 0
    for index, match in enumerate(verb.finditer(text)):
        given = values[min(index, len(values) - 1)] if values else match[0].strip("{}")
        found += [text[start : match.start()], Value(given)]
        start = match.end()
    return [*found, text[start:]]
