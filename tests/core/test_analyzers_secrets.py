"""Credentials are found by their issuers' formats, and never repeated. All values are made here."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analyzers import SourceFile, secrets

RANDOM = random.Random(7)  # noqa: S311  # the same values in every run


def made(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Return random characters; enough of them to differ from any placeholder."""
    return "".join(RANDOM.choice(alphabet) for _ in range(length))


UPPER = string.ascii_uppercase + "234567"
HEX = "0123456789abcdef"
B64 = string.ascii_letters + string.digits + "-_"

VALUES = {
    "aws-key-id": "AKIA" + made(16, UPPER),
    "github-token": "gh" + "p_" + made(36),
    "github-app-token": "gh" + "s_12345_eyJ" + made(40) + "." + made(60) + "." + made(40),
    "github-pat": "github" + "_pat_" + made(60),
    "gitlab-token": "gl" + "pat-" + made(20),
    "slack-token": "xo" + "xb-" + made(12, string.digits) + "-" + made(24),
    "slack-app-token": "-".join(("xapp", "1", made(11, UPPER), made(13, "123456"), made(9, HEX))),
    "stripe-key": "sk" + "_live_" + made(24),
    "stripe-webhook": "whs" + "ec_" + made(32),
    "google-api-key": "AI" + "za" + made(35, B64),
    "google-oauth": "GOC" + "SPX-" + made(28),
    "private-key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "heroku-key": "HR" + "KU-" + made(40),
    "npm-token": "np" + "m_" + made(36),
    "pypi-token": "pyp" + "i-AgE" + made(80, B64),
    "anthropic-key": "sk-" + "ant-api03-" + made(90, B64),
    "openai-key": "sk-" + "proj-" + made(60, B64),
    "sendgrid-key": "SG" + "." + made(22, B64) + "." + made(43),
    "digitalocean": "do" + "p_v1_" + made(64, HEX),
    "huggingface": "h" + "f_" + made(34),
    "telegram-bot": made(9, "123456789") + ":AA" + made(33),
    "shopify": "shp" + "at_" + made(32, HEX),
}
"""A value of each format that is recognised without anything around it."""

LINES = {
    **{name: f'client = connect("{value}")' for name, value in VALUES.items()},
    "aws-secret-key": f"aws_secret_access_key = {made(40)}",
    "slack-webhook": (
        f"https://hooks.slack.com/services/T{made(8, UPPER)}/B{made(8, UPPER)}/{made(24)}"
    ),
    "jwt": f'token: "eyJ{made(20)}.eyJ{made(30)}.{made(40)}"',
    "heroku-uuid": "HEROKU_API_KEY=" + "-".join(made(n, HEX) for n in (8, 4, 4, 4, 12)),
    "twilio-key": f"twilio_auth_token = '{made(32, HEX)}'",
    "azure-storage": f"AccountName=a;AccountKey={made(86)}==",
    "connection-password": f"DATABASE_URL=postgres://app:{made(16)}@db.internal:5432/shop",
    "assigned-secret": f'db_password = "{made(10)}7_{made(12)}aB"',
}


def found(line: str, path: str = "src/app.py") -> list[str]:
    file = SourceFile(path, f"first\n{line}\nlast", frozenset({2}))
    return [c.source.removeprefix("static:secrets/") for c in secrets.check(file)]


@pytest.mark.parametrize("secret", secrets.FORMATS, ids=lambda secret: secret.id)
def test_each_format_is_recognised(secret: secrets.Secret) -> None:
    assert found(LINES[secret.id]) == [secret.id]


@pytest.mark.parametrize("name", sorted(LINES))
def test_words_of_a_finding_never_repeat_the_value(name: str) -> None:
    line = LINES[name]
    (candidate,) = secrets.check(SourceFile("src/app.py", line, frozenset({1})))
    assert candidate.quote == line
    said = f"{candidate.title} {candidate.body}"
    pieces = [
        line[i : i + 9] for i in range(len(line) - 9) if any(c.isdigit() for c in line[i : i + 9])
    ]
    assert [piece for piece in pieces if piece in said] == []


@pytest.mark.parametrize("name", sorted(VALUES))
def test_mask_takes_the_value_out_of_a_text(name: str) -> None:
    masked = secrets.mask(f"a = {VALUES[name]!r}  # b")
    assert VALUES[name] not in masked
    assert masked.startswith("a = '")
    assert masked.endswith("# b")


@pytest.mark.parametrize(
    "line",
    [
        'password = os.environ["DB_PASSWORD"]',
        'api_key = "your-api-key-goes-here"',
        'secret_name = "projects/shop/secrets/db"',
        'token_url = "https://auth.example.com/oauth/token"',
        'password = "${DB_PASSWORD}"',
        "const passwordField = 'input[name=password]';",
        'key = "AKIA" + "IOSFODNN7EXAMPLE"',
        "DATABASE_URL=postgres://postgres:postgres@db:5432/test",
        "DATABASE_URL=postgres://app:secret99@localhost:5432/test",
        'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'csrf_token_header = "X-CSRF-Token-Header-Name"',
    ],
)
def test_names_lookups_and_placeholders_are_no_credentials(line: str) -> None:
    assert found(line) == []


def test_random_looking_value_is_fine_in_a_test() -> None:
    assert found(LINES["assigned-secret"], "tests/test_login.py") == []
    assert found(LINES["github-token"], "tests/test_login.py") == ["github-token"]


def test_only_added_lines_are_looked_at() -> None:
    text = f"{LINES['npm-token']}\n{LINES['npm-token']}"
    assert [c.line for c in secrets.check(SourceFile("a", text, frozenset({2})))] == [2]


@given(st.text(max_size=400))
def test_any_line_is_taken(text: str) -> None:
    secrets.mask(text)
    secrets.check(SourceFile("a.py", text, frozenset(range(1, text.count("\n") + 2))))
