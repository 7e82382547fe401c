"""In the thread of a card with several findings, people say which one they mean by a button."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.commands import Ignore, Plain, Verb, parse
from core.following import Talk
from core.models import DismissalScope, PullRequestRef, Right
from slack import blocks
from slack.blocks.choices import MOST_CHOICES
from slack.blocks.controls import CHOOSE, meaning
from tests.bot.test_ledger_dismissals import FOUND
from tests.fakes.core import a_pull_request
from tests.slack import test_interactivity
from tests.slack.samples import a_finding
from tests.slack.test_desk import heard, mention
from tests.slack.test_interactivity import CARD, chosen, press, pressed, words_on
from tests.slack.wire import WEB, Desk

reviewed = test_interactivity.reviewed
REF = PullRequestRef(owner="octo", repo="shop", number=7)
PULL = a_pull_request(ref=REF, repo_id=7)


def choices(blocks_: Any) -> list[dict[str, Any]]:
    return [block["accessory"] for block in blocks_ if "accessory" in block]


async def asked_in_the_thread(desk: Desk, words: str) -> list[dict[str, Any]]:
    """Mention Argus under the card and return the buttons of its answer."""
    event = f"Ev{len(desk.slack.calls)}"
    await heard(desk, mention(f"<@U0ARGUS> {words}", thread_ts=CARD, event_id=event))
    return choices(desk.slack.made("chat.postEphemeral")[-1]["blocks"])


async def choose(desk: Desk, button: dict[str, Any], **changes: Any) -> None:
    """Press a button of an answer that one person alone sees."""
    container = {"type": "message", "message_ts": "17.9", "thread_ts": CARD, "is_ephemeral": True}
    body = pressed(desk, button["action_id"], button["value"], container=container)
    await press(desk, body | changes)


async def test_explain_is_answered_with_a_button_for_each_finding(reviewed: Desk) -> None:
    buttons = await asked_in_the_thread(reviewed, "explain")
    assert [button["text"]["text"] for button in buttons] == ["Explain"] * len(FOUND)
    assert reviewed.ledger.taken == []

    await choose(reviewed, buttons[1])

    (order,) = reviewed.ledger.taken
    second = meaning(buttons[1]["action_id"], buttons[1]["value"])
    assert second is not None
    assert second.about is not None
    assert (order.words, order.finding_id) == ("explain", second.about.finding_id)


async def test_pressing_again_says_that_the_answer_comes_and_others_may_be_chosen(
    reviewed: Desk,
) -> None:
    buttons = await asked_in_the_thread(reviewed, "explain")
    for button, trigger in ((buttons[0], "a"), (buttons[0], "b"), (buttons[1], "c")):
        await choose(reviewed, button, trigger_id=f"1.2.{trigger}")
    assert "asked here before" in reviewed.answers[1]
    assert len({order.origin.id for order in reviewed.ledger.taken}) == 2


async def test_ignore_keeps_its_reason_for_the_finding_that_is_chosen(reviewed: Desk) -> None:
    buttons = await asked_in_the_thread(reviewed, "ignore because we turned it off")
    assert {button["text"]["text"] for button in buttons} == {"Dismiss"}
    assert await words_on(reviewed) == []
    await choose(reviewed, buttons[0])
    ((scope, _, reason),) = await words_on(reviewed)
    assert (scope, reason) == (DismissalScope.FINDING, "we turned it off")


async def test_rule_is_dismissed_by_one_of_its_findings(reviewed: Desk) -> None:
    buttons = await asked_in_the_thread(reviewed, "ignore rule")
    assert {button["text"]["text"] for button in buttons} == {"Dismiss its rule"}
    await choose(reviewed, buttons[0])
    assert DismissalScope.RULE in {scope for scope, _, _ in await words_on(reviewed)}


async def test_dismissed_finding_is_chosen_to_be_open_again(reviewed: Desk) -> None:
    await press(reviewed, chosen(reviewed, "all"))
    buttons = await asked_in_the_thread(reviewed, "ignore off")
    assert {button["text"]["text"] for button in buttons} == {"Undo"}
    await choose(reviewed, buttons[0])
    assert len(await words_on(reviewed)) == len(FOUND) - 1


async def test_chosen_button_takes_the_same_right_as_the_words(reviewed: Desk) -> None:
    buttons = await asked_in_the_thread(reviewed, "ignore")
    reviewed.permissions.held = Right.READ
    await choose(reviewed, buttons[0])
    assert await words_on(reviewed) == []
    assert "may not" in reviewed.answers[0]


def test_what_has_no_button_is_linked() -> None:
    found = [a_finding(id=f"f{number}") for number in range(MOST_CHOICES + 3)]
    shown = blocks.which_finding(PULL, found, "explain", WEB)
    assert len(choices(shown.blocks)) == MOST_CHOICES
    assert shown.blocks[-1]["elements"][0]["text"] == (
        f"<{PULL.url}|… and 3 more on the pull request>"
    )


said = st.builds(
    Ignore,
    st.sampled_from([DismissalScope.FINDING, DismissalScope.RULE]),
    st.text("ab off all rule because", max_size=60).map(lambda text: " ".join(text.split())),
)


@given(said)
def test_button_says_what_was_said(ignore: Ignore) -> None:
    button, _ = choices(
        blocks.which_finding(PULL, [a_finding()] * 2, blocks.words_of(ignore), WEB).blocks
    )
    meant = meaning(button["action_id"], button["value"])
    assert meant is not None
    assert parse(meant.words, web_url=WEB) == ignore


@given(
    st.text(max_size=60)
    | st.from_regex(r"[a-z]{1,3}/[a-z]{1,3}#1 7 f1 (explain|ignore|review|mute) ?[a-z ]{0,9}")
)
def test_only_values_of_our_own_mean_something(value: str) -> None:
    meant = meaning(f"{CHOOSE}0", value)
    if meant is not None:
        command = parse(meant.words, web_url=WEB)
        assert isinstance(command, Ignore) or command == Plain(Verb.EXPLAIN)
        assert isinstance(meant.about, Talk)
