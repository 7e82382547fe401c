"""Tells whether an expression builds SQL out of values, for every language alike.

Names of tables and columns cannot be bound as parameters, so only places where a value
stands count, and lists of placeholders do not.
"""

import re

from ast_grep_py import SgNode

TITLE = "SQL is built from a value"
BODY = (
    "A value that contains a quote changes the statement: `' OR 1=1 --` reads or deletes rows "
    "that the caller must not reach. Keep the statement constant, put a placeholder where the "
    "value stands and pass the value as a parameter to the driver."
)

_STATEMENT = re.compile(
    r"^\W*(?:SELECT\b.+?\bFROM\b|(?:INSERT|REPLACE)\s+INTO\b|UPDATE\s+\S+\s+SET\b"
    r"|DELETE\s+FROM\b|WITH\s+\w+\s+AS\b)",
    re.IGNORECASE | re.DOTALL,
)
_KEYWORD = re.compile(r"\b(?:SELECT|INSERT|REPLACE|UPDATE|DELETE|WITH)\b")
"""In capitals, as in code: prose such as "Select one from the list" is no statement."""
_HOLE = "\x00"
"""Stands for an interpolated expression in the text of a statement."""
_VALUE_PLACE = re.compile(
    rf"(?:=|<|>|\bLIKE|\bIN\s*\(|\bVALUES\s*\(|,|\bAND|\bBETWEEN)\s*(?P<quote>['\"]?)%?{_HOLE}$",
    re.IGNORECASE,
)
_NO_VALUE = re.compile(
    r"(?i)placeholder|marks?\b|\bqs\b|bind|fields?\b|col(?:umn)?s?\b|param|table|schema|join\("
    r"|repeat\(|where|clause|condition|order|sql|(?-i:^\s*[A-Z]+_[A-Z0-9_]*\s*$)|^\s*\d+\s*$"
    r"|^\W*(?:int|float|number|parseint|long\.parse|integer\.parse|quote|escape|literal)\w*\("
)
_SUMS = {"binary_operator", "binary_expression"}
_LITERALS = {
    "string",
    "concatenated_string",
    "template_string",
    "interpreted_string_literal",
    "raw_string_literal",
    "string_literal",
}
_HOLES = {"interpolation", "template_substitution"}
_CONTENTS = {
    "string_content",
    "string_fragment",
    "escape_sequence",
    "interpreted_string_literal_content",
    "raw_string_literal_content",
    "multiline_string_fragment",
}
_VERB = re.compile(r"%(?:\([\w.]+\))?[-+#0 ]*[\d.]*[sqvrx]")
_BRACES = re.compile(r"\{[\w.!:\[\]]*\}")

Piece = str | SgNode


def builds_sql(node: SgNode) -> bool:
    """Judge a whole string expression; parts of a larger one are judged with it."""
    parent = node.parent()
    if parent is not None and (_is_sum(parent) or parent.kind() == "concatenated_string"):
        return False
    pieces = _pieces(node)
    text = "".join(piece if isinstance(piece, str) else _HOLE for piece in pieces)
    if not (_STATEMENT.search(text) and _KEYWORD.search(text)):
        return False
    holes = [piece.text() for piece in pieces if not isinstance(piece, str)]
    return any(
        _is_value(before + _HOLE, expression)
        for before, expression in zip(text.split(_HOLE), holes, strict=False)
    )


def _is_value(before: str, expression: str) -> bool:
    place = _VALUE_PLACE.search(before[-40:])
    return place is not None and (bool(place["quote"]) or not _NO_VALUE.search(expression))


def _is_sum(node: SgNode) -> bool:
    return node.kind() in _SUMS and any(c.kind() in {"+", "%"} for c in node.children())


def _pieces(expression: SgNode) -> list[Piece]:
    """Flatten a string expression into literal text and interpolated expressions.

    Nothing calls itself here: a sum of ten thousand terms is ten thousand levels deep.
    """
    pieces: list[Piece] = []
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        parts = _parts(node)
        waiting += reversed(parts)
        pieces += [] if parts else _of_term(node)
    return pieces


def _parts(node: SgNode) -> list[SgNode]:
    """Return the two sides of a sum, or what stands in parentheses; else nothing."""
    if node.kind() == "parenthesized_expression":
        return node.named_children()[:1]
    if _is_sum(node) and all(child.kind() != "%" for child in node.children()):
        named = node.named_children()
        return [named[0], named[-1]]
    return []


def _of_term(node: SgNode) -> list[Piece]:
    if node.kind() in _LITERALS:
        return _of_literal(node)
    if _is_sum(node):
        return _formatted(node.named_children()[0], _VERB, node.named_children()[-1])
    return _of_call(node) or [node]


def _of_literal(node: SgNode) -> list[Piece]:
    pieces: list[Piece] = []
    for child in node.named_children():
        if child.kind() in _HOLES:
            inner = child.named_children()
            pieces.append(inner[0] if inner else child)
        elif child.kind() in _CONTENTS:
            pieces.append(child.text())
        elif child.kind() in _LITERALS:
            pieces += _of_literal(child)
    return pieces


def _of_call(node: SgNode) -> list[Piece]:
    """Flatten `"…".format(x)`, `fmt.Sprintf("…", x)` and `String.format("…", x)`."""
    arguments = node.field("arguments")
    if arguments is None:
        return []
    function, values = node.field("function"), arguments.named_children()
    name = function.text() if function else node.text()[: -len(arguments.text())]
    if function is not None and function.kind() == "attribute" and name.endswith(".format"):
        return _formatted(function.named_children()[0], _BRACES, *values)
    if re.fullmatch(r"(?:fmt\.Sprintf|String\.format)", name.strip()) and len(values) > 1:
        return _formatted(values[0], _VERB, *values[1:])
    return []


def _formatted(template: SgNode, verb: re.Pattern[str], *values: SgNode) -> list[Piece]:
    """Put the values where the template's verbs stand, the last for all that are left."""
    if template.kind() not in _LITERALS or not values:
        return [template]
    flat = values
    if len(values) == 1 and values[0].kind() in {"tuple", "parenthesized_expression"}:
        flat = tuple(values[0].named_children()) or values
    pieces: list[Piece] = []
    text = "".join(piece for piece in _of_literal(template) if isinstance(piece, str))
    for index, part in enumerate(verb.split(text)):
        if index:
            pieces.append(flat[min(index, len(flat)) - 1])
        pieces.append(part)
    return pieces
