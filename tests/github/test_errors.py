"""What each of GitHub's answers means, and for how long a limit is waited out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgusError, PermanentError, TransientError
from github.errors import (
    LONGEST_WAIT,
    AmbiguousWrite,
    Forbidden,
    NotFound,
    RateLimited,
    TooLarge,
    Unprocessable,
    error_from,
)

DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
NOON = 1_795_521_600


def error(status: int, body: Any = None, *, write: bool = False, **headers: str) -> ArgusError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return error_from(status, named, json.dumps(body or {}).encode(), write=write)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"message": "Problems parsing JSON"}, Unprocessable),
        (401, {"message": "Bad credentials"}, Forbidden),
        (403, {"message": "Resource not accessible by integration"}, Forbidden),
        (403, {"errors": [{"code": "too_large"}]}, TooLarge),
        (404, {"message": "Not Found"}, NotFound),
        (406, {"errors": [{"code": "too_large", "field": "diff"}]}, TooLarge),
        (409, {"message": "Git Repository is empty."}, Unprocessable),
        (410, {}, NotFound),
        (414, {}, TooLarge),
        (422, {"message": "Validation Failed"}, Unprocessable),
        (451, {"message": "Repository access blocked"}, Forbidden),
        (500, {}, TransientError),
        (502, {}, TransientError),
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_each_status_has_its_class(status: int, body: Any, kind: type[ArgusError], write: bool):
    expected = AmbiguousWrite if write and kind is TransientError else kind
    assert type(error(status, body, write=write)) is expected


def test_all_of_githubs_words_are_kept():
    body = {
        "message": "Unprocessable Entity",
        "errors": ["Line must be part of the diff", {"message": "Body is too long"}],
    }
    failure = error(422, body)
    assert isinstance(failure, Unprocessable)
    words = ("Unprocessable Entity", "Line must be part of the diff", "Body is too long")
    assert words == failure.messages
    assert all(word in failure.reason for word in words)


def test_the_errors_may_be_a_bare_text():
    failure = error(422, {"message": "Validation Failed", "errors": "one pending review"})
    assert isinstance(failure, Unprocessable)
    assert failure.messages == ("Validation Failed", "one pending review")


@pytest.mark.parametrize("status", [403, 429])
def test_retry_after_wins_over_the_reset(status: int):
    failure = error(
        status, retry_after="30", x_ratelimit_remaining="0", x_ratelimit_reset="9999999999"
    )
    assert isinstance(failure, RateLimited)
    assert failure.told
    assert 30 <= failure.retry_after <= 31


@pytest.mark.parametrize("status", [403, 429])
def test_the_reset_is_read_by_githubs_own_clock(status: int):
    failure = error(status, date=DATE, x_ratelimit_remaining="0", x_ratelimit_reset=str(NOON + 120))
    assert isinstance(failure, RateLimited)
    assert 120 <= failure.retry_after <= 121


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (429, {}, {}),
        (403, {"message": "You have exceeded a secondary rate limit."}, {}),
        (403, {"message": "You have triggered an abuse detection mechanism."}, {}),
        (429, {}, {"retry_after": "soon"}),
        (429, {}, {"retry_after": "-5"}),
        (429, {}, {"x_ratelimit_remaining": "0"}),
    ],
)
def test_without_a_usable_time_it_is_a_minute_at_least(
    status: int, body: Any, headers: dict[str, str]
):
    failure = error(status, body, **headers)
    assert isinstance(failure, RateLimited)
    assert not failure.told
    assert failure.retry_after == 60


def test_a_reset_in_the_past_is_no_wait_below_zero():
    failure = error(403, date=DATE, x_ratelimit_remaining="0", x_ratelimit_reset="1")
    assert isinstance(failure, RateLimited)
    assert 0 < failure.retry_after <= 1


def test_an_absurd_wait_is_bounded():
    failure = error(429, retry_after="99999999999")
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == LONGEST_WAIT


def test_a_server_in_trouble_may_say_when_to_come_back():
    failure = error(503, retry_after="7")
    assert isinstance(failure, TransientError)
    assert failure.retry_after == 7


def test_a_refusal_tells_githubs_clock():
    failure = error(401, {"message": "'Issued at' claim ('iat') must be in the past"}, date=DATE)
    assert isinstance(failure, Forbidden)
    assert (failure.status, failure.server_time) == (401, NOON)


@given(status=st.integers(300, 599), body=st.binary(max_size=60), write=st.booleans())
def test_any_answer_is_an_error_of_ours_with_printable_words(status: int, body: bytes, write: bool):
    failure = error_from(status, {}, body, write=write)
    assert isinstance(failure, PermanentError | TransientError)
    assert failure.reason.encode()


def test_a_lone_surrogate_or_endless_nesting_does_no_harm():
    assert error_from(422, {}, b'{"message":"\\ud800"}', write=False).args[0].encode()
    assert isinstance(error_from(422, {}, b"[" * 100_000, write=False), Unprocessable)
