"""The buttons of a check run: which are offered when, within GitHub's limits, and understood."""

import pytest

from core.models import Delivery, OutboxRow, Outcome, OutcomeKind, Paused, RowKind, Stage
from github import render
from github.events import CheckRunEvent
from github.triggers import Hear, Rules, decide
from tests.github.render_samples import HEAD, HOME, REF, VERDICT, outcome, recorded

ADA = Paused(who="ada")


def shown(ended: Outcome | None, paused: Paused | None = None, number: int = 7) -> Delivery:
    row = OutboxRow(kind=RowKind.CHECK, job_id="7:7", target=f"{HEAD}:0", generation=1)
    return Delivery(
        row=row,
        ref=REF.model_copy(update={"number": number}),
        repo_id=7,
        installation_id=3,
        head=HEAD,
        stage=Stage.RUNNING if ended is None else Stage.IDLE,
        outcome=ended,
        paused=paused,
    )


def labels(delivery: Delivery) -> list[str]:
    return [button["label"] for button in render.buttons(delivery)]


def test_dismiss_all_is_offered_only_when_something_is_open() -> None:
    assert labels(shown(outcome(recorded()))) == ["Re-review", "Dismiss all", "Pause"]
    assert labels(shown(outcome())) == ["Re-review", "Pause"]


def test_running_review_can_only_be_paused() -> None:
    assert labels(shown(None)) == ["Pause"]


def test_paused_pull_request_offers_to_resume() -> None:
    assert labels(shown(outcome(), ADA)) == ["Re-review", "Resume"]


def test_closed_pull_request_offers_nothing() -> None:
    ended = Outcome(kind=OutcomeKind.CANCELLED, head=HEAD, reason="It was merged.")
    assert labels(shown(ended)) == []


@pytest.mark.parametrize("paused", [None, ADA])
def test_buttons_stay_within_githubs_limits(paused: Paused | None) -> None:
    offered = render.buttons(shown(outcome(recorded()), paused, number=99_999_999))
    assert len(offered) <= 3
    for button in offered:
        assert len(button["identifier"]) <= 20
        assert len(button["label"]) <= 20
        assert len(button["description"]) <= 40


@pytest.mark.parametrize("paused", [None, ADA])
def test_every_button_is_understood_when_it_is_pressed(paused: Paused | None) -> None:
    for button in render.buttons(shown(outcome(recorded()), paused)):
        event = CheckRunEvent(
            action="requested_action",
            owner="acme",
            repo="shop",
            numbers=(),
            repo_id=7,
            installation_id=3,
            sender="ada",
            button=button["identifier"],
        )
        heard = decide(event, Rules(frozenset()), "d-1")
        assert isinstance(heard, Hear)
        assert heard.order.ref == REF


def test_check_and_summary_say_who_paused_and_how_to_resume() -> None:
    said = "Automatic reviews are paused by `ada`; comment `/argus resume`"
    assert said in render.ended(outcome(), VERDICT, HOME, ADA).summary
    assert said in render.summary(outcome(recorded()), VERDICT, HOME, "<!-- m -->", ADA)
    assert "paused" not in render.summary(outcome(recorded()), VERDICT, HOME, "<!-- m -->")
