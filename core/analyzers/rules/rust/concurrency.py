"""Rust that blocks, deadlocks, or lets go of a lock too early."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import Rule, called, field_text, last_name
from core.analyzers.rules.rust.nodes import CALL, is_async, runs_on_executor, scope_around
from core.models import Category, Severity

_UNWRAPPED = r"\s*\.(?:unwrap\(\)|expect\([^()]*\))"
"""Follows the lock of the standard library, which tells whether a holder panicked."""


def _is_held_while_waiting(declaration: SgNode) -> bool:
    """Tell whether the same function awaits before the guard is dropped."""
    scope = scope_around(declaration)
    name = field_text(declaration, "pattern").removeprefix("mut ").strip()
    if scope is None or not is_async(scope) or not re.fullmatch(r"\w+", name) or name == "_":
        return False
    for statement in declaration.next_all():
        if re.match(rf"(?:\w+::)*drop\(\s*{name}\s*\)", statement.text()):
            return False
        for waiting in statement.find_all(kind="await_expression"):
            around = scope_around(waiting)
            if around is not None and around.range().start == scope.range().start:
                return not re.search(rf"\bdrop\(\s*{name}\s*\)", statement.text())
    return False


def _locks_again_inside(expression: SgNode) -> bool:
    """Tell whether the arms take the lock that the value under `match` still holds."""
    if expression.kind() == "match_expression":
        taken, body = field_text(expression, "value"), field_text(expression, "body")
    else:
        condition = expression.field("condition")
        if condition is None or condition.kind() != "let_condition":
            return False
        taken = field_text(condition, "value")
        body = field_text(expression, "consequence") or field_text(expression, "body")
    held = re.match(r"[&*\s]*([\w.:]+\.(?:lock|write)\(\))", taken)
    kept = re.search(r"\.(?:cloned|copied|clone|to_owned|is_\w+|len)\(\)$|^\*", taken) is None
    return held is not None and kept and held[1] in body


def _is_never_polled(declaration: SgNode) -> bool:
    """Tell whether the called name is an `async fn` of this file and nothing else."""
    call = declaration.field("value")
    function = field_text(call, "function") if call else ""
    if not re.fullmatch(r"(?:self\.|Self::)?\w+", function):
        return False
    root = declaration.get_root().root()
    found = root.find_all(
        kind="function_item", has={"field": "name", "regex": f"^{last_name(function)}$"}
    )
    return bool(found) and all(is_async(definition) for definition in found)


RULES: tuple[Rule, ...] = (
    Rule(
        id="guard-dropped-at-once",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The lock is let go on the same line",
        body=(
            "`_` binds nothing, so the guard is dropped at once and the lines below run without "
            "it. Bind it to a name, `let _guard = …`, which lives to the end of the block."
        ),
        match={
            "kind": "let_declaration",
            "all": [
                {"has": {"field": "pattern", "regex": "^_$"}},
                {
                    "has": {
                        "field": "value",
                        "regex": rf"\.(?:lock|enter|entered)\(\)(?:{_UNWRAPPED}|\s*\.await|\?)?$",
                    }
                },
            ],
        },
        needs=r"let\s+_\s*=",
    ),
    Rule(
        id="lock-held-while-waiting",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A blocking lock is held across an `.await`",
        body=(
            "While this task waits, every other that wants the lock blocks its whole thread, and "
            "if the one it waits for is among them, nothing goes on. Close the block before the "
            "`.await`, or use `tokio::sync::Mutex`."
        ),
        match={
            "kind": "let_declaration",
            "has": {
                "field": "value",
                "regex": rf"\.(?:lock|read|write)\(\){_UNWRAPPED}$",
            },
        },
        keep=_is_held_while_waiting,
        outside_tests=True,
        needs=r"\.await\b",
    ),
    Rule(
        id="locked-twice",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This locks what is locked already, and waits for ever",
        body=(
            "The guard in the value under `match`, `if let` or `while let` lives until the end of "
            "the whole expression, and the body asks for the same lock. Take what is needed into a "
            "variable on a line of its own first."
        ),
        match={
            "any": [
                {"kind": kind} for kind in ("match_expression", "if_expression", "while_expression")
            ],
            "regex": r"\.(?:lock|write)\(\)",
        },
        keep=_locks_again_inside,
        needs=r"\.(?:lock|write)\(\)",
    ),
    Rule(
        id="blocking-in-async",
        severity=Severity.IMPORTANT,
        category=Category.PERFORMANCE,
        title="A blocking call stops a thread of the executor",
        body=(
            "While it waits, no other task of that thread runs; a few of them stall the service. "
            "Use the awaitable twin, such as `tokio::time::sleep`, or `spawn_blocking`."
        ),
        match=called(r"(?:std::)?thread::sleep|reqwest::blocking::(?:\w+(?:::\w+)*)", CALL),
        keep=runs_on_executor,
        outside_tests=True,
        needs=r"thread::sleep|reqwest::blocking",
    ),
    Rule(
        id="future-not-awaited",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The future is dropped before it runs",
        body=(
            "Calling an `async fn` does nothing until it is awaited, and `let _ =` silences the "
            "compiler's warning. Await it, or give it to `tokio::spawn`."
        ),
        match={
            "kind": "let_declaration",
            "all": [
                {"has": {"field": "pattern", "regex": "^_$"}},
                {"has": {"field": "value", "kind": CALL}},
            ],
        },
        keep=_is_never_polled,
        needs=r"async\s+fn",
    ),
)
