"""PHP pages that trust what a visitor sent."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.interpolation import values_in
from core.analyzers.rules.php.nodes import CALL, FUNCTIONS, arguments, function
from core.analyzers.rules.rule import Rule, field_text
from core.models import Category, Severity

_SENT = r"\$_(?:GET|POST|REQUEST|COOKIE)\b"
_PATH_MADE_SAFE = (
    r"(?i)basename|realpath|in_array|intval|\(int\)|sanitize|pathinfo|array_key_exists|tmp_name"
    r"|preg_"
)
_END = (
    r"^\W*(?:exit|die|return|throw|break|continue)\b"
    r"|\b\w*(?:exit|die|terminate|shutdown|finish|redirect|stop|end|quit|abort)\w*\s*\("
)
"""Leaves the block, or calls a function whose name says that it ends the program."""
_RAW = re.compile(rf"\{{?{_SENT}\[[^\]]*\]\}}?(?:\s*\?\?.*)?", re.DOTALL)


def _prints_unescaped(node: SgNode) -> bool:
    parts = node.named_children()
    inner = parts[0] if len(parts) == 1 else None
    if inner is not None and inner.kind() == "sequence_expression":
        parts = inner.named_children()
    return any(_RAW.fullmatch(value) for part in parts for value in values_in(part))


def _reads_given_path(node: SgNode) -> bool:
    given = [node] if node.kind() != CALL else arguments(node)[:1]
    return any(
        re.search(_SENT, value.text()) and not re.search(_PATH_MADE_SAFE, value.text())
        for value in given
    )


def _fills_any_variable(node: SgNode) -> bool:
    given = arguments(node)
    if field_text(node, "function").endswith("parse_str"):
        return len(given) == 1
    return (
        bool(given)
        and re.fullmatch(_SENT, given[0].text()) is not None
        and (len(given) == 1 or "EXTR_SKIP" not in given[1].text())
    )


def _goes_where_told(call: SgNode) -> bool:
    given = arguments(call)
    made_safe = r"(?i)urlencode|in_array|intval|\(int\)|validate|wp_safe|parse_url|filter_"
    target = given[0].text() if given else ""
    begins = re.match(
        r"(?i)['\"]Location:\s*(?:['\"]\s*\.\s*|\{?)\$_(?:GET|POST|REQUEST|COOKIE)\b", target
    )
    return begins is not None and not re.search(made_safe, target)


def _goes_on(call: SgNode) -> bool:
    """Tell whether code follows a redirect of a guard: `if (!$user) { header('Location: …'); }`."""
    statement = call.parent()
    given = arguments(call)
    if statement is None or statement.kind() != "expression_statement" or not given:
        return False
    if not re.match(r"(?i)['\"]Location:", given[0].text()) or _is_ended(statement):
        return False
    block = statement.parent()
    guard = block.parent() if block else None
    if guard is None or guard.kind() != "if_statement" or guard.field("alternative") is not None:
        return False
    after = [n for n in guard.next_all() if n.is_named() and _does_something(n)]
    return bool(after) and not re.search(_END, after[0].text().partition("\n")[0])


def _is_ended(statement: SgNode) -> bool:
    return any(re.search(_END, n.text()) for n in statement.next_all() if n.is_named())


def _does_something(node: SgNode) -> bool:
    definitions = {*FUNCTIONS, "class_declaration", "comment", "php_end_tag", "empty_statement"}
    return node.kind() not in definitions


def _keeps_the_senders_name(call: SgNode) -> bool:
    given = arguments(call)
    name = r"\[['\"]name['\"]\]|getClientOriginalName"
    return len(given) > 1 and re.search(name, given[1].text()) is not None


def _builds_condition(call: SgNode) -> bool:
    given = arguments(call)
    kinds = {"encapsed_string", "binary_expression"}
    return bool(given) and given[0].kind() in kinds and sql.builds_condition(given[0])


RULES: tuple[Rule, ...] = (
    Rule(
        id="html-from-request",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="What a visitor sent becomes markup without being escaped",
        body=(
            "A link with `?q=<script>…` runs script in the session of whoever follows it. Put "
            "`htmlspecialchars` around the value."
        ),
        match={"any": [{"kind": "echo_statement"}, {"kind": "print_intrinsic"}]},
        keep=_prints_unescaped,
        outside_tests=True,
        needs=_SENT,
    ),
    Rule(
        id="path-from-request",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The request names the file that is read, written or run",
        body=(
            "A value such as `../../config.php` leaves the folder, and an included upload runs as "
            "code. Look the file up in a list, or use `basename` and check the real path."
        ),
        match={
            "any": [
                {"kind": "include_expression"},
                {"kind": "include_once_expression"},
                {"kind": "require_expression"},
                {"kind": "require_once_expression"},
                function(
                    "file_get_contents|readfile|fopen|file|unlink|file_put_contents|show_source"
                    "|highlight_file|rmdir|copy|rename"
                ),
            ]
        },
        keep=_reads_given_path,
        outside_tests=True,
        needs=_SENT,
    ),
    Rule(
        id="variables-from-request",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A visitor can set any variable of this scope",
        body=(
            "`?is_admin=1` replaces `$is_admin`. Read the values that are expected by their names; "
            "give `parse_str` an array as its second argument."
        ),
        match=function("extract|parse_str"),
        keep=_fills_any_variable,
        outside_tests=True,
        needs=r"\bextract\b|\bparse_str\b",
    ),
    Rule(
        id="redirect-to-parameter",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The request says where the visitor is sent",
        body=(
            "A link to this page with `?next=https://evil.example` leads from a trusted address to "
            "a forged sign-in. Accept paths of this site only, or look the target up in a list."
        ),
        match=function("header"),
        keep=_goes_where_told,
        outside_tests=True,
        needs=r"(?i)location:",
    ),
    Rule(
        id="redirect-goes-on",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The page goes on after the redirect that should guard it",
        body=(
            "`header` only adds a line to the answer: what follows runs, and its output is sent to "
            "whoever was turned away. Write `exit;` after it."
        ),
        match=function("header"),
        keep=_goes_on,
        outside_tests=True,
        needs=r"(?i)location:",
    ),
    Rule(
        id="upload-keeps-name",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The sender names the uploaded file",
        body=(
            "A file named `shell.php` in a folder the server runs code from takes over the site, "
            "and `..` leaves the folder. Make a name of your own and keep an extension from a list."
        ),
        match=function("move_uploaded_file"),
        keep=_keeps_the_senders_name,
        outside_tests=True,
        needs=r"move_uploaded_file",
    ),
    Rule(
        id="condition-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A query's condition is built from a value",
        body=(
            "A value that contains a quote changes the statement: `' OR 1=1 --` reads rows that "
            "the caller must not see. Write `whereRaw('name = ?', [$name])`, or `where`."
        ),
        match={
            "any": [{"kind": "member_call_expression"}, {"kind": "scoped_call_expression"}],
            "has": {
                "field": "name",
                "regex": r"^(?:(?:where|or\w+|having|select|order|group)Raw|raw|andWhere)$",
            },
        },
        keep=_builds_condition,
        outside_tests=True,
        needs=r"Raw\b|\braw\b|andWhere",
    ),
)
