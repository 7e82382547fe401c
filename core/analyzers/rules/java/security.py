"""Java that lets a stranger do more than they may."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.java.nodes import invoked, method_around, method_name
from core.analyzers.rules.rule import (
    UNGUESSABLE,
    Rule,
    children_of,
    enclosing,
    field_text,
    mentions,
)
from core.models import Category, Severity


def _runs_text_made_of_parts(call: SgNode) -> bool:
    return any(
        argument.kind() == "binary_expression" and argument.find(kind="identifier") is not None
        for argument in children_of(call, "arguments")
    )


def _hashes_a_password(call: SgNode) -> bool:
    return re.search(r"(?i)passw(?:or)?d", method_around(call)) is not None


def _makes_a_secret(node: SgNode) -> bool:
    holder = enclosing(node, "variable_declarator", "assignment_expression")
    name = field_text(holder, "name") or field_text(holder, "left") if holder else ""
    return any(re.search(UNGUESSABLE, text) for text in (name, method_name(node)))


def _reads_unfiltered(node: SgNode) -> bool:
    return not re.search(r"setObjectInputFilter|ValidatingObjectInputStream", method_around(node))


def _reads_external_entities(call: SgNode) -> bool:
    hardened = r"setFeature|setProperty|setAttribute|ACCESS_EXTERNAL|setExpandEntityReferences"
    return not re.search(hardened, method_around(call))


def _accepts_every_certificate(method: SgNode) -> bool:
    return mentions(method.field("body"), r"^\{\s*(?://[^\n]*\s*)*\}$")


RULES: tuple[Rule, ...] = (
    Rule(
        id="sql-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title=sql.TITLE,
        body=sql.BODY,
        match={
            "any": [
                {"kind": "binary_expression", "has": {"regex": r"^\+$"}},
                invoked("format", "^String$"),
            ]
        },
        keep=sql.builds_sql,
        outside_tests=True,
        needs=sql.NEEDS,
    ),
    Rule(
        id="command-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A value is put into a command line",
        body=(
            "`exec(String)` splits the line at blanks, so a value with a blank adds arguments of "
            "its own, and behind `sh -c` whole commands. Pass the program and each argument as "
            "elements of an array or of a `ProcessBuilder`."
        ),
        match={
            "any": [
                invoked("exec", r"getRuntime\(\)$|^(?:rt|runtime)$"),
                {
                    "kind": "object_creation_expression",
                    "regex": r"^new ProcessBuilder\(\s*\"(?:/bin/)?(?:ba)?sh\"\s*,\s*\"-c\"",
                },
            ]
        },
        keep=_runs_text_made_of_parts,
        outside_tests=True,
        needs=r"\bexec\b|ProcessBuilder",
    ),
    Rule(
        id="weak-password-hash",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A fast hash protects a password",
        body=(
            "Graphics cards try billions of these hashes a second, so a stolen table gives the "
            "passwords back within hours. Use bcrypt, scrypt or Argon2 with a salt for each "
            "password."
        ),
        match={
            **invoked("getInstance", "^MessageDigest$"),
            "has": {"field": "arguments", "regex": r"(?i)\"(?:MD5|SHA-?1|SHA-?256|SHA-?512)\""},
        },
        keep=_hashes_a_password,
        outside_tests=True,
        needs=r"MessageDigest",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "`Random` has 48 bits of state, which two outputs give away, and with it every later "
            "token. Use `SecureRandom`."
        ),
        match={
            "any": [
                {"kind": "object_creation_expression", "regex": r"^new (?:java\.util\.)?Random\("},
                invoked("random", "^Math$"),
                invoked("current", "^ThreadLocalRandom$"),
            ]
        },
        keep=_makes_a_secret,
        outside_tests=True,
        needs=r"Random\b|Math\.random",
    ),
    Rule(
        id="object-deserialised",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Serialised objects from outside run code while they are read",
        body=(
            "The stream names the classes to create, and known chains of library classes end in a "
            "command. Use JSON, or set an `ObjectInputFilter` that lists the allowed classes."
        ),
        match={
            "kind": "object_creation_expression",
            "has": {"field": "type", "regex": r"^(?:java\.io\.)?ObjectInputStream$"},
        },
        keep=_reads_unfiltered,
        outside_tests=True,
        needs=r"ObjectInputStream",
    ),
    Rule(
        id="xml-external-entities",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The XML parser follows external entities",
        body=(
            'A document with `<!ENTITY x SYSTEM "file:///etc/passwd">` reads files and calls '
            "addresses inside the network. Set the feature `disallow-doctype-decl` to true before "
            "parsing."
        ),
        match=invoked(
            "newInstance|newFactory|newDefaultFactory",
            "^(?:DocumentBuilderFactory|SAXParserFactory|XMLInputFactory)$",
        ),
        keep=_reads_external_entities,
        outside_tests=True,
        needs=r"DocumentBuilderFactory|SAXParserFactory|XMLInputFactory",
    ),
    Rule(
        id="weak-cipher",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="This cipher does not hide the data",
        body=(
            "DES and RC4 are broken, and ECB, which a bare `AES` means, encrypts equal blocks "
            "equally, so patterns show and blocks can be exchanged. Use `AES/GCM/NoPadding` with a "
            "fresh nonce for each message."
        ),
        match={
            **invoked("getInstance", "^Cipher$"),
            "has": {
                "field": "arguments",
                "regex": r"(?i)^\(\s*\"(?:DES(?:ede)?|RC4|RC2|Blowfish|AES)(?:/ECB/\w+)?\"",
            },
        },
        outside_tests=True,
        needs=r"Cipher\b",
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Every certificate is accepted",
        body=(
            "A check that does nothing accepts anyone who answers in the server's place, so what "
            "is sent can be read and changed on the way. Load the private authority into a trust "
            "store instead."
        ),
        match={
            "kind": "method_declaration",
            "has": {"field": "name", "regex": "^checkServerTrusted$"},
        },
        keep=_accepts_every_certificate,
        outside_tests=True,
        needs=r"checkServerTrusted",
    ),
)
