"""Tells whether an expression builds SQL out of values, for every language alike.

Names of tables and columns cannot be bound as parameters, so only places where a value
stands count, and lists of placeholders do not.
"""

import re
from itertools import pairwise

from ast_grep_py import SgNode

from core.analyzers.rules.interpolation import Value, is_part, pieces

TITLE = "SQL is built from a value"
BODY = (
    "A value that contains a quote changes the statement: `' OR 1=1 --` reads or deletes rows "
    "that the caller must not reach. Keep the statement constant, put a placeholder where the "
    "value stands and pass the value as a parameter to the driver."
)
NEEDS = r"\b(?:SELECT|INSERT|REPLACE|UPDATE|DELETE|WITH)\b"
"""In capitals, as in code: prose such as "Select one from the list" is no statement."""

_STATEMENT = re.compile(
    r"^\W*(?:SELECT\b.+?\bFROM\b|(?:INSERT|REPLACE)\s+INTO\b|UPDATE\s+\S+\s+SET\b"
    r"|DELETE\s+FROM\b|WITH\s+\w+\s+AS\b)",
    re.IGNORECASE | re.DOTALL,
)
_KEYWORD = re.compile(NEEDS)
_HOLE = "\x00"
"""Stands for an interpolated expression in the text of a statement."""
_VALUE_PLACE = re.compile(
    rf"(?:=|<|>|\bLIKE|\bIN\s*\(|\bVALUES\s*\(|,|\bAND|\bBETWEEN)\s*(?P<quote>['\"]?)%?{_HOLE}$",
    re.IGNORECASE,
)
_HARMLESS = (
    r"(?i:\w*(?:quote|escape|esc_|addslashes|literal|sanitize|intval|absint)\w*\(|\.to_i\b|quoted_|escaped|\.id$|\b(?:now|time)\(\)"
    r"|(?<![\w.])(?:int|float|number|parseint|long\.parse|integer\.parse|nameof)\s*\("
    r"|\(\s*(?:int|integer|long|uint|float|double|bool)\s*\))"
)
_SAFE = re.compile(
    rf"{_HARMLESS}|(?:^|\.|::)[A-Z]+(?:_[A-Z0-9]+)+\s*$|::[A-Z]+$|\bclass\.name$|^\s*\d+\s*$"
)
"""Constants, numbers, and what was made harmless."""
_NO_VALUE = re.compile(
    r"(?i)placeholder|marks?\b|\bqs\b|bind|fields?\b|col(?:umn)?s?\b|param|table|schema|join\("
    r"|implode\(|repeat\(|where|clause|condition|order|sql|prefix|limit|offset"
    r"|list\b|csv|_in\b|(?:^|\W)ids\b"
)


def builds_sql(node: SgNode) -> bool:
    """Judge a whole string expression; parts of a larger one are judged with it."""
    return not is_part(node) and _holds_value(node, statement=True)


def builds_condition(node: SgNode) -> bool:
    """Judge a string that a query builder takes for a condition: `where("name = '…'")`."""
    return _holds_value(node, statement=False)


def _holds_value(node: SgNode, *, statement: bool) -> bool:
    found = pieces(node)
    text = "".join(_HOLE if isinstance(piece, Value) else piece for piece in found)
    if statement and not (_STATEMENT.search(text) and _KEYWORD.search(text)):
        return False
    holes = [piece.text for piece in found if isinstance(piece, Value)]
    return any(
        _is_value(before + _HOLE, after, expression) and not _was_made_safe(node, expression)
        for (before, after), expression in zip(pairwise(text.split(_HOLE)), holes, strict=True)
    )


def _is_value(before: str, after: str, expression: str) -> bool:
    place = _VALUE_PLACE.search(before[-40:])
    if place is None or _SAFE.search(expression):
        return False
    is_name = re.match(r"[.\w(]", after) or _NO_VALUE.search(expression)
    return bool(place["quote"]) or not is_name


def _was_made_safe(node: SgNode, expression: str) -> bool:
    """Tell whether the file assigns an escaped value or a number to this variable."""
    if not re.fullmatch(r"\{?[$@]?\w+\}?", expression):
        return False
    name = re.escape(expression.strip("{}"))
    made = rf"(?<![\w$]){name}\s*:?=(?!=)[^\n;]*?{_HARMLESS}"
    return re.search(made, node.get_root().root().text()) is not None
