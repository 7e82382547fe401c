"""Every message within Slack's limits and inert, whatever a model or a title holds."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.models import (
    Accepted,
    Coverage,
    Delivery,
    Duplicate,
    DuplicateOf,
    FindingState,
    Limit,
    Outcome,
    OutcomeKind,
    Paused,
    Phase,
    RecordedFinding,
    Refused,
    Round,
    Severity,
    Stage,
    Step,
    Strength,
)
from slack import blocks
from slack.blocks import Message
from slack.blocks.card import Setting
from slack.blocks.finding import Shown, finding_reply
from slack.blocks.words import code, foreign
from tests.fakes.core import a_pull_request
from tests.slack.samples import (
    HEAD,
    REVIEW_URL,
    a_delivery,
    a_done_delivery,
    a_finding,
    a_record,
    a_reply,
)
from tests.slack.soundness import require_inert, require_sound, strings, texts
from tests.slack.wire import WEB

SETTINGS = [
    Setting(below=below, aside=aside, unreached=code)
    for below in (3, 0)
    for aside, code in ((True, "not_in_channel"), (True, "is_archived"), (False, ""))
]


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    finding = st.builds(
        a_finding,
        title=texts,
        body=texts,
        path=texts,
        url=st.one_of(texts, st.just(REVIEW_URL)),
        severity=st.sampled_from(Severity),
        line=st.integers(0, 10**6),
    )
    found = draw(st.lists(finding, max_size=9))
    read = draw(st.integers(0, 40))
    coverage = Coverage(
        files_total=40,
        files_read=read,
        strength=draw(st.sampled_from(Strength)),
        notes=tuple(draw(st.lists(texts, max_size=6))),
    )
    record = a_record(
        findings=tuple(found), coverage=coverage, models=tuple(draw(st.lists(texts, max_size=4)))
    )
    outcome = Outcome(
        kind=draw(st.sampled_from(OutcomeKind)),
        head=HEAD,
        reason=draw(texts),
        record=draw(st.sampled_from([record, None])),
        review_url=draw(st.one_of(texts, st.just(REVIEW_URL))),
    )
    step = st.builds(Step, phase=st.sampled_from(Phase), done=st.just(3), total=st.integers(0, 9))
    return a_delivery(
        stage=draw(st.sampled_from(Stage)),
        outcome=draw(st.sampled_from([outcome, None])),
        ahead=draw(st.integers(0, 5_000)),
        ready_in=draw(st.floats(0, 10**6)),
        step=draw(st.one_of(st.none(), step)),
    )


@settings(max_examples=150, deadline=None)
@given(deliveries(), texts, texts, texts)
def test_every_card_is_sound(delivery: Delivery, title: str, author: str, user: str) -> None:
    reply = a_reply(title=title[:200], author=author[:200], user=user)
    require_sound(blocks.card(delivery, reply, WEB))
    for setting in SETTINGS:
        require_sound(blocks.card(delivery, a_reply(title=title[:200]), WEB, setting))


@settings(max_examples=150, deadline=None)
@given(deliveries(), st.sampled_from(FindingState), texts, texts)
def test_every_reply_is_sound(
    delivery: Delivery, state: FindingState, who: str, reason: str
) -> None:
    record = delivery.outcome.record if delivery.outcome else None
    for finding in record.findings if record else ():
        require_sound(finding_reply(Shown(finding, state, who, reason), WEB))
        require_sound(finding_reply(Shown(finding, state, f"slack:{who}", reason), WEB))


@settings(max_examples=80, deadline=None)
@given(texts, texts, texts)
def test_every_answer_is_sound(one: str, two: str, three: str) -> None:
    pull = a_pull_request(title=one, url=two)
    require_sound(blocks.problem(UserError(one, why=two, next_step=three, link=two), "req-1"))
    require_sound(blocks.refused(Refused(reason=one), "req-1"))
    require_sound(blocks.accepted(pull, Accepted(job_id="1", ahead=len(two)), WEB))


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://github.test/apps/argus", "<https://github.test/apps/argus|Install it.>"),
        ("https://github.test/a|b", "Install it."),
        ("https://github.test/>x", "Install it."),
        ("javascript:alert(1)", "Install it."),
        ("", "Install it."),
    ],
)
def test_next_step_leads_where_it_happens(link: str, shown: str) -> None:
    error = UserError("Argus cannot post.", next_step="Install it.", link=link)
    said = blocks.problem(error, "req-1")
    assert said.blocks[0]["text"]["text"] == f"*Argus cannot post.*\n{shown}"
    assert said.text == "Argus cannot post. Install it."


@pytest.mark.parametrize("limit", Limit)
def test_asker_is_told_when_it_starts_and_whose_reviews_are_used_up(limit: Limit) -> None:
    pull = a_pull_request()
    waits: dict[str, Any] = {"job_id": "1", "starts_in": 1_790.0, "limited_by": limit}
    joined = blocks.duplicate(pull, Duplicate(of=DuplicateOf.RUNNING, **waits), WEB)
    assert joined is not None
    for answer in (blocks.accepted(pull, Accepted(**waits), WEB), joined):
        require_sound(answer)
        assert "starts in 30 minutes: " in answer.text
        assert "reviews" in answer.text.partition("30 minutes: ")[2]


@pytest.mark.parametrize(
    "message",
    [
        blocks.help_text(WEB),
        blocks.away("r"),
        blocks.unexpected("r"),
    ],
)
def test_every_fixed_sentence_is_sound(message: Message) -> None:
    require_sound(message)


@given(texts, st.integers(2, 300))
def test_foreign_text_is_inert_and_fits(text: str, limit: int) -> None:
    said = foreign(text, limit)
    assert len(said) <= limit
    require_inert(said)
    assert not set(re.sub("`[^`]*`", "", said)) & set("*~`\n")
    assert len(code(text, limit + 1)) <= limit + 1


def test_code_stays_code_and_names_stay_readable() -> None:
    assert foreign("`a < b` in user_id and __init__", 200) == "`a &lt; b` in user_id and ˍˍinitˍˍ"
    assert foreign("octo/shop#7", 200) == "octo/shop#7"


def found(number: int, severity: Severity) -> RecordedFinding:
    return a_finding(id=str(number), title=f"Claim {number}", severity=severity)


def test_the_card_shows_five_findings_important_first_and_counts_the_rest() -> None:
    findings = [found(n, Severity.NIT) for n in range(4)]
    findings += [found(n, Severity.IMPORTANT) for n in range(4, 8)]
    card = blocks.card(a_done_delivery(findings=tuple(findings)), a_reply(), WEB)
    lines = [line for line in card.blocks[1]["text"]["text"].split("\n") if "Claim" in line]
    assert [line.split("Claim ")[1][0] for line in lines] == ["4", "5", "6", "7", "0"]
    assert f"<{REVIEW_URL}|3 more in the review>" in card.blocks[1]["text"]["text"]


def test_long_addresses_leave_fewer_findings_and_a_truthful_rest() -> None:
    url = f"{WEB}/{'o' * 100}/{'r' * 100}/pull/7#discussion_r{'1' * 400}"
    findings = tuple(a_finding(title="t" * 300, path="p/" * 90, url=url) for _ in range(7))
    message = blocks.card(a_done_delivery(findings=findings), a_reply(), WEB)
    require_sound(message)
    found = message.blocks[1]["text"]["text"]
    shown = found.count("Important:")
    assert 0 < shown < 5
    assert f"{7 - shown} more in the review" in found


def test_a_finished_card_says_counts_coverage_reader_and_where_to_go() -> None:
    coverage = Coverage(files_total=4, files_read=3)
    card = blocks.card(a_done_delivery(coverage=coverage), a_reply(), WEB)
    shown = "\n".join(strings(card.blocks))
    assert "1 important finding, 3 of 4 files read" in shown
    assert "3 of 4 files were read." in shown
    assert "by openai:gpt-5" in shown
    assert "4 files, +120 −8 by mona" in shown
    buttons = {button["text"]["text"]: button.get("url") for button in card.blocks[-1]["elements"]}
    assert buttons == {
        "Open review": REVIEW_URL,
        "Open pull request": "https://github.com/octo/shop/pull/7",
        "Re-review": None,
        "Mute": None,
    }
    assert card.plain == Message(
        f"octo/shop#7: 1 important finding, 3 of 4 files read\n<{REVIEW_URL}>"
    )


def test_a_clean_change_is_green_and_a_failed_review_says_why() -> None:
    clean = blocks.card(a_done_delivery(kind=OutcomeKind.CLEAN, findings=()), a_reply(), WEB)
    assert "✅ *No findings*" in clean.blocks[0]["text"]["text"]
    failed = Outcome(kind=OutcomeKind.FAILED, head=HEAD, reason="GitHub was away for an hour")
    delivery = a_delivery(stage=Stage.DEAD, outcome=failed, correlation_id="req-9")
    card = blocks.card(delivery, a_reply(), WEB)
    shown = "\n".join(strings(card.blocks))
    assert "The review failed" in card.text
    assert "GitHub was away for an hour." in shown
    assert "ask again; if it fails again, show whoever runs Argus request `req-9`" in shown


def test_a_card_says_who_paused_and_what_a_second_look_left_open() -> None:
    doubtful = a_done_delivery(findings=(a_finding(unverified=True), a_finding(id="f2")))
    delivery = doubtful.model_copy(update={"paused": Paused(who="slack:U0ASKER")})
    shown = "\n".join(strings(blocks.card(delivery, a_reply(), WEB).blocks))
    assert "paused by <@U0ASKER>" in shown
    assert "1 finding not confirmed by a second look" in shown
    assert shown.count("a second look could not confirm it") == 1


def test_nothing_without_a_record_is_green() -> None:
    for kind in OutcomeKind:
        outcome = Outcome(kind=kind, head=HEAD)
        card = blocks.card(a_delivery(stage=Stage.IDLE, outcome=outcome), a_reply(), WEB)
        assert "✅" not in "\n".join(strings(card.blocks))


@pytest.mark.parametrize(
    ("admission", "words"),
    [
        (Accepted(job_id="1"), "It is next; how long that takes is not known yet."),
        (Accepted(job_id="1", ready_in=50), "It is next, ready in about a minute."),
        (Accepted(job_id="1", ahead=2, ready_in=300), "2 reviews before it, ready in about 5 min"),
        (Accepted(job_id="1", ahead=900, ready_in=9_000), "ready in about 3 hours."),
    ],
)
def test_asker_is_told_the_place_and_an_honest_estimate(admission: Accepted, words: str) -> None:
    assert words in blocks.accepted(a_pull_request(), admission, WEB).text


def test_joining_says_when_it_is_ready_where_anything_tells() -> None:
    for ready, words in ((90.0, "It is ready in about 2 minutes."), (0.0, "you will be told.")):
        joined = Duplicate(job_id="1", of=DuplicateOf.RUNNING, ready_in=ready)
        said = blocks.duplicate(a_pull_request(), joined, WEB)
        assert said is not None
        assert said.text.endswith(words)


def test_the_end_of_a_pull_request_stands_beside_its_state() -> None:
    delivery = a_done_delivery().model_copy(update={"ended": "merged"})
    assert "Merged" in str(blocks.followed(delivery, a_reply(), WEB).blocks[1])


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.WAITING, "queued, next"),
        (Stage.RUNNING, "reading, the change, and what explains it"),
        (Stage.IDLE, "passed over, a newer commit took its place"),
        (Stage.DEAD, "given up, whoever runs Argus can retry it"),
    ],
)
def test_every_stage_without_an_outcome_has_words(stage: Stage, words: str) -> None:
    card = blocks.card(a_delivery(stage=stage), a_reply(), WEB)
    assert card.text == f"octo/shop#7: {words}"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (None, "reading, the change, and what explains it"),
        (Step(phase=Phase.REVIEWING, done=3, total=8), "reviewing, 3/8 files"),
        (Step(phase=Phase.REVIEWING), "reviewing, the change"),
        (Step(phase=Phase.CHECKING), "checking, a second look at what was found"),
    ],
)
def test_a_running_review_says_how_far_it_got(step: Step | None, words: str) -> None:
    card = blocks.card(a_delivery(stage=Stage.RUNNING, step=step), a_reply(), WEB)
    assert card.text == f"octo/shop#7: {words}"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "2 reviews before it"), (20.0, "about a minute"), (130.0, "about 3 minutes")],
)
def test_a_waiting_review_says_its_place_and_roughly_when(seconds: float, words: str) -> None:
    card = blocks.card(a_delivery(ahead=2, ready_in=seconds), a_reply(), WEB)
    assert card.text.endswith(words)


def test_a_later_round_says_what_it_changed() -> None:
    round_ = Round(number=3, new=1, fixed=(a_finding(id="old"),))
    card = blocks.card(a_done_delivery(round=round_), a_reply(), WEB)
    assert "round 3: 1 fixed, 1 open, 1 new" in "\n".join(strings(card.blocks))


def test_what_one_person_sees_offers_nothing_for_the_channel() -> None:
    card = blocks.card(
        a_done_delivery(), a_reply(), WEB, Setting(aside=True, unreached="not_in_channel")
    )
    labels = [element["text"]["text"] for element in card.blocks[-1]["elements"]]
    assert labels == ["Open review", "Open pull request", "Re-review"]
    assert "/invite @Argus" in "\n".join(strings(card.blocks))


def test_a_review_under_way_cannot_be_asked_for_again() -> None:
    card = blocks.card(a_delivery(stage=Stage.RUNNING), a_reply(), WEB)
    labels = [element["text"]["text"] for element in card.blocks[-1]["elements"]]
    assert labels == ["Open pull request", "Mute"]
