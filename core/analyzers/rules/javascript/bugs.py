"""JavaScript and TypeScript that do not do what they say."""

from ast_grep_py import SgNode

from core.analyzers.rules.javascript.nodes import CALL
from core.analyzers.rules.rule import Rule
from core.models import Category, Severity

_CONSTANTS = ("string", "number", "true", "false", "null", "undefined")
_TYPES = "undefined|object|boolean|number|string|function|symbol|bigint"


def _is_plain(assignment: SgNode) -> bool:
    """Leave the idiom `while ((m = next()))` and declared intent alone."""
    parent = assignment.parent()
    above = parent.parent() if parent else None
    return above is not None and above.kind() in {"if_statement", "while_statement"}


RULES: tuple[Rule, ...] = (
    Rule(
        id="map-parseint",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`parseInt` takes the index for its radix",
        body=(
            "`map` passes the index as the second argument: `['10', '10', '10'].map(parseInt)` is "
            "`[10, NaN, 2]`. Use `map(Number)` or `map((x) => parseInt(x, 10))`."
        ),
        match={
            "kind": CALL,
            "all": [
                {"has": {"field": "function", "regex": r"\.map$"}},
                {"has": {"field": "arguments", "regex": r"^\(\s*(?:Number\.)?parseInt\s*\)$"}},
            ],
        },
        needs=r"parseInt",
    ),
    Rule(
        id="compared-with-nan",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Nothing equals `NaN`",
        body="The comparison is always false, even for `NaN` itself. Use `Number.isNaN(value)`.",
        match={
            "kind": "binary_expression",
            "regex": r"(?:^(?:Number\.)?NaN\s*[!=]==?)|(?:[!=]==?\s*(?:Number\.)?NaN$)",
        },
        needs=r"\bNaN\b",
    ),
    Rule(
        id="unknown-typeof",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`typeof` never gives this word",
        body=(
            "The comparison is always false, so the branch is dead. `typeof` gives `undefined`, "
            "`object`, `boolean`, `number`, `string`, `function`, `symbol` or `bigint`; arrays and "
            "`null` are `object`."
        ),
        match={
            "kind": "binary_expression",
            "all": [
                {"regex": r"^typeof\b[^&|?]*[!=]==?\s*[\"']\w*[\"']$"},
                {"not": {"regex": rf"[\"'](?:{_TYPES})[\"']$"}},
            ],
        },
        needs=r"\btypeof\b",
    ),
    Rule(
        id="assigned-in-condition",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The condition assigns instead of comparing",
        body=(
            "One `=` changes the variable, and with a constant on its right the branch is always "
            "the same. Use `===`."
        ),
        match={
            "kind": "assignment_expression",
            "has": {"field": "right", "any": [{"kind": kind} for kind in _CONSTANTS]},
            "inside": {"kind": "parenthesized_expression"},
        },
        keep=_is_plain,
        needs=r"\b(?:if|while)\b",
    ),
    Rule(
        id="indexof-as-boolean",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`indexOf` is used as if it gave true or false",
        body=(
            "It gives -1, which is true, when nothing is found, and 0, which is false, for the "
            "first place. Use `includes`."
        ),
        match={
            "any": [
                {
                    "kind": CALL,
                    "has": {"field": "function", "regex": r"\.(?:indexOf|findIndex|lastIndexOf)$"},
                    "inside": {
                        "kind": "parenthesized_expression",
                        "inside": {"any": [{"kind": "if_statement"}, {"kind": "while_statement"}]},
                    },
                },
                {"kind": "unary_expression", "regex": r"^!\s*[\w.]+\.(?:indexOf|findIndex)\("},
            ]
        },
        needs=r"(?:[iI]ndexOf|findIndex)\b",
    ),
    Rule(
        id="result-dropped",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The changed string is thrown away",
        body=(
            "Strings cannot change: the method returns a new one, and nothing keeps it, so the "
            "variable still holds the old text. Assign the result."
        ),
        match={
            "kind": "expression_statement",
            "has": {
                "kind": CALL,
                "nthChild": 1,
                "has": {
                    "field": "function",
                    "regex": r"\.(?:trim|trimStart|trimEnd|toUpperCase|toLowerCase|padStart|padEnd"
                    r"|replaceAll)$",
                },
            },
        },
        needs=r"\.(?:trim|toUpperCase|toLowerCase|pad|replaceAll)",
    ),
    Rule(
        id="coerced-comparison",
        severity=Severity.NIT,
        category=Category.BUG,
        title="`==` converts before it compares",
        body=(
            "`'' == 0`, `'0' == false` and `[] == 0` are all true, so an empty field passes for "
            "zero. Use `===`, or convert explicitly first."
        ),
        match={
            "kind": "binary_expression",
            "all": [
                {"has": {"regex": "^[!=]=$"}},
                {
                    "has": {
                        "any": [
                            {"kind": "number", "regex": "^0$"},
                            {"kind": "string", "regex": r"^(?:''|\"\"|'0'|\"0\")$"},
                            {"kind": "true"},
                            {"kind": "false"},
                            {"kind": "array"},
                        ]
                    }
                },
                {"not": {"regex": r"^typeof|\.(?:length|size)\s*[!=]=|\.val\(\)\s*[!=]="}},
            ],
        },
        needs=r"[^=!][=!]=[^=]",
    ),
    Rule(
        id="empty-catch",
        severity=Severity.NIT,
        category=Category.QUALITY,
        title="The error is dropped without a trace",
        body=(
            "A failure looks like success from now on, and nobody will know why data is missing. "
            "Handle what is expected, and log or rethrow the rest; if nothing is to be done, say "
            "why in a comment."
        ),
        match={"kind": "catch_clause", "regex": r"\{\s*\}$"},
        outside_tests=True,
        needs=r"\bcatch\b",
    ),
)
