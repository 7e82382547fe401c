"""C# that blocks where it should wait, or lets an error escape from a task."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.csharp.nodes import CALL, is_async
from core.analyzers.rules.rule import Rule, called, field_text
from core.models import Category, Severity

_HANDLER = r"EventArgs\b|\bobject\??\s+\w+|\bActionEvent\b|\bargs\b"
_CALLED_BY_FRAMEWORK = (
    r"On[A-Z]|Handle|.*_|.*(?:Handler|Clicked|Click|Changed|Callback)$|(?:Start|Awake|Update|Main)$"
)
_TASK = r"Async(?:<[^()]*>)?\([^;]*\)"
"""A call that gives a task, by the custom of the name."""


def _ends_the_process(method: SgNode) -> bool:
    """Leave event handlers and overrides alone, which have to return nothing."""
    head = method.text().partition("(")[0]
    if re.search(r"\boverride\b|\.\w+$", head):
        return False
    handles = re.search(_HANDLER, field_text(method, "parameters"))
    return not handles and not re.match(_CALLED_BY_FRAMEWORK, field_text(method, "name"))


RULES: tuple[Rule, ...] = (
    Rule(
        id="async-void",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Nobody can await this method or catch its error",
        body=(
            "An exception in an `async void` method is thrown where no caller can catch it and "
            "ends the process, and callers go on before it is done. Return `Task`."
        ),
        match={
            "any": [{"kind": "method_declaration"}, {"kind": "local_function_statement"}],
            "all": [
                {"has": {"kind": "modifier", "regex": "^async$"}},
                {"has": {"kind": "predefined_type", "regex": "^void$"}},
            ],
        },
        keep=_ends_the_process,
        outside_tests=True,
        needs=r"\basync\b[^;{}\n]*\bvoid\b",
    ),
    Rule(
        id="blocked-on-task",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="An asynchronous method blocks its thread on a task",
        body=(
            "Under load the pool runs out of threads that could finish the task, and where there "
            "is a context to return to, the two wait for each other for ever. Use `await`."
        ),
        match={
            "any": [
                {
                    "kind": "member_access_expression",
                    "regex": rf"{_TASK}\.Result$",
                },
                called(rf"(?s).*{_TASK}\.(?:Wait|GetAwaiter\(\)\.GetResult)", CALL),
            ]
        },
        keep=is_async,
        outside_tests=True,
        needs=r"\.Result\b|\.Wait\(|\.GetResult\(",
    ),
    Rule(
        id="sleep-in-async",
        severity=Severity.IMPORTANT,
        category=Category.PERFORMANCE,
        title="An asynchronous method puts its thread to sleep",
        body=(
            "The thread of the pool serves no other request while it sleeps; a few of them stall "
            "the service. Use `await Task.Delay`."
        ),
        match=called(r"(?:System\.Threading\.)?Thread\.Sleep", CALL),
        keep=is_async,
        outside_tests=True,
        needs=r"Thread\.Sleep",
    ),
    Rule(
        id="lock-in-public",
        severity=Severity.NIT,
        category=Category.BUG,
        title="Others can take this lock as well",
        body=(
            "Any code that sees the instance, the type or the same literal can lock it, so two "
            "parts that know nothing of each other wait for one another. Lock a private "
            "`readonly` object."
        ),
        match={
            "kind": "lock_statement",
            "regex": r"^lock\s*\(\s*(?:this|typeof\s*\([^)]*\)|\"[^\"]*\")\s*\)",
        },
        outside_tests=True,
        needs=r"\block\s*\(",
    ),
)
