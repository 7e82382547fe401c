"""Java that does not do what it says, or loses what it should keep."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.java.nodes import CALL, invoked, method_around
from core.analyzers.rules.rule import Rule, enclosing, field_text, mentions
from core.models import Category, Severity

_CLOSEABLE = (
    r"(?:File(?:Input|Output)Stream|FileReader|FileWriter|RandomAccessFile|Socket|ServerSocket"
    r"|BufferedReader|BufferedWriter|PrintWriter|Scanner|ZipFile|JarFile)"
)
_ANY_FAILURE = r"\b(?:Exception|Throwable|RuntimeException|Error)\b"


def _caught(clause: SgNode) -> str:
    parameter = clause.find(kind="catch_formal_parameter")
    return parameter.text() if parameter else ""


def _is_meant(clause: SgNode) -> bool:
    return re.search(r"\b(?:ignored?|expected|unused|_)$", _caught(clause)) is not None


def _hides_any_failure(clause: SgNode) -> bool:
    return not _is_meant(clause) and re.search(_ANY_FAILURE, _caught(clause)) is not None


def _hides_one_failure(clause: SgNode) -> bool:
    return not _is_meant(clause) and re.search(_ANY_FAILURE, _caught(clause)) is None


def _keeps_the_interrupt(clause: SgNode) -> bool:
    return mentions(clause.field("body"), r"\.interrupt\(\)|\bthrow\b")


def _loses_the_interrupt(clause: SgNode) -> bool:
    return "InterruptedException" in _caught(clause) and not _keeps_the_interrupt(clause)


def _is_never_closed(declarator: SgNode) -> bool:
    """Tell whether a resource is neither closed, nor returned, nor handed on."""
    name = re.escape(field_text(declarator, "name"))
    keeps = rf"\b{name}\.close\(|\breturn\s+{name}\s*;|[(,]\s*{name}\s*[,)]|=\s*{name}\s*;"
    return not re.search(keeps, method_around(declarator))


def _has_no_hash_code(method: SgNode) -> bool:
    body = enclosing(method, "class_body", "enum_body", "record_declaration")
    return body is not None and not mentions(body, r"\bhashCode\s*\(\s*\)")


def _is_not_null_check(comparison: SgNode) -> bool:
    return all(child.kind() != "null_literal" for child in comparison.named_children())


RULES: tuple[Rule, ...] = (
    Rule(
        id="string-identity",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`==` compares references, not the text",
        body=(
            "It is true for literals, which share one object, and false for the same text from a "
            'request or a file. Use `"text".equals(value)`.'
        ),
        match={
            "kind": "binary_expression",
            "all": [{"has": {"regex": "^[!=]=$"}}, {"has": {"kind": "string_literal"}}],
        },
        keep=_is_not_null_check,
        needs=r"[=!]=",
    ),
    Rule(
        id="any-failure-hidden",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Every failure is swallowed",
        body=(
            "A null pointer or a failed write looks like success from now on, and nothing is "
            "logged. Catch what is expected here, and log or rethrow the rest."
        ),
        match={"kind": "catch_clause", "regex": r"\{\s*\}$"},
        keep=_hides_any_failure,
        outside_tests=True,
        needs=r"\bcatch\b",
    ),
    Rule(
        id="failure-hidden",
        severity=Severity.NIT,
        category=Category.QUALITY,
        title="The exception is dropped without a trace",
        body=(
            "When it happens nobody will know. Handle it or log it; if nothing is to be done, name "
            "the variable `ignored` and say why."
        ),
        match={"kind": "catch_clause", "regex": r"\{\s*\}$"},
        keep=_hides_one_failure,
        outside_tests=True,
        needs=r"\bcatch\b",
    ),
    Rule(
        id="interrupt-lost",
        severity=Severity.NIT,
        category=Category.BUG,
        title="The thread forgets that it was asked to stop",
        body=(
            "Catching `InterruptedException` clears the flag, so loops and pools above never see "
            "the request and shutdown hangs. Call `Thread.currentThread().interrupt()` or rethrow."
        ),
        match={"kind": "catch_clause", "regex": "InterruptedException"},
        keep=_loses_the_interrupt,
        outside_tests=True,
        needs=r"InterruptedException",
    ),
    Rule(
        id="resource-not-closed",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This resource is never closed",
        body=(
            "Each call leaves a file or socket open until the collector happens to run, and the "
            "process ends at its limit of descriptors. Declare it in `try (…)`."
        ),
        match={
            "kind": "variable_declarator",
            "has": {
                "field": "value",
                "kind": "object_creation_expression",
                "has": {"field": "type", "regex": f"^{_CLOSEABLE}$"},
            },
            "inside": {"kind": "local_variable_declaration"},
        },
        keep=_is_never_closed,
        outside_tests=True,
        needs=r"\bnew\b",
    ),
    Rule(
        id="stack-trace-printed",
        severity=Severity.NIT,
        category=Category.QUALITY,
        title="The stack trace goes to standard error only",
        body=(
            "It carries no level, time or request, and most deployments never collect it. Pass the "
            "exception to the logger."
        ),
        match={**invoked("printStackTrace"), "has": {"field": "arguments", "regex": r"^\(\s*\)$"}},
        outside_tests=True,
        needs=r"printStackTrace",
    ),
    Rule(
        id="optional-get",
        severity=Severity.NIT,
        category=Category.BUG,
        title="An empty `Optional` throws here without saying what is missing",
        body=(
            "`get()` throws `NoSuchElementException: No value present`. Use "
            "`orElseThrow(() -> new …)` with the name of what was looked for, or handle the empty "
            "case."
        ),
        match={
            **invoked(
                "get",
                r"\.(?:findFirst|findAny|findById|findOne|reduce)\([^()]*(?:\([^()]*\)[^()]*)*\)$",
            ),
            "has": {"field": "arguments", "regex": r"^\(\s*\)$"},
        },
        outside_tests=True,
        needs=r"\.get\s*\(",
    ),
    Rule(
        id="decimal-from-double",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The decimal starts from a binary fraction",
        body=(
            "`new BigDecimal(0.1)` is 0.1000000000000000055…, so sums and comparisons are off. Use "
            '`new BigDecimal("0.1")` or `BigDecimal.valueOf(0.1)`.'
        ),
        match={
            "kind": "object_creation_expression",
            "regex": r"^new (?:java\.math\.)?BigDecimal\(\s*-?[\d_]*\.\d*[1-9]\d*[dDfF]?\s*\)",
        },
        needs=r"BigDecimal",
    ),
    Rule(
        id="date-format-shared",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Threads share a `SimpleDateFormat`",
        body=(
            "It keeps the date under work in a field, so two threads that format at once give each "
            "other's dates or throw. Use `DateTimeFormatter`, which is immutable."
        ),
        match={
            "kind": "field_declaration",
            "all": [
                {"has": {"kind": "modifiers", "regex": r"\bstatic\b"}},
                {"has": {"field": "type", "regex": r"^(?:SimpleDateFormat|DateFormat)$"}},
            ],
        },
        needs=r"DateFormat\b",
    ),
    Rule(
        id="equals-without-hash-code",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`equals` without `hashCode` breaks sets and maps",
        body=(
            "Two equal objects have different hashes, so a `HashSet` keeps both and a `HashMap` "
            "does not find its key. Override `hashCode` with the same fields."
        ),
        match={
            "kind": "identifier",
            "regex": "^equals$",
            "inside": {
                "kind": "method_declaration",
                "has": {
                    "field": "parameters",
                    "regex": r"^\(\s*(?:@\w+\s+)?(?:final\s+)?Object\s+\w+\s*\)$",
                },
            },
        },
        keep=_has_no_hash_code,
        needs=r"\bequals\b",
    ),
    Rule(
        id="result-dropped",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The changed value is thrown away",
        body=(
            "Strings and decimals cannot change: the method returns a new one, and nothing keeps "
            "it, so the variable still holds the old value. Assign the result."
        ),
        match={
            "kind": "expression_statement",
            "has": {
                "kind": CALL,
                "has": {
                    "field": "name",
                    "regex": r"^(?:trim|strip|toUpperCase|toLowerCase|substring|setScale)$",
                },
            },
        },
        needs=r"\.(?:trim|strip|toUpperCase|toLowerCase|substring|setScale)\(",
    ),
)
