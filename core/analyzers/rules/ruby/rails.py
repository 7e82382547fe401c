"""Rails controllers, models and views that trust what a visitor sent."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.interpolation import is_put_together, values_in
from core.analyzers.rules.ruby.nodes import FUNCTIONS, comes_from_request, first_argument, invoked
from core.analyzers.rules.rule import Rule, children_of, enclosing, field_text
from core.models import Category, Severity

_MARKUP_MADE_SAFE = re.compile(
    r"^(?:I18n|tag|view|helpers?)\.|ERB::Util|CGI\.escape|escape|sanitize|\.to_i\b|_path\b|_url\b"
    r"|html|markup|render|class\.|(?:^|\.)(?:id|size|count|length|to_json)$"
)


def _builds_condition(call: SgNode) -> bool:
    first = first_argument(call)
    return (
        first is not None and first.kind() in {"string", "binary"} and sql.builds_condition(first)
    )


def _is_unsafe_markup(call: SgNode) -> bool:
    """Tell whether a string with a value in it, or a visitor's value, becomes trusted markup."""
    given = call.field("receiver") or first_argument(call)
    if given is not None and given.kind() == "parenthesized_statements":
        given = next(iter(given.named_children()), None)
    if given is None:
        return False
    if given.kind() == "string" and is_put_together(given):
        return any(_is_data(value, call) for value in values_in(given))
    return comes_from_request(given) and not _MARKUP_MADE_SAFE.search(given.text())


def _is_data(value: str, call: SgNode) -> bool:
    """Tell whether a value is an attribute or a parameter; helpers give markup on purpose."""
    if _MARKUP_MADE_SAFE.search(value):
        return False
    if re.fullmatch(r"\w+", value):
        method = enclosing(call, *FUNCTIONS)
        return method is not None and bool(
            re.search(rf"\b{value}\b", field_text(method, "parameters"))
        )
    return re.fullmatch(r"@?\w+(?:&?\.\w+)+|params\[[^\]]*\]", value) is not None


def _goes_where_told(call: SgNode) -> bool:
    """Tell whether the very target of a redirect is a parameter of the request."""
    first = first_argument(call)
    target = r"params(?:\[[^\]]*\]|\.(?:fetch|require|dig)\([^)]*\))(?:\s*\|\|.*)?"
    return first is not None and re.fullmatch(target, first.text(), re.DOTALL) is not None


def _reads_given_path(call: SgNode) -> bool:
    arguments = children_of(call, "arguments")[:3]
    made_safe = r"File\.basename|sanitize|\.to_i\b|parameterize|\.tempfile|\.path\b|\.open\b"
    return any(
        argument.kind() != "pair" and re.search(r"\bparams\b", argument.text())
        for argument in arguments
    ) and not re.search(made_safe, field_text(call, "arguments"))


RULES: tuple[Rule, ...] = (
    Rule(
        id="condition-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A query's condition is built from a value",
        body=(
            "A value that contains a quote changes the statement: `' OR 1=1 --` reads rows that "
            "the caller must not see. Write `where(name: name)` or `where('name = ?', name)`."
        ),
        match=invoked(
            r"where|not|having|find_by_sql|exists\?|delete_all|update_all|count_by_sql|joins"
        ),
        keep=_builds_condition,
        outside_tests=True,
        needs=r"#\{|\+",
    ),
    Rule(
        id="html-from-value",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A value becomes markup without being escaped",
        body=(
            "`html_safe` and `raw` switch escaping off for the whole string, so a value such as "
            "`<img src=x onerror=…>` runs script in the reader's session. Use `content_tag`, "
            "`safe_join`, or `h` around the value."
        ),
        match={"any": [invoked("html_safe"), invoked("raw")]},
        keep=_is_unsafe_markup,
        outside_tests=True,
        needs=r"\bhtml_safe\b|\braw\b",
    ),
    Rule(
        id="redirect-to-parameter",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The request says where the visitor is sent",
        body=(
            "A link to this page with `?return_to=https://evil.example` leads from a trusted "
            "address to a forged sign-in. Accept paths of this site only: "
            "`url_from(params[:return_to])`, or a list of targets."
        ),
        match=invoked("redirect_to"),
        keep=_goes_where_told,
        outside_tests=True,
        needs=r"\bredirect_to\b",
    ),
    Rule(
        id="path-from-request",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The request names the file that is read or written",
        body=(
            "A value such as `../../config/master.key` leaves the folder. Look the file up by its "
            "id, or use `File.basename` and check that the expanded path starts with the folder."
        ),
        match={
            "any": [
                invoked("send_file"),
                invoked(
                    "read|open|write|delete|binread|readlines|rm|rm_rf", r"^(?:File|IO|FileUtils)$"
                ),
                invoked("join", r"^(?:Rails\.root|File)$"),
            ]
        },
        keep=_reads_given_path,
        outside_tests=True,
        needs=r"\bparams\b",
    ),
    Rule(
        id="all-parameters-permitted",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Every parameter may be written to the model",
        body=(
            "A visitor can add `user[admin]=true` to the form, and the attribute is set. List the "
            "attributes: `params.require(:user).permit(:name, :email)`."
        ),
        match=invoked(r"permit!", r"\bparams\b"),
        outside_tests=True,
        needs=r"permit!",
    ),
)
