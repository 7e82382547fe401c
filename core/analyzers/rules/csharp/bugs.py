"""C# that does not do what it says, or loses what it should keep."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.csharp.nodes import CALL, FUNCTIONS, LAMBDAS, created, function_around
from core.analyzers.rules.rule import Rule, enclosing, field_text
from core.models import Category, Severity

_DISPOSABLE = (
    "FileStream|StreamReader|StreamWriter|BinaryWriter|SqlConnection|SqlCommand|NpgsqlConnection"
    "|SqliteConnection|MySqlConnection|TcpClient|ZipArchive"
)


def _hides_any_failure(clause: SgNode) -> bool:
    """Tell whether a clause for every exception is empty, with no word why."""
    caught = clause.find(kind="catch_declaration")
    any_failure = caught is None or re.match(
        r"\(\s*(?:System\.)?Exception\b\s*(?!ignored|expected)\w*\s*\)", caught.text()
    )
    return bool(any_failure) and clause.find(kind="catch_filter_clause") is None


def _throws_anew(statement: SgNode) -> bool:
    """Tell whether the clause's own exception is thrown as if it had begun here."""
    clause = enclosing(statement, "catch_clause", *FUNCTIONS, *LAMBDAS)
    thrown = statement.text().removeprefix("throw").strip(" ;\n")
    caught = clause.find(kind="catch_declaration") if clause else None
    if clause is None or caught is None or clause.kind() != "catch_clause":
        return False
    name = field_text(caught, "name")
    return name == thrown and not re.search(rf"\b{re.escape(name)}\s*=(?!=)", clause.text())


def _is_never_disposed(declarator: SgNode) -> bool:
    """Tell whether a local resource is neither disposed, nor returned, nor handed on."""
    statement = enclosing(declarator, "local_declaration_statement")
    if statement is None or re.match(r"(?:await\s+)?using\b", statement.text()):
        return False
    name = re.escape(field_text(declarator, "name"))
    keeps = (
        rf"\b{name}\??\.(?:Dispose|Close)(?:Async)?\(|\breturn\s+{name}\b|\busing\s*\(\s*{name}"
        rf"|[(,{{\[]\s*{name}\s*[,)}}\]]|(?:=|=>|\?|:)\s*{name}\s*[;,)}}]"
    )
    return re.search(keeps, function_around(declarator)) is None


def _changes_what_it_walks(call: SgNode) -> bool:
    """Tell whether the loop goes on over the collection after the change."""
    loop = enclosing(call, "foreach_statement", *FUNCTIONS, *LAMBDAS)
    if loop is None or loop.kind() != "foreach_statement":
        return False
    changed = field_text(call, "function").rpartition(".")[0]
    walked = re.sub(r"\.(?:Keys|Values)$", "", field_text(loop, "right"))
    statement = enclosing(call, "expression_statement") or call
    after = [n for n in statement.next_all() if n.is_named() and n.kind() != "comment"]
    leaves = {"break_statement", "return_statement", "throw_statement"}
    return changed == walked and not any(n.kind() in leaves for n in after)


RULES: tuple[Rule, ...] = (
    Rule(
        id="any-failure-hidden",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Every failure is swallowed",
        body=(
            "A null reference or a failed write looks like success from now on, and nothing is "
            "logged. Catch what is expected here, and log or rethrow the rest; if nothing is to be "
            "done, say why in a comment."
        ),
        match={"kind": "catch_clause", "regex": r"\{\s*\}$"},
        keep=_hides_any_failure,
        outside_tests=True,
        needs=r"\bcatch\b",
    ),
    Rule(
        id="trace-lost",
        severity=Severity.NIT,
        category=Category.BUG,
        title="Throwing the caught exception anew loses where it came from",
        body=(
            "`throw ex;` resets the stack trace to this line, so the log no longer shows what "
            "failed. Write `throw;`, or wrap it: `throw new …(message, ex)`."
        ),
        match={"kind": "throw_statement", "regex": r"^throw\s+\w+\s*;$"},
        keep=_throws_anew,
        outside_tests=True,
        needs=r"\bthrow\s+\w+\s*;",
    ),
    Rule(
        id="resource-not-disposed",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This resource is never disposed",
        body=(
            "What was written may stay in its buffer, and the file or connection stays open until "
            "the collector happens to run; pools run empty under load. Declare it with `using`."
        ),
        match={
            "kind": "variable_declarator",
            "has": created(_DISPOSABLE),
            "inside": {
                "kind": "variable_declaration",
                "inside": {"kind": "local_declaration_statement"},
            },
        },
        keep=_is_never_disposed,
        outside_tests=True,
        needs=rf"new\s+(?:{_DISPOSABLE})\b",
    ),
    Rule(
        id="client-per-call",
        severity=Severity.NIT,
        category=Category.PERFORMANCE,
        title="Each call opens connections of its own and leaves them behind",
        body=(
            "A disposed `HttpClient` leaves its sockets waiting for minutes, so under load the "
            "machine runs out of ports. Share one client, or take it from `IHttpClientFactory`."
        ),
        match={
            **created("HttpClient"),
            "inside": {
                "kind": "variable_declarator",
                "inside": {
                    "kind": "variable_declaration",
                    "inside": {
                        "any": [
                            {"kind": "using_statement"},
                            {"kind": "local_declaration_statement", "regex": r"^using\b"},
                        ]
                    },
                },
            },
        },
        outside_tests=True,
        needs=r"new\s+HttpClient\b",
    ),
    Rule(
        id="changed-while-walked",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The collection changes while the loop walks over it",
        body=(
            "The next turn of `foreach` throws `InvalidOperationException`. Walk over a copy, "
            "`items.ToList()`, or use `RemoveAll`."
        ),
        match={
            "kind": CALL,
            "has": {
                "field": "function",
                "regex": r"^[\w.]+\.(?:Remove|RemoveAt|Add|Insert|Clear|RemoveAll)$",
            },
            "inside": {"kind": "foreach_statement", "stopBy": "end"},
        },
        keep=_changes_what_it_walks,
        needs=r"\bforeach\b",
    ),
)
