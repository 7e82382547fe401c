"""Shell that trusts what it downloads, or shows what it should hide."""

import itertools
import re

from ast_grep_py import SgNode

from core.analyzers.rules.bash.nodes import arguments, command, has_flag, name_of, words
from core.analyzers.rules.rule import Rule, enclosing
from core.models import Category, Severity

_SHELLS = re.compile(r"(?:ba|da|z|k)?sh$|python[\d.]*$|perl$|ruby$|node$|php$")
_HERE = re.compile(r"localhost|127\.0\.0\.1|\[::1\]|169\.254\.169\.254|\$\{?(?:LOCAL|TEST)\w*")
_HIDDEN = r"(?i)\$\{?\w*(?:passw(?:or)?d|passphrase|secret|token|api_?key|private_key)\w*\}?"


def _downloads(node: SgNode) -> bool:
    return node.kind() == "command" and name_of(node) in {"curl", "wget"}


def _runs_what_comes(pipeline: SgNode) -> bool:
    """Judge `curl … | sh`; an interpreter with a program of its own reads data instead."""
    parts = [part for part in pipeline.named_children() if part.kind() == "command"]
    if len(parts) < 2 or not _downloads(parts[0]) or _HERE.search(parts[0].text()):
        return False
    last = words(parts[-1])
    own_program = len(last) > 1 and not re.match(r"-s?$|-[sxe]+$|--$", last[1].text())
    return bool(last) and bool(_SHELLS.match(last[0].text().rpartition("/")[2])) and not own_program


def _runs_substituted(node: SgNode) -> bool:
    """Judge `bash <(curl …)`, `bash -c "$(curl …)"` and `source <(curl …)`."""
    name = name_of(node)
    if not (_SHELLS.match(name) or name in {"source", ".", "eval"}):
        return False
    inside = node.find_all(any=[{"kind": "process_substitution"}, {"kind": "command_substitution"}])
    first = [part.named_children()[0] for part in inside if part.named_children()]
    return any(_downloads(part) and not _HERE.search(part.text()) for part in first)


def _skips_the_check(node: SgNode) -> bool:
    if _HERE.search(node.text()):
        return False
    if name_of(node) == "curl":
        return has_flag(node, "k", "--insecure")
    return name_of(node) == "wget" and "--no-check-certificate" in node.text()


def _shows_a_secret(node: SgNode) -> bool:
    """Tell whether `echo` prints a secret among words, where the log of a run keeps it."""
    given = [argument.text() for argument in arguments(node)]
    text = " ".join(given)
    shown = re.search(_HIDDEN, text) is not None and re.search(r"[A-Za-z]{3}.*[:=\s]\S*\$", text)
    hidden = enclosing(node, "command_substitution", "pipeline", "redirected_statement")
    escaped = re.search(r"\\\$|'[^']*\$[^']*'", text)
    return bool(shown) and hidden is None and not escaped


def _is_given_a_secret(node: SgNode) -> bool:
    """Tell whether a client gets its password as an argument."""
    texts = [argument.text() for argument in arguments(node)]
    name = name_of(node)
    if name == "sshpass":
        return any(text.startswith(("-p$", '-p"$')) for text in texts) or "-p" in texts
    if name in {"mysql", "mysqldump", "mysqladmin", "mariadb"}:
        return any(re.match(r"(?:-p|--password=)[\"']?\$", text) for text in texts)
    flags = {"-u", "--user"}
    users = [after for flag, after in itertools.pairwise(texts) if flag in flags]
    return any(re.search(r":[\"']?\$", user) for user in users)


RULES: tuple[Rule, ...] = (
    Rule(
        id="download-run",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A download is run before anyone has looked at it",
        body=(
            "Whoever controls the address, or the connection where it is plain HTTP, runs any "
            "command here, and a broken connection runs half a script. Download to a file, check a "
            "pinned checksum, then run it."
        ),
        match={"kind": "pipeline", "regex": r"\b(?:curl|wget)\b"},
        keep=_runs_what_comes,
        outside_tests=True,
        needs=r"\b(?:curl|wget)\b",
    ),
    Rule(
        id="substituted-download-run",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A download is run before anyone has looked at it",
        body=(
            "Whoever controls the address, or the connection where it is plain HTTP, runs any "
            "command here. Download to a file, check a pinned checksum, then run it."
        ),
        match={"kind": "command", "regex": r"[<$]\(\s*(?:curl|wget)\b"},
        keep=_runs_substituted,
        outside_tests=True,
        needs=r"[<$]\(\s*(?:curl|wget)\b",
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read what is sent and change the "
            "reply. For a private authority give `--cacert`, and leave verification on."
        ),
        match=command("curl|wget"),
        keep=_skips_the_check,
        outside_tests=True,
        needs=r"\bcurl\b|no-check-certificate",
    ),
    Rule(
        id="host-key-not-checked",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Any host may pose as this server",
        body=(
            "Without a check of the host key, anyone on the way gets the session and what is "
            "copied over it. Put the key into `known_hosts` beforehand, or use `accept-new`."
        ),
        match={
            "kind": "command",
            "all": [
                {"regex": r"StrictHostKeyChecking[= ]\"?no\b"},
                {"regex": r"^(?:\S+\s+)*?(?:\S*/)?(?:ssh|scp|sftp|rsync|autossh)\s"},
            ],
            "not": {"regex": r"localhost|127\.0\.0\.1"},
        },
        outside_tests=True,
        needs=r"StrictHostKeyChecking",
    ),
    Rule(
        id="writable-by-all",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Everyone on the machine may change these files",
        body=(
            "Any user or a service that was broken into can replace a script or a configuration "
            "that others run. Give the owner or a group what they need: `chmod 750`, `chmod g+w`."
        ),
        match={
            **command("chmod"),
            "has": {"regex": r"^(?:0?777|0?666|a\+\w*w\w*|o\+\w*w\w*|ugo\+\w*w\w*|a=rwx)$"},
        },
        outside_tests=True,
        needs=r"\bchmod\b",
    ),
    Rule(
        id="temporary-name-known",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Others can guess the name of this temporary file",
        body=(
            "A process id is small and visible. Whoever puts a link of that name into `/tmp` first "
            "makes this script overwrite the file it points to. Use `mktemp`."
        ),
        match={
            "any": [
                {"kind": "variable_assignment", "regex": r"=\"?(?:/var)?/tmp/[^\s/]*\$\$[^/]*$"},
                {"kind": "file_redirect", "regex": r">\s*\"?(?:/var)?/tmp/[^\s/]*\$\$[^/]*$"},
            ]
        },
        outside_tests=True,
        needs=r"\btmp/\S*\$\$",
    ),
    Rule(
        id="secret-in-arguments",
        severity=Severity.NIT,
        category=Category.SECURITY,
        title="Everyone on the machine can read this password",
        body=(
            "Arguments of a process stand in `ps` and `/proc` for all users while it runs. Give it "
            "in a file or on standard input: `--defaults-extra-file`, `curl --config -`, "
            "`sshpass -e`."
        ),
        match=command("mysql|mysqldump|mysqladmin|mariadb|sshpass|curl"),
        keep=_is_given_a_secret,
        outside_tests=True,
        needs=r"\$",
    ),
    Rule(
        id="secret-printed",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The value of a secret is printed",
        body=(
            "Logs of builds and services are kept, copied and read by many more people than the "
            "secret is meant for. Say that it is set, not what it is."
        ),
        match=command("echo|printf"),
        keep=_shows_a_secret,
        outside_tests=True,
        needs=r"(?i)\$\{?\w*(?:passw|passphrase|secret|token|api_?key|private_key)",
    ),
    Rule(
        id="arguments-evaluated",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The arguments are read as a program a second time",
        body=(
            "A file named `$(reboot)` or `a;b` among them runs as a command, and blanks split what "
            'was one word. Write `"$@"` without `eval`.'
        ),
        match={**command("eval"), "has": {"regex": r"^\"?\$(?:[@*]|[1-9]|\{[@*1-9]\})\"?$"}},
        outside_tests=True,
        needs=r"\beval\b",
    ),
)
