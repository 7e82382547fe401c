"""C# services that trust where a request points, or whom it comes from."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.csharp.nodes import CALL, arguments, function_around
from core.analyzers.rules.rule import Rule, called, enclosing, field_text
from core.models import Category, Severity


def _goes_where_told(call: SgNode) -> bool:
    """Tell whether a redirect's target is a parameter that nobody checks to be local."""
    given = arguments(call)
    method = enclosing(call, "method_declaration")
    if not given or method is None:
        return False
    target = given[0].text()
    named = re.fullmatch(r"(?i)(?:return|redirect|next|continue)_?(?:url|uri|to|path)", target)
    is_parameter = re.search(rf"\b{re.escape(target)}\b", field_text(method, "parameters"))
    checked = r"IsLocalUrl|LocalRedirect|IsWellFormed|StartsWith|IsValid\w*|Validate\w*|Allowed"
    return bool(named and is_parameter) and not re.search(checked, method.text())


def _keeps_the_senders_name(call: SgNode) -> bool:
    """Tell whether the last part of a path is the name an upload or an archive's entry has."""
    given = [argument.text() for argument in arguments(call)]
    if not given or not re.fullmatch(r"\w+\.(?:FileName|FullName|Key)", given[-1]):
        return False
    root, around = call.get_root().root().text(), function_around(call)
    foreign = (
        r"\bIFormFile\b|\bHttpPostedFile|\bZipArchive|Form\.Files"
        if not given[-1].endswith(".Key")
        else r"\bIArchive\b|ArchiveFactory|IReader\b"
    )
    checked = r"StartsWith|GetFileName\b|Contains\(\"\.\.\"\)|GetRelativePath|Sanitize|Safe"
    return re.search(foreign, root) is not None and re.search(checked, around) is None


RULES: tuple[Rule, ...] = (
    Rule(
        id="redirect-to-parameter",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The request says where the visitor is sent",
        body=(
            "A link to this page with `?returnUrl=https://evil.example` leads from a trusted "
            "address to a forged sign-in. Use `LocalRedirect`, or check `Url.IsLocalUrl` first."
        ),
        match=called(r"(?:this\.|Response\.)?Redirect", CALL),
        keep=_goes_where_told,
        outside_tests=True,
        needs=r"\bRedirect\(",
    ),
    Rule(
        id="path-from-sender",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The sender names the file that is written",
        body=(
            "`Path.Combine` follows `..` and drops the folder for an absolute name, so "
            "`../../web.config` is replaced. Use `Path.GetFileName`, or a name of your own, and "
            "check that the full path starts with the folder."
        ),
        match=called(r"(?:[\w.]+\.)?Path\.(?:Combine|Join)", CALL),
        keep=_keeps_the_senders_name,
        outside_tests=True,
        needs=r"Path\.(?:Combine|Join)",
    ),
    Rule(
        id="cors-for-everyone",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Every website may call this with the visitor's cookies",
        body=(
            "Accepting any origin together with credentials lets a hostile page read a signed-in "
            "visitor's data. List the origins that are trusted with `WithOrigins`."
        ),
        match={
            **called(r"(?s).*\.SetIsOriginAllowed\(\s*\(?\s*\w+\s*\)?\s*=>\s*true\s*\).*", CALL),
            "regex": r"\bAllowCredentials\(\)$",
        },
        outside_tests=True,
        needs=r"SetIsOriginAllowed",
    ),
    Rule(
        id="jwt-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The token's signature is not checked",
        body=(
            "Without the signature anyone can write a token that claims to be any user. Set "
            "`IssuerSigningKey` and leave the checks of the signature on."
        ),
        match={
            "kind": "assignment_expression",
            "any": [
                {"regex": r"^(?:\w+\.)*RequireSignedTokens\s*=\s*false$"},
                {
                    "regex": r"^(?:\w+\.)*SignatureValidator\s*="
                    r".*=>\s*new\s+(?:JwtSecurityToken|JsonWebToken)\("
                },
            ],
        },
        outside_tests=True,
        needs=r"RequireSignedTokens|SignatureValidator",
    ),
)
