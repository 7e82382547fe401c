"""JavaScript and TypeScript that lose a promise, its order or its error."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.javascript.nodes import CALL, FUNCTIONS, is_async
from core.analyzers.rules.rule import Rule, enclosing, field_text, last_name
from core.models import Category, Severity


def _is_async_here(call: SgNode) -> bool:
    """Tell whether the called name is an `async` function of this file and nothing else."""
    name = field_text(call, "function")
    if not re.fullmatch(r"(?:this\.)?[\w$]+", name):
        return False
    pattern = f"^{re.escape(last_name(name))}$"
    root = call.get_root().root()
    found = [
        *root.find_all(
            any=[{"kind": "function_declaration"}, {"kind": "method_definition"}],
            has={"field": "name", "regex": pattern},
        ),
        *(
            value
            for holder in root.find_all(
                kind="variable_declarator", has={"field": "name", "regex": pattern}
            )
            if (value := holder.field("value")) is not None
        ),
    ]
    return bool(found) and all(f.kind() in FUNCTIONS and is_async(f) for f in found)


def _is_floating(statement: SgNode) -> bool:
    """Tell whether a function goes on while its own asynchronous call may fail unseen."""
    return enclosing(statement, *FUNCTIONS) is not None and _is_async_here(
        statement.named_children()[0]
    )


def _escapes_its_try(statement: SgNode) -> bool:
    """Tell whether `return f()` stands in the guarded block of a try with a catch."""
    for above in statement.ancestors():
        if above.kind() in FUNCTIONS:
            return False
        guard = above.parent()
        if guard is not None and guard.kind() == "try_statement":
            guarded = guard.field("body")
            inside = guarded is not None and guarded.range().start == above.range().start
            return (
                inside
                and guard.field("handler") is not None
                and _is_async_here(statement.named_children()[0])
            )
    return False


def _is_lone_await(loop: SgNode) -> bool:
    """Tell whether the body is one awaited call, so that nothing depends on the order."""
    body = loop.field("body")
    statements = body.named_children() if body else []
    is_for_await = any(child.kind() == "await" for child in loop.children())
    return not is_for_await and len(statements) == 1


RULES: tuple[Rule, ...] = (
    Rule(
        id="promise-floating",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Nobody waits for this asynchronous call",
        body=(
            "The function goes on, and may answer, before the call is done, and a rejection is "
            "unhandled: Node ends the process for it. Await it, or add `.catch` and mark the "
            "intent with `void`."
        ),
        match={"kind": "expression_statement", "has": {"kind": CALL, "nthChild": 1}},
        keep=_is_floating,
        outside_tests=True,
        needs=r"\basync\b",
    ),
    Rule(
        id="foreach-async",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`forEach` does not wait for its asynchronous callback",
        body=(
            "It drops the promises: the code behind it runs before any callback is done, and their "
            "errors are unhandled. Use `for … of` with `await`, or `Promise.all(items.map(…))`."
        ),
        match={
            "kind": CALL,
            "all": [
                {"has": {"field": "function", "regex": r"\.forEach$"}},
                {"has": {"field": "arguments", "regex": r"^\(\s*async\b"}},
            ],
        },
        needs=r"\.forEach\b",
    ),
    Rule(
        id="promise-async-executor",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="An error in this executor never rejects the promise",
        body=(
            "The constructor ignores what the asynchronous executor returns, so a `throw` inside "
            "leaves the promise pending for ever. Make the outer function `async` and drop the "
            "constructor."
        ),
        match={
            "kind": "new_expression",
            "all": [
                {"has": {"field": "constructor", "regex": "^Promise$"}},
                {"has": {"field": "arguments", "regex": r"^\(\s*async\b"}},
            ],
        },
        needs=r"\bPromise\s*\(",
    ),
    Rule(
        id="effect-async",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="An effect must not be asynchronous",
        body=(
            "React takes what the effect returns for its clean-up, and a promise is none: nothing "
            "is cleaned up, and state is set after the component is gone. Call an async function "
            "inside the effect and return a clean-up that cancels it."
        ),
        match={
            "kind": CALL,
            "all": [
                {"has": {"field": "function", "regex": r"^(?:React\.)?use(?:Layout)?Effect$"}},
                {"has": {"field": "arguments", "regex": r"^\(\s*async\b"}},
            ],
        },
        needs=r"use(?:Layout)?Effect",
    ),
    Rule(
        id="return-without-await-in-try",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This `catch` never sees the call's error",
        body=(
            "The promise is returned before it settles, so a rejection goes to the caller and the "
            "`catch` beside it is dead. Write `return await …`."
        ),
        match={"kind": "return_statement", "has": {"kind": CALL}},
        keep=_escapes_its_try,
        needs=r"\btry\b",
    ),
    Rule(
        id="await-in-loop",
        severity=Severity.NIT,
        category=Category.PERFORMANCE,
        title="The calls run one after another",
        body=(
            "Each iteration waits for the one before: ten calls of 200 ms take two seconds. If "
            "their order does not matter, start them together with `Promise.all`, with a bound "
            "where there may be many."
        ),
        match={
            "kind": "for_in_statement",
            "has": {
                "field": "body",
                "has": {
                    "kind": "expression_statement",
                    "has": {"kind": "await_expression", "has": {"kind": CALL}},
                },
            },
        },
        keep=_is_lone_await,
        outside_tests=True,
        needs=r"\bawait\b",
    ),
)
