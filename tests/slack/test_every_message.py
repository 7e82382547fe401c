"""Every message that Argus can say is within Slack's limits and inert, whatever it is made of."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import slack.blocks
from core.desk import Answer, JobView, QueueView, Resumed, Standing
from core.errors import UserError
from core.following import Hushed, Taken
from core.models import (
    Accepted,
    Category,
    Delivery,
    DismissalScope,
    Dismissed,
    Duplicate,
    DuplicateOf,
    FindingState,
    Limit,
    Muted,
    Outcome,
    OutcomeKind,
    Paused,
    PullRequest,
    PullRequestRef,
    QuietKind,
    RecordedFinding,
    Refused,
    Severity,
    Stage,
    Subscription,
)
from slack.blocks import Message, Part, Setting
from slack.blocks.finding import Shown
from slack.replies import Reply
from tests.fakes.core import a_pull_request
from tests.slack.samples import REF, REVIEW_URL, a_finding, a_reply
from tests.slack.soundness import require_pressable, require_sound, strings, texts
from tests.slack.test_blocks import deliveries
from tests.slack.wire import CHANNEL, USER, WEB


@dataclass(frozen=True)
class Material:
    """What messages are made of, all of it foreign."""

    one: str
    two: str
    three: str
    delivery: Delivery
    findings: tuple[RecordedFinding, ...]
    number: int
    draw: Callable[[Any], Any]

    @property
    def pull(self) -> PullRequest:
        return a_pull_request(title=self.one, url=self.draw(urls), author=self.two[:200])

    @property
    def reply(self) -> Reply:
        return a_reply(title=self.one[:200], author=self.two[:200], channel=CHANNEL)

    @property
    def outcome(self) -> Outcome:
        return self.delivery.outcome or Outcome(kind=self.draw(kinds), head=self.two)

    @property
    def error(self) -> UserError:
        return UserError(self.one, why=self.two, next_step=self.three)

    @property
    def subscription(self) -> Subscription:
        return Subscription(
            channel=CHANNEL,
            repository=self.one,
            repo_id=7,
            minimum=self.draw(st.sampled_from([None, Severity.NIT, Severity.IMPORTANT])),
            branch=self.two,
            label=self.three,
        )

    @property
    def muted(self) -> Muted:
        kind = self.draw(st.sampled_from(QuietKind))
        return Muted(channel=CHANNEL, kind=kind, shown=self.one, ends=float(self.number))

    @property
    def waits(self) -> dict[str, Any]:
        return {
            "starts_in": float(self.number),
            "ready_in": float(self.number),
            "limited_by": self.draw(st.sampled_from([None, *Limit])),
        }

    @property
    def job(self) -> JobView:
        return JobView(
            id="7:7",
            ref=REF,
            stage=self.draw(st.sampled_from(Stage)),
            head=self.two,
            since=1.0,
            ahead=self.number,
            outcome=self.delivery.outcome,
        )

    def dismissed(self) -> Dismissed:
        return Dismissed(
            scope=self.draw(st.sampled_from(DismissalScope)),
            state=self.draw(st.sampled_from(FindingState)),
            findings=self.findings,
        )


urls = st.one_of(st.just(REVIEW_URL), texts)
kinds = st.sampled_from(OutcomeKind)
findings = st.lists(
    st.builds(
        a_finding,
        title=texts,
        body=texts,
        path=texts,
        url=urls,
        severity=st.sampled_from(Severity),
        unverified=st.booleans(),
    ),
    max_size=60,
).map(tuple)


@st.composite
def materials(draw: st.DrawFn) -> Material:
    return Material(
        draw(texts),
        draw(texts),
        draw(texts),
        draw(deliveries()),
        draw(findings),
        draw(st.integers(0, 10**7)),
        draw,
    )


settings_of_cards = st.builds(
    Setting,
    below=st.integers(0, 30),
    aside=st.booleans(),
    unreached=st.sampled_from(["", "not_in_channel", "is_archived", "<!channel>"]),
)
RULES = ["static:python-eval", "static:secrets", *(f"model:{each}" for each in Category)]
MESSAGES: dict[str, Callable[[Material], Message | None]] = {
    "answers.accepted": lambda m: blocks("answers").accepted(
        m.pull,
        Accepted(job_id="7:7", ahead=m.number, **m.waits),
        WEB,
        past=m.draw(st.booleans()),
    ),
    "answers.duplicate": lambda m: blocks("answers").duplicate(
        m.pull,
        Duplicate(
            job_id="7:7",
            of=m.draw(st.sampled_from(DuplicateOf)),
            review_url=m.draw(urls),
            **m.waits,
        ),
        WEB,
        past=m.draw(st.booleans()),
    ),
    "answers.refused": lambda m: blocks("answers").refused(Refused(reason=m.one), "r-1"),
    "answers.problem": lambda m: blocks("answers").problem(m.error, "r-1"),
    "answers.away": lambda _: blocks("answers").away("r-1"),
    "answers.unexpected": lambda _: blocks("answers").unexpected("r-1"),
    "card.card": lambda m: blocks("card").card(m.delivery, m.reply, WEB, m.draw(settings_of_cards)),
    "card.unreached": lambda m: blocks("card").unreached(m.delivery, m.reply, m.three, WEB),
    "channels.subscribed": lambda m: blocks("channels").subscribed(
        m.subscription, m.draw(st.sampled_from(Taken)), WEB
    ),
    "channels.unsubscribed": lambda m: blocks("channels").unsubscribed(m.one, m.number),
    "channels.subscriptions": lambda m: blocks("channels").subscriptions(
        [m.subscription] * (m.number % 101),
        hidden=m.number,
        mutes=[m.muted] * (m.number % 201),
        untold=m.two,
        web_url=WEB,
    ),
    "channels.follows_no_more": lambda _: blocks("channels").follows_no_more(),
    "channels.muted": lambda m: blocks("channels").muted(
        m.muted, m.draw(st.sampled_from(Hushed)), m.number or None
    ),
    "choices.which_finding": lambda m: blocks("choices").which_finding(
        m.pull,
        m.findings,
        m.draw(st.sampled_from(["explain", f"ignore because {m.two}", "ignore rule off"])),
        WEB,
    ),
    "finding.finding_reply": lambda m: blocks("finding").finding_reply(
        Shown(
            (*m.findings, a_finding())[0],
            m.draw(st.sampled_from(FindingState)),
            m.draw(st.sampled_from(["", "mona", f"slack:{USER}", f"slack:{m.two}"])),
            m.three,
        ),
        WEB,
    ),
    "finding.no_longer_open": lambda _: blocks("finding").no_longer_open(),
    "followed.followed": lambda m: blocks("followed").followed(
        m.delivery.model_copy(update={"ended": m.draw(st.sampled_from(["", "merged", "closed"]))}),
        m.reply,
        WEB,
        m.draw(settings_of_cards),
    ),
    "followed.webhook_summary": lambda m: blocks("followed").webhook_summary(
        m.delivery, m.reply, WEB
    ),
    "followed.news": lambda m: blocks("followed").news(REF, m.findings, WEB),
    "followed.turned_clean": lambda m: blocks("followed").turned_clean(REF, m.outcome),
    "guide.help_text": lambda _: blocks("guide").help_text(WEB),
    "identity.invitation": lambda m: blocks("identity").invitation(
        f"{WEB}/in", 10, m.draw(st.sampled_from([None, m.one])), entered=m.draw(st.booleans())
    ),
    "identity.connected": lambda m: blocks("identity").connected(m.one),
    "identity.disconnected": lambda m: blocks("identity").disconnected(
        m.one, revoked=m.draw(st.booleans())
    ),
    "identity.nothing_to_forget": lambda m: blocks("identity").nothing_to_forget(
        m.draw(st.sampled_from([None, m.one]))
    ),
    "instance.doctor": lambda m: blocks("instance").doctor(
        [Part(m.one, ok=each % 2 == 0, words=m.two) for each in range(m.number % 60)]
    ),
    "instance.configuration": lambda m: blocks("instance").configuration(
        m.one,
        m.draw(urls),
        [m.two, m.three] * (m.number % 60),
        WEB,
        [*m.draw(st.lists(st.sampled_from(RULES), max_size=30)), f"static:{m.three}"],
    ),
    "picker.no_link": lambda _: blocks("picker").no_link(WEB, "r-1"),
    "replies.answered": lambda m: blocks("replies").answered(
        REF, m.one, Answer(m.two, model=m.three), user=USER, url=REVIEW_URL, web_url=WEB
    ),
    "replies.unanswered": lambda m: blocks("replies").unanswered(m.error, "r-1"),
    "standing.standing": lambda m: blocks("standing").standing(
        m.pull,
        Standing(
            ref=REF,
            job=m.draw(st.sampled_from([None, m.job])),
            open={Severity.NIT: m.number},
            paused=m.draw(st.sampled_from([None, Paused(who=m.one)])),
        ),
        WEB,
    ),
    "standing.paused": lambda m: blocks("standing").paused(
        m.pull, Paused(who=m.one), first=m.draw(st.booleans()), web_url=WEB
    ),
    "standing.resumed": lambda m: blocks("standing").resumed(
        m.pull,
        Resumed(m.draw(st.sampled_from([None, Paused(who=m.one)])), m.draw(st.booleans())),
        WEB,
    ),
    "standing.dismissed": lambda m: blocks("standing").dismissed(
        m.pull, m.dismissed(), m.draw(st.sampled_from(["", "f1"])), WEB
    ),
    "standing.taken_back": lambda m: blocks("standing").taken_back(m.pull, m.dismissed(), WEB),
    "standing.queue": lambda m: blocks("standing").queue(
        QueueView(waiting=m.number, running=m.number, jobs=(m.job,) * 12),
        [m.job] * 10,
        WEB,
        untold=m.two,
    ),
    "standing.question_known": lambda m: blocks("standing").question_known(m.pull, WEB),
    "standing.question_taken": lambda m: blocks("standing").question_taken(m.pull, WEB),
}
"""By module and function: a message of foreign material."""
ELSEWHERE = {"message.message", "instance.stats"}
"""What builds messages of others; what holds numbers alone."""


def blocks(module: str) -> Any:
    return import_module(f"slack.blocks.{module}")


def builders() -> set[str]:
    """Return the public functions of the package that return a message."""
    found = set[str]()
    for module in iter_modules(slack.blocks.__path__):
        for name, function in inspect.getmembers(blocks(module.name), inspect.isfunction):
            own = function.__module__ == f"slack.blocks.{module.name}"
            returned = inspect.signature(function).return_annotation
            if own and not name.startswith("_") and Message in {returned, *get_args(returned)}:
                found.add(f"{module.name}.{name}")
    return found


def test_no_message_is_left_out() -> None:
    assert builders() - ELSEWHERE == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(material=materials())
def test_every_message_is_sound(name: str, material: Material) -> None:
    said = MESSAGES[name](material)
    if said is not None:
        require_sound(said)


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=20),
    st.text("ab-", min_size=1, max_size=39),
    st.text("ab_.-", min_size=1, max_size=100),
)
def test_the_picker_holds_what_slack_takes(numbers: list[int], owner: str, repo: str) -> None:
    refs = [PullRequestRef(owner=owner, repo=repo, number=number) for number in numbers]
    view = blocks("picker").picker(refs, "picked", "m" * 3_000, most=4)
    (select,) = (block["element"] for block in view["blocks"])
    require_pressable(select)
    assert [option["value"] for option in select["options"]] == [str(ref) for ref in refs]
    assert all(len(text) <= 75 for text in strings(view))
