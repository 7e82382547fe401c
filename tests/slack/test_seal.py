"""Sealed replies: unreadable, unforgeable, and readable through a rotation of keys."""

import pytest

from slack.errors import SealBroken
from slack.replies import sealed, unsealed
from slack.seal import Seal
from tests.slack.samples import a_reply

URL = "https://hooks.slack.com/commands/T0/1/bearer"


def test_a_reply_comes_back_as_it_was_sealed() -> None:
    seal, reply = Seal(["k"]), a_reply(response_url=URL, title="ümlaut \U0001f600")
    assert unsealed(sealed(reply, seal), seal) == reply


def test_nothing_of_it_can_be_read() -> None:
    text = sealed(a_reply(response_url=URL), Seal(["k"]))
    assert "bearer" not in text
    assert "hooks" not in text


def test_a_rotated_key_still_opens_what_it_sealed() -> None:
    old = Seal(["old"]).close("x")
    assert Seal(["new", "old"]).open(old) == "x"
    with pytest.raises(SealBroken):
        Seal(["new"]).open(old)


def test_the_first_key_seals() -> None:
    assert Seal(["new"]).open(Seal(["new", "old"]).close("x")) == "x"


@pytest.mark.parametrize("text", ["", "nonsense", "é", "gAAAAA=="])
def test_what_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(SealBroken):
        Seal(["k"]).open(text)


def test_an_altered_seal_is_refused() -> None:
    text = Seal(["k"]).close("x")
    altered = text[:-8] + ("A" if text[-8] != "A" else "B") + text[-7:]
    with pytest.raises(SealBroken):
        Seal(["k"]).open(altered)


def test_a_seal_around_something_else_is_no_reply() -> None:
    seal = Seal(["k"])
    with pytest.raises(SealBroken):
        unsealed(seal.close("[]"), seal)


@pytest.mark.parametrize("keys", [[], [""]])
def test_a_seal_needs_a_key(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        Seal(keys)
