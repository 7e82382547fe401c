"""A dismissal is taken back where it was confirmed, by its button or in the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import Ignore, parse
from core.following import Talk
from core.models import DismissalScope, Dismissed, FindingState, PullRequestRef, Right
from slack import blocks
from slack.blocks.controls import UNDO, meaning
from tests.bot.test_ledger_dismissals import FOUND
from tests.fakes.core import a_pull_request
from tests.slack import test_interactivity
from tests.slack.test_desk import heard, mention, whispers
from tests.slack.test_interactivity import CARD, REPLY, button, chosen, press, pressed, words_on
from tests.slack.wire import WEB, Desk

reviewed = test_interactivity.reviewed
REF = PullRequestRef(owner="octo", repo="shop", number=7)
PULL = a_pull_request(ref=REF, repo_id=7)


def confirmed(scope: DismissalScope, finding: str = "f1") -> blocks.Message:
    said = Dismissed(scope=scope, state=FindingState.DISMISSED, findings=FOUND[:1])
    return blocks.dismissed(PULL, said, finding, WEB)


@pytest.mark.parametrize("scope", DismissalScope)
def test_button_means_the_words_that_take_it_back(scope: DismissalScope) -> None:
    meant = meaning(UNDO, button(confirmed(scope), UNDO)["value"])
    assert meant is not None
    assert parse(meant.words, web_url=WEB) == Ignore(scope, off=True)
    assert meant.about == Talk(ref=REF, repo_id=7, finding_id="f1")


def test_dismissal_that_changed_nothing_offers_no_undo() -> None:
    said = Dismissed(scope=DismissalScope.FINDING, state=FindingState.DISMISSED, findings=())
    shown = blocks.dismissed(PULL, said, "f1", WEB)
    assert not [block for block in shown.blocks if block["type"] == "actions"]


@given(st.text(max_size=60) | st.from_regex(r"[a-z]{1,3}/[a-z]{1,3}#1 7 (this|all|rules?)( f1)?"))
def test_only_values_of_our_own_mean_something(value: str) -> None:
    meant = meaning(UNDO, value)
    if meant is not None:
        assert isinstance(parse(meant.words, web_url=WEB), Ignore)
        assert meant.about is not None


@pytest.mark.parametrize("option", ["this", "all", "rule"])
async def test_what_was_dismissed_is_open_again_after_undo(reviewed: Desk, option: str) -> None:
    await press(reviewed, chosen(reviewed, option))
    assert await words_on(reviewed)
    scope = {"this": "FINDING", "all": "PULL_REQUEST", "rule": "RULE"}[option]
    undo = button(confirmed(DismissalScope[scope]), UNDO)["value"]
    container = {"type": "message", "message_ts": "17.9", "thread_ts": CARD, "is_ephemeral": True}

    await press(reviewed, pressed(reviewed, UNDO, undo, container=container))

    assert await words_on(reviewed) == []


async def test_undo_takes_the_same_right_as_the_dismissal(reviewed: Desk) -> None:
    await press(reviewed, chosen(reviewed, "this"))
    reviewed.permissions.held = Right.READ
    undo = button(confirmed(DismissalScope.FINDING), UNDO)["value"]
    await press(reviewed, pressed(reviewed, UNDO, undo))
    assert len(await words_on(reviewed)) == 1


async def test_words_in_a_findings_thread_take_it_back(reviewed: Desk) -> None:
    await press(reviewed, chosen(reviewed, "this"))
    await heard(reviewed, mention("<@U0ARGUS> ignore off", thread_ts=REPLY))
    assert await words_on(reviewed) == []
    assert "Open again: 1 finding." in whispers(reviewed)[-1]
    await heard(reviewed, mention("<@U0ARGUS> ignore off", thread_ts=REPLY, event_id="Ev2"))
    assert "nothing changed" in whispers(reviewed)[-1]


async def test_thread_of_a_card_means_its_one_dismissed_finding(reviewed: Desk) -> None:
    await heard(reviewed, mention("<@U0ARGUS> ignore off", thread_ts=CARD))
    assert "Nothing is dismissed" in whispers(reviewed)[-1]
    await press(reviewed, chosen(reviewed, "this"))
    await heard(reviewed, mention("<@U0ARGUS> ignore off", thread_ts=CARD, event_id="Ev2"))
    assert await words_on(reviewed) == []
    await press(reviewed, chosen(reviewed, "all"))
    await heard(reviewed, mention("<@U0ARGUS> ignore off", thread_ts=CARD, event_id="Ev3"))
    assert "findings are dismissed" in whispers(reviewed)[-1]
