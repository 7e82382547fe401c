"""Ruby that does not do what it says, or loses what it should keep."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.ruby.nodes import FUNCTIONS, invoked, method_around
from core.analyzers.rules.rule import Rule, enclosing, field_text
from core.models import Category, Severity

_LITERALS = ("string", "integer", "float", "true", "false", "nil", "simple_symbol")


_LEAVES_OR_WALKS_PAIRS = r"\b(?:break|return)\b|\A(?:do|\{)\s*\|\s*\(?\w+\s*,"
"""A hash may lose the pair that is being looked at; the order of an array shifts."""


def _goes_on(clause: SgNode) -> bool:
    """Tell whether a clause neither raises again nor ends the program, nor keeps the error."""
    name = clause.find(kind="exception_variable")
    kept = re.escape(name.text().lstrip("=> ").strip()) if name else "(?!)"
    leaves = (
        rf"\b(?:raise|exit!?|abort|throw|fail|_exit)\b"
        rf"|(?:=|<<|\b(?:push|new|reject|add|failure)\()\s*{kept}\b(?!\.)"
    )
    return re.search(leaves, clause.text().partition("\n")[2]) is None


def _is_silent(clause: SgNode) -> bool:
    """Tell whether a clause for every error has no body and no word why."""
    return clause.find(kind="then") is None and not _has_comment(clause)


def _has_comment(clause: SgNode) -> bool:
    following = clause.next_all()
    near = [node for node in following if node.kind() == "comment"]
    return clause.find(kind="comment") is not None or bool(near)


def _is_never_closed(assignment: SgNode) -> bool:
    """Tell whether a local file is neither closed, nor returned, nor handed on."""
    name = re.escape(field_text(assignment, "left"))
    body = method_around(assignment)
    keeps = (
        rf"\b{name}(?:&?\.close\b|&\.close\b)|\breturn\s+{name}\b|[(,\[]\s*\*?{name}\s*[,)\]]"
        rf"|=>?\s*{name}\s*$|:\s*{name}\b|\b{name}\s*\n\s*end\s*\Z|\w\s+{name}\s*(?:,|$)|<<\s*{name}"
    )
    return bool(body) and re.search(keeps, body, re.MULTILINE) is None


def _drops_the_error(statement: SgNode) -> bool:
    """Tell whether a `return` leaves the `ensure` itself, not a block inside it."""
    nearest = enclosing(statement, "ensure", "lambda", "block", "do_block", *FUNCTIONS)
    parent = statement.parent()
    asks_first = parent is not None and "$!" in parent.text().partition("\n")[0]
    return nearest is not None and nearest.kind() == "ensure" and not asks_first


def _is_changed_in_place(call: SgNode) -> bool:
    """Tell whether the file adds to a value that all missing keys share."""
    assignment = enclosing(call, "assignment")
    name = re.escape(field_text(assignment, "left")) if assignment else ""
    if not name:
        return False
    changes = (
        rf"(?<![\w@]){name}\[[^\]\n]+\](?:\s*<<"
        r"|\.(?:push|concat|append|unshift|merge!|store|add)\b|\[[^\]\n]*\]\s*[-+|]?=(?!=))"
    )
    return re.search(changes, call.get_root().root().text()) is not None


def _changes_what_it_walks(call: SgNode) -> bool:
    """Tell whether a block of `xs.each` removes from `xs`."""
    changed = field_text(call, "receiver")
    for above in call.ancestors():
        if above.kind() in FUNCTIONS:
            return False
        walks = above.kind() == "call" and re.match(
            r"(?:each|each_with_index|each_value|each_pair|map|select)$",
            field_text(above, "method"),
        )
        if walks and field_text(above, "receiver") == changed and above.field("block"):
            return not re.search(_LEAVES_OR_WALKS_PAIRS, field_text(above, "block"))
    return False


def _is_public_after_all(method: SgNode) -> bool:
    """Tell whether `private` stands before `def self.x` and nothing hides the method."""
    name = field_text(method, "name")
    body = method.parent()
    if body is None or body.kind() != "body_statement":
        return False
    hidden = False
    for before in method.prev_all():
        if before.kind() == "identifier" and before.text() in {"private", "protected", "public"}:
            hidden = before.text() == "private"
            break
    named = rf"private_class_method\b[^\n]*\b{re.escape(name)}"
    return hidden and re.search(named, body.text()) is None


RULES: tuple[Rule, ...] = (
    Rule(
        id="rescue-of-everything",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Even the signal to stop is rescued",
        body=(
            "`Exception` covers `Interrupt`, `SystemExit`, `NoMemoryError` and mistakes in the "
            "syntax of loaded files: the process cannot be stopped and goes on half done. Rescue "
            "`StandardError`, or the errors that are expected."
        ),
        match={
            "kind": "rescue",
            "has": {"kind": "exceptions", "regex": r"^(?:::)?Exception$"},
        },
        keep=_goes_on,
        outside_tests=True,
        needs=r"\brescue\s+(?:::)?Exception\b",
    ),
    Rule(
        id="failure-hidden",
        severity=Severity.NIT,
        category=Category.QUALITY,
        title="Any error is dropped without a trace",
        body=(
            "A misspelt method or a failed write looks like success from now on, and nobody will "
            "know why data is missing. Rescue the error that is expected, log it, or say in a "
            "comment why it does not matter."
        ),
        match={
            "kind": "rescue",
            "not": {"has": {"kind": "exceptions", "not": {"regex": "^StandardError$"}}},
        },
        keep=_is_silent,
        outside_tests=True,
        needs=r"\brescue\b",
    ),
    Rule(
        id="return-in-ensure",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This `return` drops the error that is on its way",
        body=(
            "Leaving `ensure` with `return` ends the exception as if it had never been raised, so "
            "the caller takes a failure for success. Move the `return` out of `ensure`."
        ),
        match={"kind": "return", "inside": {"kind": "ensure", "stopBy": "end"}},
        keep=_drops_the_error,
        needs=r"\bensure\b",
    ),
    Rule(
        id="assigned-in-condition",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The condition assigns instead of comparing",
        body=(
            "One `=` changes the variable, and with a constant on its right the branch is always "
            "the same. Use `==`."
        ),
        match={
            "any": [{"kind": kind} for kind in ("if", "unless", "while", "if_modifier")],
            "has": {
                "field": "condition",
                "kind": "assignment",
                "has": {"field": "right", "any": [{"kind": kind} for kind in _LITERALS]},
            },
        },
        needs=r"[^=!<>]=[^=~>]",
    ),
    Rule(
        id="resource-not-closed",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This file is never closed",
        body=(
            "What was written may not be on disk when the next line reads it, and each call keeps "
            "a descriptor until the collector runs. Give `File.open` a block, which closes it even "
            "after an error."
        ),
        match={
            "kind": "assignment",
            "all": [
                {"has": {"field": "left", "kind": "identifier"}},
                {
                    "has": {
                        "field": "right",
                        "kind": "call",
                        "regex": r"^(?:File|TCPSocket|UNIXSocket)\.(?:open|new)\b",
                        "not": {
                            "any": [
                                {"has": {"field": "block", "regex": "."}},
                                {"has": {"field": "arguments", "regex": r"&:?\w+\s*\)?$"}},
                            ]
                        },
                        "has": {"field": "receiver", "regex": r"^\w+$"},
                    }
                },
            ],
        },
        keep=_is_never_closed,
        outside_tests=True,
        needs=r"File\.(?:open|new)|Socket\.(?:open|new)",
    ),
    Rule(
        id="default-shared",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="All missing keys share one default value",
        body=(
            "`Hash.new([])` hands out the same array each time, so what is added for one key shows "
            "under every other, and the hash itself stays empty. Use "
            "`Hash.new { |hash, key| hash[key] = [] }`."
        ),
        match={
            **invoked("new", "^(?:::)?Hash$"),
            "has": {
                "field": "arguments",
                "regex": r"^\(\s*(?:\[\]|\{\}|Set\.new|Hash\.new|Array\.new)\s*\)$",
            },
        },
        keep=_is_changed_in_place,
        needs=r"Hash\.new\(",
    ),
    Rule(
        id="changed-while-walked",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The collection changes while the block walks over it",
        body=(
            "Removing an item shifts the rest, so an array skips the next one; adding a key to a "
            "hash raises. Use `reject!`, `delete_if`, or walk over a copy."
        ),
        match=invoked(r"delete|delete_at|shift|unshift|insert|clear"),
        keep=_changes_what_it_walks,
        needs=r"\.(?:each|map|select)",
    ),
    Rule(
        id="private-without-effect",
        severity=Severity.NIT,
        category=Category.BUG,
        title="`private` does not hide a method of the class itself",
        body=(
            "It applies to instance methods, so `def self.…` below it is public and anyone may "
            "call it. Use `private_class_method`, or define it inside `class << self`."
        ),
        match={"kind": "singleton_method", "inside": {"kind": "body_statement"}},
        keep=_is_public_after_all,
        outside_tests=True,
        needs=r"(?m)^\s*private\s*(?:#|$)",
    ),
)
