"""Which deliveries count as lost, from where the next look starts, and how the record is read."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PermanentError, TransientError
from github.app_auth import AppAuth
from github.deliveries import (
    MOST_PAGES,
    YOUNG,
    Attempt,
    Deliveries,
    Listing,
    missed,
    settled_until,
)
from github.errors import NotFound
from tests.github.test_app_auth import PEM
from tests.github.wire import API, Wire, json_answer, no_sleep

AT = 1_795_000_000.0
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
"""The same moment."""


def an_attempt(number: int, guid: str = "", status: str = "timed out", **more: Any) -> Attempt:
    values = {"event": "pull_request", "at": AT + number} | more
    return Attempt(id=number, guid=guid or f"g{number}", status=status, **values)


def a_row(number: int, status: str = "failed to connect to host") -> dict[str, Any]:
    return {
        "id": number,
        "guid": f"g{number}",
        "event": "pull_request",
        "delivered_at": f"2026-11-18T11:{number % 60:02}:00Z",
        "status": status,
    }


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([an_attempt(1)], [1]),
        ([an_attempt(1, status="OK")], []),
        ([an_attempt(1, status="ok")], []),
        ([an_attempt(1, status="pending")], []),
        ([an_attempt(1, status="Invalid HTTP Response: 503")], [1]),
        ([an_attempt(2, "g", "OK"), an_attempt(1, "g")], []),
        ([an_attempt(2, "g"), an_attempt(1, "g", "OK")], []),
        ([an_attempt(2, "g"), an_attempt(1, "g")], [2]),
        ([an_attempt(2, "g", "pending"), an_attempt(1, "g")], [1]),
        ([an_attempt(1, event="installation")], []),
        ([an_attempt(3), an_attempt(2), an_attempt(1)], [1, 2, 3]),
    ],
    ids=[
        *("failed", "received", "received, small", "under way", "refused", "redelivered"),
        *("received, then repeated in vain", "failed twice", "redelivery under way", "unused"),
        "oldest first",
    ],
)
def test_which_deliveries_are_lost(attempts: list[Attempt], expected: list[int]) -> None:
    assert [attempt.id for attempt in missed(attempts)] == expected


attempts = st.lists(
    st.builds(
        an_attempt,
        st.integers(1, 40),
        st.sampled_from("abcd"),
        st.sampled_from(["OK", "pending", "timed out"]),
    ),
    max_size=20,
    unique_by=lambda attempt: attempt.id,
)


@given(attempts)
def test_a_delivery_is_lost_once_or_not_at_all(made: list[Attempt]) -> None:
    lost = missed(made)
    assert len({attempt.guid for attempt in lost}) == len(lost)
    assert not {a.guid for a in lost} & {a.guid for a in made if a.succeeded}
    assert {a.guid for a in made if a.failed} <= {a.guid for a in made if a.succeeded} | {
        a.guid for a in lost
    }


@given(attempts, st.floats(AT - 100, AT + 100), st.booleans())
def test_nothing_undone_is_left_behind(made: list[Attempt], since: float, whole: bool) -> None:
    listing = Listing(tuple(made), AT + 1_000, whole)
    undone = [attempt for attempt in made if attempt.id % 2 and attempt.at >= since]
    until = settled_until(listing, undone, since)
    assert until >= since
    assert until <= listing.at - YOUNG or until == since
    assert all(attempt.at >= until for attempt in undone)
    assert whole or until == since


def test_a_look_that_leaves_nothing_undone_moves_on() -> None:
    assert settled_until(Listing((), AT), (), AT - 5_000) == AT - YOUNG


def deliveries(wire: Wire) -> Deliveries:
    return Deliveries(AppAuth("1234", PEM, wire.http(), API, sleep=no_sleep))


async def test_failures_are_listed_by_cursor_until_they_are_old_enough() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["status"] == "failure"
        page = int(request.url.params.get("cursor", "0"))
        link = f'<{API}/app/hook/deliveries?per_page=100&cursor={page + 1}>; rel="next"'
        rows = [a_row(50 - 2 * page), a_row(49 - 2 * page)]
        return json_answer(rows, link=link, date=DATE)

    wire = Wire(answer)
    since = AT - 400 + 47 * 60  # 11:47:00

    listed = await deliveries(wire).failures(since)

    assert [attempt.id for attempt in listed.attempts] == [50, 49, 48, 47]
    assert (listed.at, listed.whole) == (AT, True)
    assert len(wire.requests) == 3


async def test_a_record_without_end_is_listed_in_part_and_said_so() -> None:
    link = f'<{API}/app/hook/deliveries?cursor=x>; rel="next"'
    wire = Wire(lambda _: json_answer([a_row(1)], link=link, date=DATE))
    listed = await deliveries(wire).failures(0)
    assert (len(wire.requests), listed.whole) == (MOST_PAGES, False)


async def test_a_server_without_the_record_is_told_from_an_empty_one() -> None:
    with pytest.raises(NotFound, match="does not tell"):
        await deliveries(Wire(lambda _: json_answer({"message": "Not Found"}, 404))).failures(0)


async def test_the_payload_is_what_was_delivered() -> None:
    wire = Wire(lambda _: json_answer({"request": {"payload": {"action": "opened"}}}))
    assert await deliveries(wire).payload(an_attempt(7)) == b'{"action": "opened"}'
    assert wire.sent == ["GET /app/hook/deliveries/7"]


async def test_a_record_without_payload_is_given_up() -> None:
    with pytest.raises(PermanentError):
        await deliveries(Wire(lambda _: json_answer({"request": None}))).payload(an_attempt(7))


async def test_a_delivery_in_another_form_is_no_reason_to_give_up() -> None:
    with pytest.raises(TransientError):
        await deliveries(Wire(lambda _: json_answer([{"id": "x"}]))).failures(0)
