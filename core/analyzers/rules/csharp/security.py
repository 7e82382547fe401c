"""C# that trusts data, ciphers and generators which must not be trusted."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.csharp.nodes import (
    CALL,
    arguments,
    assigned_name,
    created,
    function_around,
)
from core.analyzers.rules.interpolation import is_put_together
from core.analyzers.rules.rule import UNGUESSABLE, Rule, called, enclosing, field_text
from core.models import Category, Severity

_BINDS_ITS_HOLES = r"(?:(?:FromSql|ExecuteSql)(?:Interpolated)?(?:Async)?|SqlQuery(?:<.*>)?)$"
"""Of Entity Framework: https://learn.microsoft.com/ef/core/querying/sql-queries"""

_SHELL = re.compile(r'(?i)^@?"(?:.*[\\/])?(?:cmd|(?:ba|z)?sh|powershell|pwsh)(?:\.exe)?"$')


def _builds_sql(node: SgNode) -> bool:
    call = enclosing(node, CALL)
    binds = call is not None and re.search(_BINDS_ITS_HOLES, field_text(call, "function"))
    if node.kind() == "interpolated_string_expression" and binds:
        return False
    return "FormattableString" not in _statement(node) and sql.builds_sql(node)


def _statement(node: SgNode) -> str:
    around = enclosing(node, "local_declaration_statement", "expression_statement")
    return around.text() if around else ""


def _runs_a_shell_line(node: SgNode) -> bool:
    """Judge `Process.Start("cmd", $"/c …")` and the same of `ProcessStartInfo`."""
    given = arguments(node)
    if len(given) < 2 or not re.search(
        r'(?i)^@?"(?:.*[\\/])?(?:cmd|(?:ba|z)?sh|powershell|pwsh)(?:\.exe)?"$', given[0].text()
    ):
        return False
    return is_put_together(given[1])


def _hashes_a_password(call: SgNode) -> bool:
    return re.search(r"(?i)passw(?:or)?d|passphrase", field_text(call, "arguments")) is not None


def _is_fast_hash(call: SgNode) -> bool:
    """Tell whether `hasher.ComputeHash(password)` stands in a method that makes a fast hasher."""
    if not _hashes_a_password(call):
        return False
    fast = r"\b(?:MD5|SHA1|SHA256|SHA512|SHA384)(?:Managed|CryptoServiceProvider)?\b"
    slow = r"Rfc2898|Pbkdf2|Argon2|BCrypt|HMAC"
    around = function_around(call)
    return re.search(fast, around) is not None and re.search(slow, around) is None


def _makes_a_secret(node: SgNode) -> bool:
    return re.search(UNGUESSABLE, assigned_name(node)) is not None


def _is_unrestricted(node: SgNode) -> bool:
    return re.search(r"\b(?:SerializationBinder|Binder)\b", node.get_root().root().text()) is None


def _follows_entities(node: SgNode) -> bool:
    around = function_around(node)
    return re.search(r"XmlResolver\s*=\s*null|MaxCharactersFromEntities", around) is None


RULES: tuple[Rule, ...] = (
    Rule(
        id="sql-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title=sql.TITLE,
        body=sql.BODY,
        match={
            "any": [
                {"kind": "interpolated_string_expression", "has": {"kind": "interpolation"}},
                {"kind": "binary_expression", "has": {"regex": r"^\+$"}},
                called(r"[Ss]tring\.Format", CALL),
            ]
        },
        keep=_builds_sql,
        outside_tests=True,
        needs=sql.NEEDS,
    ),
    Rule(
        id="shell-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A shell interprets a value that is put into its command",
        body=(
            "A value such as `x & curl evil` becomes a second command. Start the program itself "
            "and add each argument to `ProcessStartInfo.ArgumentList`, which involves no shell."
        ),
        match={"any": [called(r"(?:[\w.]+\.)?Process\.Start", CALL), created("ProcessStartInfo")]},
        keep=_runs_a_shell_line,
        outside_tests=True,
        needs=r"Process",
    ),
    Rule(
        id="object-deserialised",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Serialised data runs code while it is read",
        body=(
            "The stream names the types to create, and known chains of them end in a command; "
            "these formatters cannot be made safe. Use `System.Text.Json` or "
            "`DataContractSerializer` with known types."
        ),
        match=created("BinaryFormatter|NetDataContractSerializer|LosFormatter|SoapFormatter"),
        outside_tests=True,
        needs=r"BinaryFormatter|NetDataContractSerializer|LosFormatter|SoapFormatter",
    ),
    Rule(
        id="type-named-by-json",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The document says which types are created",
        body=(
            "With `TypeNameHandling`, a `$type` in the JSON creates any class of the process, and "
            "known ones run a command. Leave it at `None`, or give a `SerializationBinder` that "
            "lists the allowed types."
        ),
        match={
            "kind": "assignment_expression",
            "regex": r"\bTypeNameHandling\s*=\s*(?:[\w.]+\.)?"
            r"TypeNameHandling\.(?:All|Auto|Objects|Arrays)$",
        },
        keep=_is_unrestricted,
        outside_tests=True,
        needs=r"TypeNameHandling",
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read what is sent and change the "
            "reply. For a private authority add its certificate to the trusted roots, and leave "
            "verification on."
        ),
        match={
            "any": [
                {
                    "kind": "assignment_expression",
                    "all": [
                        {
                            "has": {
                                "field": "left",
                                "regex": r"(?:ServerCertificate(?:Custom)?Validation"
                                r"|RemoteCertificateValidation)Callback$",
                            }
                        },
                        {
                            "has": {
                                "field": "right",
                                "regex": r"=>\s*true$|=>\s*\{\s*return\s+true;\s*\}$"
                                r"|^delegate\s*(?:\([^)]*\))?\s*\{\s*return\s+true;\s*\}$",
                            }
                        },
                    ],
                },
                {
                    "kind": "member_access_expression",
                    "regex": r"^HttpClientHandler\.DangerousAcceptAnyServerCertificateValidator$",
                },
            ]
        },
        outside_tests=True,
        needs=r"CertificateValidationCallback|CertificateCustomValidation|DangerousAcceptAny",
    ),
    Rule(
        id="weak-password-hash",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A fast hash protects a password",
        body=(
            "Graphics cards try billions of these hashes a second, so a stolen table gives the "
            "passwords back within hours. Use `PasswordHasher`, `Rfc2898DeriveBytes.Pbkdf2` with "
            "many rounds, or Argon2."
        ),
        match={
            "any": [
                called(r"(?:[\w.]+\.)?(?:MD5|SHA1|SHA256|SHA384|SHA512)\.HashData", CALL),
                called(r"(?s).+\.ComputeHash", CALL),
            ]
        },
        keep=_is_fast_hash,
        outside_tests=True,
        needs=r"HashData|ComputeHash",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "`Random` is made for games and tests: a few outputs, or the time it was seeded with, "
            "give away the next ones. Use `RandomNumberGenerator.GetBytes` or `GetHexString`."
        ),
        match={"any": [created("Random"), called(r"(?:[\w.]+\.)?Random\.Shared\.\w+", CALL)]},
        keep=_makes_a_secret,
        outside_tests=True,
        needs=r"\bRandom\b",
    ),
    Rule(
        id="weak-cipher",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="This cipher does not hide the data",
        body=(
            "DES and RC2 are broken, and ECB encrypts equal blocks equally, so patterns show and "
            "blocks can be exchanged. Use `AesGcm` with a fresh nonce for each message."
        ),
        match={
            "any": [
                called(r"(?:[\w.]+\.)?(?:DES|TripleDES|RC2)\.Create", CALL),
                created("(?:DES|TripleDES|RC2)CryptoServiceProvider"),
                {"kind": "assignment_expression", "regex": r"\bMode\s*=\s*CipherMode\.ECB$"},
            ]
        },
        outside_tests=True,
        needs=r"DES|RC2|CipherMode\.ECB",
    ),
    Rule(
        id="xml-external-entities",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The XML parser expands entities of the document",
        body=(
            'A document with `<!ENTITY x SYSTEM "file:///etc/passwd">` reads files and calls '
            "addresses inside the network; nested entities fill the memory. Use "
            "`DtdProcessing.Prohibit`, or set `XmlResolver` to `null`."
        ),
        match={
            "kind": "assignment_expression",
            "regex": r"\bDtdProcessing\s*=\s*(?:[\w.]+\.)?DtdProcessing\.Parse$",
        },
        keep=_follows_entities,
        outside_tests=True,
        needs=r"DtdProcessing\.Parse",
    ),
)
