"""Python that does not do what it says."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import Rule, called, enclosing, field_text, last_name, mentions
from core.models import Category, Severity

_MONEY = r"(?i)(?:price|amount|total|balance|cost|fee|salary|payment|refund|money|subtotal)"


def _is_mutated(parameter: SgNode) -> bool:
    """Tell whether the function changes the default value in place."""
    function = enclosing(parameter, "function_definition")
    name = re.escape(field_text(parameter, "name"))
    changes = (
        rf"\b{name}(?:\.(?:append|extend|insert|add|update|setdefault|pop|remove|clear|sort)\("
        rf"|\[[^\]\n]+\]\s*(?:[-+*|]?=(?!=))|\s*(?:\+|\|)=)"
    )
    return function is not None and mentions(function.field("body"), changes)


def _swallows_everything(clause: SgNode) -> bool:
    return not re.match(r"except\s*[\w(.]", clause.text())


def _swallows_exceptions(clause: SgNode) -> bool:
    return re.match(r"except\s+\(?(?:Exception|BaseException)\b", clause.text()) is not None


def _is_awaitable_here(statement: SgNode) -> bool:
    """Tell whether the called name is an `async def` of this file and nothing else."""
    call = statement.named_children()[0]
    function = field_text(call, "function")
    if not re.fullmatch(r"(?:(?:self|cls)\.)?\w+", function):
        return False
    name = re.escape(last_name(function))
    root = call.get_root().root()
    definitions = root.find_all(
        kind="function_definition", has={"field": "name", "regex": f"^{name}$"}
    )
    return bool(definitions) and all(d.text().startswith("async") for d in definitions)


def _runs_on_the_loop(call: SgNode) -> bool:
    function = enclosing(call, "function_definition", "lambda")
    return function is not None and function.text().startswith("async")


def _changes_what_it_walks(call: SgNode) -> bool:
    """Tell whether the loop goes on over the collection after the change."""
    loop = enclosing(call, "for_statement")
    if loop is None:
        return False
    walked = re.sub(r"\.(?:items|keys|values)\(\)$", "", field_text(loop, "right"))
    statement = enclosing(call, "expression_statement", "delete_statement") or call
    after = next((n for n in statement.next_all() if n.is_named()), None)
    leaves = after is not None and after.kind() in {"break_statement", "return_statement"}
    changed = re.match(r"([\w.]+)\.\w+\(", call.text())
    return changed is not None and changed[1] == walked and not leaves


def _is_money(comparison: SgNode) -> bool:
    others = [c for c in comparison.named_children() if c.kind() != "float"]
    return any(re.search(_MONEY, last_name(other.text())) for other in others)


RULES: tuple[Rule, ...] = (
    Rule(
        id="mutable-default",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A mutable default keeps its changes between calls",
        body=(
            "The default is made once, when the function is defined, and the body changes it: the "
            "second call starts with what the first one left. Default to `None` and create the "
            "value inside the function."
        ),
        match={
            "any": [{"kind": "default_parameter"}, {"kind": "typed_default_parameter"}],
            "has": {
                "field": "value",
                "any": [
                    {"kind": "list"},
                    {"kind": "dictionary"},
                    {"kind": "set"},
                    {"regex": r"^(?:list|dict|set|collections\.defaultdict|defaultdict)\("},
                ],
            },
        },
        keep=_is_mutated,
        needs=r"=\s*(?:\[|\{|list\(|dict\(|set\(|(?:collections\.)?defaultdict\()",
    ),
    Rule(
        id="bare-except-pass",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Every error is swallowed, even the signal to stop",
        body=(
            "A bare `except` also catches `KeyboardInterrupt`, `SystemExit` and a task's "
            "cancellation, and nothing is logged: the program goes on with half the work done. "
            "Name the exceptions that are expected here."
        ),
        match={
            "kind": "except_clause",
            "regex": r":\s*(?:#[^\n]*\s*)*(?:pass|\.\.\.|continue)\s*$",
        },
        keep=_swallows_everything,
        needs=r"\bexcept\b",
    ),
    Rule(
        id="silent-except",
        severity=Severity.NIT,
        category=Category.QUALITY,
        title="Any exception is dropped without a trace",
        body=(
            "A mistake in the block, such as a misspelt attribute, looks like success from now on. "
            "Catch the exceptions that are expected, or log what was dropped."
        ),
        match={"kind": "except_clause", "regex": r":\s*(?:#[^\n]*\s*)*(?:pass|\.\.\.)\s*$"},
        keep=_swallows_exceptions,
        outside_tests=True,
        needs=r"\bexcept\b",
    ),
    Rule(
        id="assert-on-tuple",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This assertion can never fail",
        body=(
            "With parentheses around condition and message it asserts a tuple, and a tuple that is "
            "not empty is true. Write `assert condition, message` without the parentheses."
        ),
        match={"kind": "assert_statement", "regex": r"^assert\s*\(", "has": {"kind": "tuple"}},
        needs=r"\bassert\s*\(",
    ),
    Rule(
        id="is-with-literal",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`is` compares identity, not the value",
        body=(
            "Whether two equal strings or numbers are one object depends on the interpreter's "
            "caching, so this is true in a test and false for a value read from a file. Use `==` "
            "or `!=`."
        ),
        match={
            "kind": "comparison_operator",
            "all": [
                {"has": {"regex": r"^is(?:\s+not)?$"}},
                {
                    "has": {
                        "any": [
                            {"kind": "string"},
                            {"kind": "integer"},
                            {"kind": "float"},
                            {"kind": "tuple"},
                            {"kind": "list"},
                            {"kind": "dictionary"},
                        ]
                    }
                },
            ],
        },
        needs=r"\bis\b",
    ),
    Rule(
        id="money-compared-as-float",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Money is compared with a binary fraction",
        body=(
            "`0.1 + 0.2 == 0.3` is false in binary floating point, so an amount that was computed "
            "misses this comparison by a fraction of a cent. Use `decimal.Decimal` or whole cents."
        ),
        match={
            "kind": "comparison_operator",
            "all": [
                {"has": {"regex": "^[=!]=$"}},
                {"has": {"kind": "float", "regex": r"\.\d*[1-9]"}},
            ],
        },
        keep=_is_money,
        outside_tests=True,
        needs=r"[=!]=",
    ),
    Rule(
        id="naive-utc",
        severity=Severity.NIT,
        category=Category.BUG,
        title="This time carries no time zone",
        body=(
            "`utcnow` and `utcfromtimestamp` give a naive value, which `timestamp()` and "
            "comparisons with aware values take for local time or refuse. Use "
            "`datetime.now(timezone.utc)`."
        ),
        match=called(r"(?:datetime\.)?datetime\.(?:utcnow|utcfromtimestamp)"),
        needs=r"\.utc(?:now|fromtimestamp)\b",
    ),
    Rule(
        id="blocking-in-async",
        severity=Severity.IMPORTANT,
        category=Category.PERFORMANCE,
        title="A blocking call stops the whole event loop",
        body=(
            "While it waits, no other task of the process runs: one slow answer stalls every "
            "request. Use the awaitable twin (`asyncio.sleep`, an async HTTP client), or "
            "`asyncio.to_thread`."
        ),
        match=called(
            r"time\.sleep|requests\.(?:get|post|put|patch|delete|head|request)"
            r"|httpx\.(?:get|post|put|patch|delete|head|request)|urllib\.request\.urlopen"
        ),
        keep=_runs_on_the_loop,
        needs=r"\basync\s+def\b",
    ),
    Rule(
        id="coroutine-not-awaited",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The coroutine is created but never runs",
        body=(
            "Calling an `async def` only makes a coroutine; without `await` its body is never "
            "entered and its errors never surface. Await it, or keep the task of "
            "`asyncio.create_task`."
        ),
        match={"kind": "expression_statement", "has": {"kind": "call", "nthChild": 1}},
        keep=_is_awaitable_here,
        needs=r"\basync\s+def\b",
    ),
    Rule(
        id="changed-while-walked",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The collection changes while the loop walks over it",
        body=(
            "Removing an item shifts the rest, so a list skips the next one, and a dictionary or "
            "set raises `RuntimeError`. Loop over a copy, or build a new collection."
        ),
        match={
            "kind": "call",
            "has": {
                "field": "function",
                "regex": r"^[\w.]+\.(?:remove|pop|insert|add|discard|clear|popitem)$",
            },
            "inside": {"kind": "for_statement", "stopBy": "end"},
        },
        keep=_changes_what_it_walks,
        needs=r"\.(?:remove|pop|insert|add|discard|clear|popitem)\(",
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
                "kind": "call",
                "nthChild": 1,
                "has": {
                    "field": "function",
                    "regex": r"^[\w.]+\.(?:strip|lstrip|rstrip|upper|lower|title|casefold|zfill)$",
                },
            },
        },
        needs=r"\.(?:strip|lstrip|rstrip|upper|lower|title|casefold|zfill)\(",
    ),
)
