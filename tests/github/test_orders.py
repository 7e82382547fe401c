"""Orders without processes: failures that are said, and questions from other front ends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from core.commands import Ask, Command, Pause, Review, Status
from core.desk import Answer, Turn
from core.errors import ModelUnavailable, PermanentError, TransientError, UserError
from core.models import (
    Delivery,
    Order,
    Origin,
    OriginKind,
    OutboxRow,
    PullRequestRef,
    RecordedFinding,
    Right,
    RowKind,
    Stage,
)
from github.client import GitHubClient
from github.orders import OrderDeliverer, Permitted, Questions
from github.orders.clerk import meant_here
from github.orders.deliverer import MOST_ATTEMPTS
from github.orders.elsewhere import Elsewhere
from github.orders.questions import MOST_QUESTIONS
from github.orders.talk import Spot, Talk
from tests.fakes.core import FakeHost
from tests.github.render_samples import REF, recorded
from tests.github.reviews_api import BOT, IDENTITY, MARKERS
from tests.github.wire import Wire, json_answer, routes

REPO = "/repos/acme/shop"
ISSUES = f"{REPO}/issues"


def an_order(words: str = "status", **changes: Any) -> Order:
    origin = Origin(kind=OriginKind.COMMENT, id="comment:5", person="ada")
    order = Order(ref=REF, repo_id=7, origin=origin, words=words, comment_id=5)
    return order.model_copy(update={"correlation_id": "c-1", **changes})


def from_slack(words: str, finding_id: str = "") -> Order:
    origin = Origin(kind=OriginKind.SLACK, id="slack:1", person="U1")
    return an_order(words, origin=origin, finding_id=finding_id, comment_id=0)


@dataclass
class FakeTurns:
    """Turns that are all given, or the ones that a test wants."""

    wanted: Turn = Turn.GIVEN

    async def take(self, of: str, turn: str, *, most: int, seconds: float) -> Turn:
        assert of
        assert turn
        assert most >= 0
        assert seconds > 0
        return self.wanted


@dataclass
class FakeAnswerer:
    """Answers everything with the question, or fails."""

    fails: Exception | None = None

    async def ask(
        self, host: FakeHost, question: str, finding: RecordedFinding | None = None
    ) -> Answer:
        if self.fails:
            raise self.fails
        return Answer(f"{question} {finding.id if finding else 'nothing'}")

    async def explain(self, host: FakeHost, finding: RecordedFinding) -> Answer:
        return await self.ask(host, "explained", finding)


@dataclass
class FakeDesk:
    """Knows one finding."""

    async def finding(self, job_id: str, finding_id: str) -> RecordedFinding | None:
        return recorded() if (job_id, finding_id) == ("7:7", "f1") else None


@dataclass
class FakeVoice:
    """Keeps what it is to say."""

    said: list[str] = field(default_factory=list)

    async def say(self, order: Order, answer: Answer | UserError) -> str:
        self.said.append(answer.text if isinstance(answer, Answer) else str(answer))
        return order.origin.id


async def told_elsewhere(
    order: Order, *, turn: Turn = Turn.GIVEN, fails: Exception | None = None, last: bool = False
) -> list[str]:
    questions = Questions(FakeAnswerer(fails), FakeTurns(turn))  # type: ignore[arg-type]  # fakes
    voice = FakeVoice()
    elsewhere = Elsewhere(
        questions,
        FakeDesk(),  # type: ignore[arg-type]  # knows what is asked here
        voice,
    )
    await elsewhere.answer(order, FakeHost(), last=last)
    return voice.said


async def test_question_from_another_front_end_is_answered_by_its_voice() -> None:
    assert await told_elsewhere(from_slack("ask why?")) == ["why? nothing"]
    assert await told_elsewhere(from_slack("ask why?", "f1")) == ["why? f1"]
    assert await told_elsewhere(from_slack("explain", "f1")) == ["explained f1"]


async def test_name_that_a_question_begins_with_stays_in_it() -> None:
    asked = from_slack("ask acme/shop#8 does the same: why not here?")
    assert await told_elsewhere(asked) == ["acme/shop#8 does the same: why not here? nothing"]


async def test_what_cannot_be_answered_elsewhere_is_said_there() -> None:
    assert "which finding" in (await told_elsewhere(from_slack("explain")))[0]
    assert "is no question" in (await told_elsewhere(from_slack("pause")))[0]


async def test_questions_beyond_the_share_are_told_once_and_then_passed_over() -> None:
    [words] = await told_elsewhere(from_slack("ask why?"), turn=Turn.TOLD)
    assert f"answered {MOST_QUESTIONS} questions" in words
    assert await told_elsewhere(from_slack("ask why?"), turn=Turn.OVER) == []


@pytest.mark.parametrize("trouble", [TransientError("GitHub is away"), ModelUnavailable(("m",))])
async def test_trouble_is_another_attempt_and_at_the_last_one_said(trouble: Exception) -> None:
    with pytest.raises(type(trouble)):
        await told_elsewhere(from_slack("ask why?"), fails=trouble)
    [words] = await told_elsewhere(from_slack("ask why?"), fails=trouble, last=True)
    assert "could not be answered" in words


async def test_what_will_never_work_is_said_at_once() -> None:
    [words] = await told_elsewhere(from_slack("ask why?"), fails=PermanentError("It is gone."))
    assert "It is gone." in words


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (Status(REF), Status()),
        (
            Review(PullRequestRef(owner="ACME", repo="Shop", number=7), focus="locks"),
            Review(focus="locks"),
        ),
        (Ask("why?", REF), Ask("why?")),
        (Pause(PullRequestRef(owner="acme", repo="shop", number=8)), None),
        (Status(), Status()),
    ],
)
def test_naming_the_pull_request_it_is_said_on_is_naming_none(
    said: Command, meant: Command | None
) -> None:
    assert meant_here(said, REF) == (said if meant is None else meant)


# in the conversation


@dataclass
class FakeClerk:
    """Does what a test wants with every order."""

    does: Any

    async def carry_out(self, case: Any) -> str | None:
        if isinstance(self.does, Exception):
            raise self.does
        return str(self.does)


def a_wire(right: str = "write", comments: Any = ()) -> Wire:
    permission = {"permission": right, "role_name": right, "user": {"id": 1, "login": "ada"}}
    answers: Mapping[str, Any] = {
        f"GET {REPO}/collaborators/ada/permission": permission,
        f"GET {ISSUES}/7/comments": json_answer(list(comments)),
        f"POST {ISSUES}/7/comments": json_answer({"id": 50}, 201),
        f"POST {ISSUES}/comments/5/reactions": json_answer({"id": 9, "user": BOT}, 201),
        f"GET {ISSUES}/comments/5/reactions": json_answer([{"id": 9, "user": BOT}]),
        f"DELETE {ISSUES}/comments/5/reactions/9": httpx.Response(204),
    }
    return Wire(routes(answers))


async def delivered(
    wire: Wire,
    does: Any,
    *,
    attempts: int = 0,
    turn: Turn = Turn.TOLD,
    order: Order | None = None,
) -> str:
    client = wire.client()

    async def connect(_delivery: Delivery) -> GitHubClient:
        return client

    class People:
        async def right_of(self, login: str, ref: PullRequestRef) -> Any:
            found = await client.get(f"{REPO}/collaborators/{login}/permission")
            return Right(found["permission"])

    deliverer = OrderDeliverer(
        connect=connect,
        clerk=FakeClerk(does),  # type: ignore[arg-type]  # does what the test wants
        permitted=Permitted(People(), lambda _ref, _inst: None),  # type: ignore[arg-type]  # fakes
        turns=FakeTurns(turn),
        markers=MARKERS,
        identity=IDENTITY,
        web_url="https://github.com",
        voices={},
    )
    row = OutboxRow(
        kind=RowKind.ORDER, job_id="7:7", target="comment:5", generation=1, attempts=attempts
    )
    delivery = Delivery(
        row=row,
        ref=REF,
        repo_id=7,
        installation_id=3,
        head="",
        stage=Stage.IDLE,
        order=order or an_order(),
    )
    return await deliverer.deliver(delivery)


def posted(wire: Wire) -> list[str]:
    return [
        json.loads(request.content)["body"]
        for request in wire.requests
        if request.method == "POST" and request.url.path.endswith("/7/comments")
    ]


async def test_answer_is_marked_and_the_eyes_are_taken_away() -> None:
    wire = a_wire()
    assert await delivered(wire, "Done.") == "50"
    [body] = posted(wire)
    assert body.startswith("Done.\n\n<!-- argus:v1:answer:7.7.")
    assert wire.sent[-1] == f"DELETE {ISSUES}/comments/5/reactions/9"


async def test_answer_that_stands_is_adopted_and_nothing_is_done_again() -> None:
    first = a_wire()
    await delivered(first, "Done.")
    standing = {"id": 50, "body": posted(first)[0], "user": BOT}
    again = a_wire(comments=[standing])
    assert await delivered(again, AssertionError("it was done before"), attempts=1) == "50"
    assert posted(again) == []


async def test_answer_of_somebody_else_with_our_marker_is_not_adopted() -> None:
    first = a_wire()
    await delivered(first, "Done.")
    copied = {"id": 51, "body": posted(first)[0], "user": {"login": "eve", "type": "User"}}
    again = a_wire(comments=[copied])
    await delivered(again, "Done.", attempts=1)
    assert len(posted(again)) == 1


async def test_order_that_keeps_failing_is_answered_honestly() -> None:
    trouble = TransientError("GitHub is having trouble.")
    with pytest.raises(TransientError):
        await delivered(a_wire(), trouble, attempts=MOST_ATTEMPTS - 2)
    wire = a_wire()
    await delivered(wire, trouble, attempts=MOST_ATTEMPTS - 1)
    [body] = posted(wire)
    assert "Argus could not do that: GitHub is having trouble." in body
    assert "<sub>request `c-1`</sub>" in body


async def test_order_that_can_never_be_carried_out_is_answered_at_once() -> None:
    wire = a_wire()
    await delivered(wire, PermanentError("The repository is archived."))
    assert "The repository is archived." in posted(wire)[0]


async def test_button_is_answered_by_the_check_alone_unless_it_failed() -> None:
    button = an_order("pause", comment_id=0)
    wire = a_wire()
    assert await delivered(wire, "It is paused.", order=button) == ""
    assert posted(wire) == []
    await delivered(wire, UserError("This pull request is closed."), order=button)
    assert posted(wire)[0].startswith("This pull request is closed.")


async def test_eyes_that_cannot_be_put_or_taken_harm_nothing() -> None:
    wire = Wire(
        routes(
            {
                f"GET {ISSUES}/7/comments": json_answer([]),
                f"POST {ISSUES}/7/comments": json_answer({"id": 50}, 201),
            }
        )
    )
    talk = Talk(wire.client(), Spot.of_order(an_order()), MARKERS, IDENTITY)
    await talk.look()
    assert await talk.say("Done.") == "50"
    await talk.look_away()


async def test_answer_that_a_person_deleted_is_given_anew_when_its_state_changes() -> None:
    wire = Wire(routes({f"POST {ISSUES}/7/comments": json_answer({"id": 52}, 201)}))
    talk = Talk(wire.client(), Spot.of_order(an_order()), MARKERS, IDENTITY)
    assert await talk.say("Done.", known="50") == "52"
    assert wire.sent[0] == f"PATCH {ISSUES}/comments/50"


async def test_thread_is_answered_in_the_thread() -> None:
    pulls = f"{REPO}/pulls"
    answers = {
        f"GET {pulls}/7/comments": json_answer([]),
        f"POST {pulls}/7/comments/3/replies": json_answer({"id": 60}, 201),
    }
    wire = Wire(routes(answers))
    spot = Spot.of_order(an_order(thread_id=3))
    assert await Talk(wire.client(), spot, MARKERS, IDENTITY).say("Done.") == "60"


def test_spot_of_an_order_is_the_spot_of_its_outcome() -> None:
    order = an_order(thread_id=3)
    spot = Spot.of_order(order)
    origin = order.origin.model_copy(update={"reply": spot.reply})
    assert Spot.of_origin(origin, REF, 7) == spot
    assert Spot.of_origin(order.origin, REF, 7).comment_id == 0
