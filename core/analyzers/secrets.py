"""Credentials committed by mistake, by their issuers' formats and by suspicious assignments.

The quote holds the line, because the finding is anchored by it; title and body never repeat
the value, and `mask` hides it from whatever is sent to a model.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass

from core.analyzers.source import SourceFile
from core.models import Candidate, Category, Severity

LONGEST_LINE = 4096
"""Characters; longer lines are data or minified code, and regular expressions stay cheap."""

LEAST_ENTROPY = 3.5
"""Bits a character: random base64 of 20 characters has about 4.0, English words 2.5 to 3.3."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential's format; the pattern's last group, or all of it, is the value."""

    id: str
    what: str
    """Fits into "This line adds …"."""
    pattern: str


FORMATS = (
    Secret("aws-key-id", "an AWS access key id", r"\b((?:AKIA|ASIA)[A-Z2-7]{16})\b"),
    Secret(
        "aws-secret-key",
        "an AWS secret access key",
        r"(?i:aws_?secret_?(?:access_?)?key)[\"']?\s*[:=]>?\s*[\"']?([A-Za-z0-9/+]{40})(?![\w/+=])",
    ),
    Secret("github-token", "a GitHub token", r"\b(gh[opru]_[A-Za-z0-9]{36,})\b"),
    # https://docs.github.com/en/apps — installation tokens have no fixed length any more
    Secret("github-app-token", "a GitHub App token", r"\b(ghs_[A-Za-z0-9_.\-]{36,})"),
    Secret("github-pat", "a GitHub personal access token", r"\b(github_pat_[A-Za-z0-9_]{40,})"),
    Secret("gitlab-token", "a GitLab token", r"\b(gl(?:pat|dt|rt|cbt)-[A-Za-z0-9_\-]{20,})"),
    Secret("slack-token", "a Slack token", r"\b(xox[abeoprs]-[A-Za-z0-9-]{20,})"),
    Secret("slack-app-token", "a Slack app-level token", r"\b(xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+)"),
    Secret(
        "slack-webhook",
        "a Slack webhook address",
        r"hooks\.slack\.com/services/(T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,})",
    ),
    Secret("stripe-key", "a live Stripe key", r"\b((?:sk|rk)_live_[A-Za-z0-9]{16,})"),
    Secret("stripe-webhook", "a Stripe webhook secret", r"\b(whsec_[A-Za-z0-9+/=]{32,})"),
    Secret("google-api-key", "a Google API key", r"\b(AIza[0-9A-Za-z_\-]{35})(?![\w-])"),
    Secret(
        "google-oauth", "a Google OAuth client secret", r"\b(GOCSPX-[A-Za-z0-9_\-]{28})(?![\w-])"
    ),
    Secret(
        "private-key",
        "a private key",
        r"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)",
    ),
    Secret(
        "jwt",
        "a signed JSON Web Token",
        r"(?i:token|secret|bearer|auth|jwt|key|cookie).{0,40}?"
        r"\b(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,})",
    ),
    Secret("heroku-key", "a Heroku API key", r"\b(HRKU-[A-Za-z0-9_-]{30,})"),
    Secret(
        "heroku-uuid",
        "a Heroku API key",
        r"(?i:heroku_?api_?(?:key|token)).{0,20}?"
        r"\b([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\b",
    ),
    Secret("npm-token", "an npm token", r"\b(npm_[A-Za-z0-9]{36})\b"),
    Secret("pypi-token", "a PyPI token", r"\b(pypi-AgE[A-Za-z0-9_\-]{60,})"),
    Secret("anthropic-key", "an Anthropic API key", r"\b(sk-ant-[a-z]+\d{2}-[A-Za-z0-9_\-]{40,})"),
    Secret(
        "openai-key",
        "an OpenAI API key",
        r"\b(sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_\-]{40,}"
        r"|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}))",
    ),
    Secret("twilio-key", "a Twilio credential", r"(?i:twilio).{0,40}?\b((?:SK)?[0-9a-f]{32})\b"),
    Secret(
        "sendgrid-key",
        "a SendGrid API key",
        r"\b(SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{32,64})(?![\w-])",
    ),
    Secret("azure-storage", "an Azure storage key", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    Secret("digitalocean", "a DigitalOcean token", r"\b(do[opr]_v1_[a-f0-9]{64})\b"),
    Secret("huggingface", "a Hugging Face token", r"\b(hf_[A-Za-z0-9]{34,})\b"),
    Secret("telegram-bot", "a Telegram bot token", r"\b(\d{8,10}:AA[A-Za-z0-9_\-]{33})(?![\w-])"),
    Secret("shopify", "a Shopify token", r"\b(shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32})\b"),
    Secret(
        "connection-password",
        "a password inside a connection address",
        r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?)(?:\+\w+)?://"
        r"[^\s:/@\"'`{}<>$]*:([^\s/@\"'`{}<>$%*]{6,})@(?!localhost\b|127\.|\[::1\]|0\.0\.0\.0)",
    ),
)

_LONG_ENOUGH = re.compile(r"[\w+/\-]{16}|://|-----BEGIN|xapp-", re.ASCII)
"""What every format has; most lines of code have none of it and need no closer look."""

_ASSIGNMENT = re.compile(
    r"(?i)(?:^|[^\w])(?P<name>[\w.\-]*(?:passwo?r?d|passphrase|secret|token|api[_-]?key|apikey"
    r"|private[_-]?key|access[_-]?key|credential)[\w\-]*)[\"'\]]{0,2}"
    r"\s*(?::\s*[\w.\[\]| ]{1,40}?\s*=|:=|=>|=|:)\s*[rbuf]?(?P<quote>[\"'`])"
    r"(?P<value>[^\"'`\s]{12,200})(?P=quote)"
)
_NOT_A_VALUE = re.compile(
    r"(?i)\$\{|\{\{|\{[a-z_.]*\}|%[({s]|<[^>]*>|^\$|^https?://|^/|^\.{1,2}/|"
    r"example|sample|dummy|placeholder|changeme|change[_-]me|replace|your[_-]|my[_-]|xxx|\*\*\*|"
    r"test|fake|mock|redacted|insert|todo|foobar|12345678|abcdef|not[_-]?a?[_-]?real|"
    r"localhost|secret[_-]?key$|process\.env|getenv|environ"
)
_IDENTIFIER = re.compile(r"[A-Za-z]+(?:[_.\-:/ ][A-Za-z]+)*\d{0,2}")
_PLACEHOLDER_VALUE = re.compile(r"(?i)example|x{6,}|0{8,}|placeholder|dummy|redacted|your_")
_PLACEHOLDER_PASSWORD = re.compile(
    r"(?i)^(?:pass(?:word|wd)?|secret|changeme|example|user|admin|root|test|guest|postgres|"
    r"mysql|redis|x+|your.*|my.*|.*(?:password|example|placeholder)\b.*)$"
)
_ILLUSTRATIVE_PATH = re.compile(
    r"(?i)(?:^|/)(?:tests?|specs?|__tests__|testdata|fixtures?|examples?|docs?|mocks?)(?:/|$)"
    r"|(?:^|[/_.\-])(?:test|spec|example|sample|template|dist)(?:[_.\-]|$)|\.(?:md|rst|adoc)$"
)

_EVERY_FORMAT = re.compile("|".join(f"(?:{secret.pattern})" for secret in FORMATS))
_COMPILED = tuple((secret, re.compile(secret.pattern)) for secret in FORMATS)


def check(file: SourceFile) -> tuple[Candidate, ...]:
    """Return a finding for each added line that holds a credential, one a line."""
    found = []
    for number in sorted(file.added):
        line = file.line(number)
        if not line or len(line) > LONGEST_LINE:
            continue
        if secret := _named(line) or _assigned(file, line):
            found.append(_finding(file.path, number, line, secret))
    return tuple(found)


def mask(text: str) -> str:
    """Replace every value of a known format, so that the text may leave the house."""
    return _EVERY_FORMAT.sub(_hide, text) if _LONG_ENOUGH.search(text) else text


def _hide(match: re.Match[str]) -> str:
    group = match.lastindex or 0
    start, end = (position - match.start() for position in match.span(group))
    whole = match.group()
    return f"{whole[:start]}[credential removed]{whole[end:]}"


def _named(line: str) -> Secret | None:
    if not _EVERY_FORMAT.search(line):
        return None
    for secret, pattern in _COMPILED:
        match = pattern.search(line)
        if match and not _is_placeholder(secret, match.group(1)):
            return secret
    return None


def _is_placeholder(secret: Secret, value: str) -> bool:
    if secret.id == "connection-password":
        return bool(_PLACEHOLDER_PASSWORD.match(value))
    return bool(_PLACEHOLDER_VALUE.search(value)) or len(set(value)) < 6


def _assigned(file: SourceFile, line: str) -> Secret | None:
    """Recognise a random-looking string given to a name that promises a credential."""
    match = _ASSIGNMENT.search(line)
    if not match or _ILLUSTRATIVE_PATH.search(file.path):
        return None
    value = match["value"]
    if _NOT_A_VALUE.search(value) or _IDENTIFIER.fullmatch(value) or not _looks_random(value):
        return None
    return Secret("assigned-secret", f"a hard-coded value for `{match['name'][:60]}`", "")


def _looks_random(value: str) -> bool:
    kinds = sum(bool(re.search(kind, value)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^\w]"))
    return kinds >= 2 and any(c.isdigit() for c in value) and entropy(value) >= LEAST_ENTROPY


def entropy(value: str) -> float:
    """Return Shannon's entropy in bits a character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def _finding(path: str, number: int, line: str, secret: Secret) -> Candidate:
    return Candidate(
        path=path,
        line=number,
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title=f"Credential in the code: {secret.what}",
        body=(
            f"This line adds {secret.what}. Everyone who can read the repository, its forks or "
            "its history can use it, and deleting the line later does not take it out of the "
            "history. Revoke it at its issuer, then read the new one from the environment or a "
            "secret store."
        ),
        quote=line,
        confidence=0.95 if secret.pattern else 0.7,
        source=f"static:secrets/{secret.id}",
    )
