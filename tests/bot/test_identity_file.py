"""Whom the operator says people are: strict lines, read again when they change."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.identity_file import IdentityFile, IdentityFileError, parse_identities
from bot.entered import entered_identities
from bot.settings import Settings, SettingsError

GOOD = "# who is who\n\nU123  octocat # the cat\nW9 @mona-lisa\r\nU124 ada_corp\n"


def test_lines_name_people_and_logins() -> None:
    assert parse_identities(GOOD) == {"U123": "octocat", "W9": "mona-lisa", "U124": "ada_corp"}


@pytest.mark.parametrize(
    "line",
    [
        "U123",
        "octocat U123",
        "u123 octocat",
        "U123 octo cat",
        "U123 -octocat",
        "U123 octo/cat",
        "U123 octo@cat.example",
        "U123,octocat",
        "X123 octocat",
    ],
)
def test_what_is_no_such_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(IdentityFileError) as error:
        parse_identities(f"U1 mona\n{line}\n")
    assert error.value.problems == ("line 2 is not a Slack user id and a GitHub login.",)


def test_nobody_is_two_people() -> None:
    with pytest.raises(IdentityFileError, match="line 3 enters U1 a second time"):
        parse_identities("U1 mona\nU1 Mona\nU1 ada\n")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    found = {}
    with suppress(IdentityFileError):
        found = dict(parse_identities(text))
    assert all(person.isalnum() and login for person, login in found.items())


async def test_a_change_counts_at_once_and_a_bad_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / "people"
    path.write_text("U1 mona\n")
    file = IdentityFile(path)
    assert await file.login_of("U1") == "mona"

    steps = (("U1 lisa\n", "lisa"), ("U1 !\n", "lisa"), ("U2 ada\n", None))
    for second, (text, expected) in enumerate(steps, 1):
        path.write_text(text)
        os.utime(path, (second, second))
        assert await file.login_of("U1") == expected

    path.unlink()
    assert await file.login_of("U2") == "ada"


def test_a_file_that_cannot_be_used_stops_a_start_by_its_variables_name(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none", bad, tmp_path):
        settings = Settings.model_validate({"slack_identity_file": str(path)})
        with pytest.raises(SettingsError, match="SLACK_IDENTITY_FILE: the file cannot be read"):
            entered_identities(settings)
    assert entered_identities(Settings()) is None
