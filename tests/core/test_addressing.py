"""Which comments speak to Argus, and what they say."""

import pytest

from core.commands import words_to_argus


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("/argus review", "review"),
        ("@argus-acme review full", "review full"),
        ("@Argus-Acme: status", "status"),
        ("  @argus-acme, help", "help"),
        ("/argus", ""),
        ("Thanks!\n\n/argus review focus locks\nand thanks", "review focus locks"),
        ("/argus review\r\n/argus help", "review"),
        ("@argus-acme ask why\nis this\n\nsafe?", "ask why\nis this\n\nsafe?"),
        ("```\ncode\n```\n/argus help", "help"),
        ("~~~\n```\n~~~\n/argus help", "help"),
    ],
)
def test_line_that_begins_with_the_name_is_heard(comment: str, words: str) -> None:
    assert words_to_argus(comment, "argus-acme") == words


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "Ask @argus-acme to review this",
        "> @argus-acme review",
        "    /argus review",
        "\t/argus review",
        "```\n/argus review\n```",
        "```sh\n/argus review",
        "````\n```\n/argus review\n```\n````",
        "@argus-acmeuser review",
        "@argus-acme-bot review",
        "/argusreview",
        "`/argus review`",
        "see docs/argus review",
        "<!-- @argus-acme review -->",
    ],
)
def test_everything_else_is_not(comment: str) -> None:
    assert words_to_argus(comment, "argus-acme") is None


def test_without_a_known_name_the_slash_works_alone() -> None:
    assert words_to_argus("@ review") is None
    assert words_to_argus("/argus review") == "review"
