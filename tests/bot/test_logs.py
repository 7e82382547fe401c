"""Logs never show a secret, whoever writes the line and however deep the secret lies."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import REDACTED, Redactor, configure_logs

SECRET = "correct-horse-battery"


@pytest.mark.parametrize(
    "shown",
    [
        f"token {SECRET}",
        "ghs_4242_eyJhbGciOi.abcdefghijklmnop",
        "xoxb-1234567890-abcdef",
        "posted to https://hooks.slack.com/commands/T1/2/3",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
        "amqp://guest:secretpass@127.0.0.1",
    ],
)
def test_known_and_recognisable_secrets_are_replaced(shown: str) -> None:
    cleaned = Redactor([SECRET]).clean({"deep": [{"er": shown}]})["deep"][0]["er"]

    assert REDACTED in cleaned
    assert not {"correct", "ghs_", "xoxb", "T1/2", "MIIE", "secretpass"} & set(cleaned.split())
    assert SECRET not in cleaned


def test_ordinary_words_stay() -> None:
    assert Redactor(["short"]).clean("a short sentence about GitHub") == (
        "a short sentence about GitHub"
    )


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    """Put the process's logging back, which `configure_logs` sets for good."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.usefixtures("_logging_as_before")
def test_libraries_and_tracebacks_pass_the_same_chain(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json", [SECRET], "test")

    logging.getLogger("some_library").error("failed with %s", SECRET)
    try:
        int(SECRET)
    except ValueError:
        structlog.get_logger("ours").exception("broke", token=SECRET)

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == [f"failed with {REDACTED}", "broke"]
    assert SECRET not in json.dumps(lines)
    assert "ValueError" in lines[1]["exception"]
