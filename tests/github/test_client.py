"""What the client sends, takes and tries again; and that it never repeats a write."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Iterator

import httpx
import pytest

from core.errors import ArgusError, PermanentError, TransientError
from github.client import segment
from github.errors import AmbiguousWrite, Forbidden, NotFound, RateLimited, TooLarge, Unprocessable
from github.exchange import MAX_JSON_BYTES
from github.pace import WritePace
from tests.github.wire import API, Bytes, Clock, Wire, in_turn, json_answer

OK = json_answer({"ok": True})
BROKEN = json_answer({"message": "Server Error"}, 502)
UNSENT = httpx.ConnectError("refused")
LOST = httpx.ReadError("connection reset")
WRITES = ["post", "patch", "put", "delete"]


async def write(wire: Wire, verb: str, **options: float) -> object:
    """Make one write of a kind; a deletion has no body."""
    call = getattr(wire.client(), verb)
    return await (call("/x", **options) if verb == "delete" else call("/x", {"a": 1}, **options))


async def test_a_read_says_who_asks_and_for_which_version():
    wire = Wire(in_turn(OK))
    assert await wire.client().get("/repos/a/b", params={"page": 2}) == {"ok": True}
    headers = wire.requests[0].headers
    assert wire.sent == ["GET /repos/a/b?page=2"]
    assert headers["authorization"] == "Bearer t0"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["user-agent"]


async def test_anonymous_sends_no_authorization_at_all():
    wire = Wire(in_turn(OK))
    await wire.client(credential=None).get("/x")
    assert "authorization" not in wire.requests[0].headers


async def test_an_enterprise_address_keeps_its_path():
    wire = Wire(in_turn(OK))
    await wire.client(api_url="https://ghe.test/api/v3/").get("/user")
    assert str(wire.requests[0].url) == "https://ghe.test/api/v3/user"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a b", "a%20b"),
        ("50%", "50%25"),
        ("a#b?c", "a%23b%3Fc"),
        ("a/b", "a%2Fb"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("%2e%2e", "%252e%252e"),
        ("a+b&c=d;e", "a%2Bb%26c%3Dd%3Be"),
        (".env", ".env"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("😀", "%F0%9F%98%80"),
    ],
)
async def test_a_segment_reaches_github_as_it_is_named(text: str, quoted: str):
    wire = Wire(in_turn(OK))
    await wire.client().get(f"/contents/{segment(text)}", params={"ref": "x y"})
    path, _, _ = wire.requests[0].url.raw_path.partition(b"?")
    assert path == f"/contents/{quoted}".encode()


@pytest.mark.parametrize("failure", [BROKEN, UNSENT, LOST, httpx.ReadTimeout("late")])
async def test_a_read_is_tried_again_a_little(failure: httpx.Response | Exception):
    wire = Wire(in_turn(failure, failure, OK))
    assert await wire.client().get("/x") == {"ok": True}
    assert len(wire.requests) == 3


@pytest.mark.parametrize("failure", [BROKEN, UNSENT, LOST])
async def test_a_read_gives_up_after_three_tries(failure: httpx.Response | Exception):
    wire = Wire(in_turn(failure))
    with pytest.raises(TransientError) as raised:
        await wire.client().get("/x")
    assert not isinstance(raised.value, AmbiguousWrite)
    assert len(wire.requests) == 3


async def test_a_read_does_not_wait_long_for_a_server_in_trouble():
    wire = Wire(in_turn(json_answer({}, 503, retry_after="120")))
    with pytest.raises(TransientError) as raised:
        await wire.client().get("/x")
    assert raised.value.retry_after == 120
    assert len(wire.requests) == 1


@pytest.mark.parametrize("verb", WRITES)
@pytest.mark.parametrize("failure", [BROKEN, LOST, httpx.ReadTimeout("late"), json_answer({}, 500)])
async def test_a_write_of_unknown_fate_is_never_repeated(
    verb: str, failure: httpx.Response | Exception
):
    wire = Wire(in_turn(failure))
    with pytest.raises(AmbiguousWrite):
        await write(wire, verb)
    assert len(wire.requests) == 1


async def test_a_write_whose_confirmation_is_garbage_is_of_unknown_fate():
    wire = Wire(in_turn(httpx.Response(201, content=b"<html>")))
    with pytest.raises(AmbiguousWrite):
        await write(wire, "post")


@pytest.mark.parametrize("verb", WRITES)
async def test_a_write_that_was_never_sent_is_not_ambiguous(verb: str):
    wire = Wire(in_turn(UNSENT))
    with pytest.raises(TransientError) as raised:
        await write(wire, verb)
    assert not isinstance(raised.value, AmbiguousWrite)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("verb", WRITES)
async def test_a_rejected_write_is_final(verb: str):
    wire = Wire(in_turn(json_answer({"message": "Validation Failed"}, 422)))
    with pytest.raises(Unprocessable):
        await write(wire, verb)
    assert len(wire.requests) == 1


async def test_a_write_over_its_time_is_of_unknown_fate():
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(30)
            raise AssertionError("nobody waits that long")

    wire = Wire(in_turn(OK))
    client = wire.client()
    client._http = httpx.AsyncClient(transport=Silent())
    started = asyncio.get_running_loop().time()
    with pytest.raises(AmbiguousWrite):
        await client.post("/x", {}, timeout=0.1)
    assert asyncio.get_running_loop().time() - started < 5


async def test_a_turn_that_would_eat_the_writes_time_is_refused_before_sending():
    clock = Clock()
    pace = WritePace(clock=clock, sleep=clock.sleep)
    wire = Wire(in_turn(OK))
    client = wire.client(pace=pace)
    for _ in range(6):
        await client.post("/x", {}, timeout=1.0)
    with pytest.raises(RateLimited) as raised:
        await client.post("/x", {}, timeout=1.0)
    assert raised.value.retry_after == 1
    assert len(wire.requests) == 6


async def test_nothing_is_sent_while_github_limits_the_installation():
    clock = Clock()
    pace = WritePace(clock=clock, sleep=clock.sleep)
    limited = json_answer({"message": "secondary rate limit"}, 403, retry_after="30")
    wire = Wire(in_turn(limited, OK))
    first, second = wire.client(pace=pace), wire.client(pace=pace)
    for attempt in (first.get("/x"), first.get("/x"), second.get("/x"), second.post("/x", {})):
        with pytest.raises(RateLimited) as raised:
            await attempt
        assert raised.value.retry_after >= 30
    assert len(wire.requests) == 1
    clock.now += 31
    assert await second.get("/x") == {"ok": True}


class Told:
    """A pace that lets everything go, and remembers what it was told."""

    def __init__(self) -> None:
        self.failures: list[ArgusError] = []
        self.successes = 0

    async def enter(self, *, write: bool, patience: float = 60.0) -> None:
        """Let it go."""

    async def failed(self, error: ArgusError) -> ArgusError:
        self.failures.append(error)
        return error

    async def succeeded(self) -> None:
        self.successes += 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (UNSENT, TransientError),
        (LOST, AmbiguousWrite),
        (BROKEN, AmbiguousWrite),
        (json_answer({}, 403, retry_after="30"), RateLimited),
        (json_answer({}, 404), NotFound),
        (json_answer({}, 422), Unprocessable),
    ],
)
async def test_a_pace_is_told_of_every_answer_that_is_an_error_and_of_none(
    answer: httpx.Response | Exception, kind: type[ArgusError]
):
    pace = Told()
    client = Wire(in_turn(answer, OK)).client(pace=pace)
    with pytest.raises(kind):
        await client.post("/x", {})
    assert [type(error) for error in pace.failures] == [kind]
    await client.get("/x")
    assert pace.successes == 1


async def test_a_refused_token_is_refreshed_once():
    wire = Wire(in_turn(json_answer({"message": "Bad credentials"}, 401), OK))
    assert await wire.client().post("/x", {"a": 1}) == {"ok": True}
    sent = [r.headers["authorization"] for r in wire.requests]
    assert sent == ["Bearer t0", "Bearer t0-fresh"]
    assert wire.requests[1].content == wire.requests[0].content


async def test_a_token_refused_twice_is_final():
    wire = Wire(in_turn(json_answer({"message": "Bad credentials"}, 401)))
    with pytest.raises(Forbidden):
        await wire.client().get("/x")
    assert len(wire.requests) == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("verb", ["get", "post", "patch", "delete"])
async def test_a_renamed_repository_is_followed_with_the_same_verb(status: int, verb: str):
    moved = httpx.Response(status, headers={"location": f"{API}/repositories/1/x"})
    wire = Wire(in_turn(moved, OK))
    if verb == "get":
        await wire.client().get("/x")
    else:
        await write(wire, verb)
    assert wire.sent[1] == f"{verb.upper()} /repositories/1/x"
    assert wire.requests[1].content == wire.requests[0].content
    assert wire.requests[1].headers["authorization"] == "Bearer t0"


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.test/x",
        "http://api.github.test/x",
        "https://api.github.test:8443/x",
        "https://api.github.test@evil.test/x",
        "//evil.test/x",
        "https://api.github.test.evil.test/x",
    ],
)
async def test_a_redirect_to_another_host_gets_no_request(location: str):
    wire = Wire(in_turn(httpx.Response(302, headers={"location": location}), OK))
    with pytest.raises(PermanentError):
        await wire.client().get("/x")
    assert [r.url.host for r in wire.requests] == ["api.github.test"]


async def test_redirects_in_a_circle_end():
    wire = Wire(in_turn(httpx.Response(302, headers={"location": "/x"})))
    with pytest.raises(PermanentError):
        await wire.client().get("/x")
    assert len(wire.requests) == 5


def numbered_pages(total: int) -> Wire:
    """Serve so many numbers, linked as GitHub links pages, under another path."""

    def handler(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", 1))
        size = int(request.url.params["per_page"])
        last = -(-total // size)
        base = f"https://elsewhere.test/repositories/1/x?per_page={size}"
        links = [f'<{base}&page={last}>; rel="last"', f'<{base}&page={page + 1}>; rel="next"']
        headers = {"link": ", ".join(links)} if page < last else {}
        rows = list(range((page - 1) * size, min(page * size, total)))
        return httpx.Response(200, json=rows, headers=headers)

    return Wire(handler)


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (300, 3)])
async def test_pages_are_read_a_hundred_at_a_time_and_in_order(total: int, requests: int):
    wire = numbered_pages(total)
    assert await wire.client().pages("/x") == list(range(total))
    assert len(wire.requests) == requests


async def test_pages_stop_at_the_limit():
    wire = numbered_pages(5_000)
    assert await wire.client().pages("/x", limit=250) == list(range(250))
    assert len(wire.requests) == 3


async def test_links_are_used_for_their_query_alone():
    wire = numbered_pages(250)
    await wire.client().pages("/x", params={"state": "open"})
    assert {r.url.host for r in wire.requests} == {"api.github.test"}
    assert all(r.url.path == "/x" and r.url.params["state"] == "open" for r in wire.requests)


async def test_a_list_with_a_cursor_is_followed_one_by_one():
    def linked(rows: list[int], cursor: str = "") -> httpx.Response:
        link = {"link": f'<{API}/x?cursor={cursor}>; rel="next"'} if cursor else {}
        return httpx.Response(200, json=rows, headers=link)

    wire = Wire(in_turn(linked([1], "v1_2"), linked([2], "v1_3"), linked([3])))
    assert await wire.client().pages("/x") == [1, 2, 3]
    assert wire.sent[2] == "GET /x?per_page=100&cursor=v1_3"


async def test_an_endless_list_of_empty_pages_ends():
    wire = Wire(in_turn(httpx.Response(200, json=[], headers={"link": '</x?a=1>; rel="next"'})))
    assert await wire.client().pages("/x") == []
    assert len(wire.requests) == 2


async def test_a_wrapped_list_is_unwrapped():
    wire = Wire(in_turn(json_answer({"total_count": 1, "check_runs": [{"id": 1}]})))
    assert await wire.client().pages("/x", key="check_runs") == [{"id": 1}]


async def test_one_failing_page_fails_the_whole_list():
    pages = numbered_pages(900)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("page") == "5":
            return json_answer({"message": "Not Found"}, 404)
        return pages._handler(request)

    with pytest.raises(NotFound):
        await Wire(handler).client().pages("/x")


@pytest.mark.parametrize("body", [b"{}", b'"x"', b"null", b"<html>", b'{"a":', b"[" * 100_000])
async def test_something_else_than_a_list_is_githubs_trouble(body: bytes):
    with pytest.raises(TransientError):
        await Wire(in_turn(httpx.Response(200, content=body))).client().pages("/x")


async def test_lone_surrogates_do_not_get_in():
    body = b'[{"patch":"\\ud83d\\ude00 and \\ud800"}]'
    wire = Wire(in_turn(httpx.Response(200, content=body)))
    assert await wire.client().pages("/x") == [{"patch": "😀 and ?"}]


async def test_raw_gives_bytes_or_nothing():
    wire = Wire(in_turn(httpx.Response(200, content=b"\xff\x00"), json_answer({}, 404)))
    client = wire.client()
    answer = await client.raw("/x", accept="a/b", max_bytes=10)
    assert answer is not None
    assert answer.body == b"\xff\x00"
    assert wire.requests[0].headers["accept"] == "a/b"
    assert await client.raw("/x", accept="a/b", max_bytes=10) is None


async def test_raw_takes_exactly_its_cap_and_not_a_byte_more():
    wire = Wire(in_turn(httpx.Response(200, content=b"12345")))
    answer = await wire.client().raw("/x", accept="a/b", max_bytes=5)
    assert answer is not None
    assert answer.body == b"12345"
    with pytest.raises(TooLarge):
        await wire.client().raw("/x", accept="a/b", max_bytes=4)


def bomb(chunks: int) -> Iterator[bytes]:
    """Yield gzip of zeros, a thousand times smaller than what it unpacks to."""
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(chunks):
        yield press.compress(bytes(8 * 1024 * 1024)) + press.flush(zlib.Z_SYNC_FLUSH)
    yield press.flush()


async def test_a_gzip_bomb_is_dropped_while_it_unpacks():
    body = Bytes(bomb(64))
    headers = {"content-encoding": "gzip"}
    wire = Wire(in_turn(httpx.Response(200, headers=headers, stream=body)))
    with pytest.raises(TooLarge):
        await wire.client().get("/x")
    # Half a gigabyte was on offer; what unpacks to four chunks of it was taken at most.
    assert body.produced < 64 * 8 * 1024 * 1024 / 1_000 / 8


async def test_gzip_within_the_cap_is_unpacked():
    content = gzip.compress(json.dumps({"a": "x" * 10_000}).encode())
    answer = httpx.Response(
        200, headers={"content-encoding": "gzip"}, stream=Bytes(iter([content]))
    )
    assert await Wire(in_turn(answer)).client().get("/x") == {"a": "x" * 10_000}


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "zstd"])
async def test_layers_and_other_compressions_are_not_taken(encoding: str):
    body = Bytes(iter([b"x" * 100]))
    headers = {"content-encoding": encoding}
    wire = Wire(lambda _: httpx.Response(200, headers=headers, stream=body))
    with pytest.raises(TransientError):
        await wire.client().get("/x")
    assert body.produced == 0


async def test_an_endless_body_is_dropped_at_the_cap():
    body = Bytes(iter(lambda: b"x" * 1_000_000, b""))
    wire = Wire(in_turn(httpx.Response(200, stream=body)))
    with pytest.raises(TooLarge):
        await wire.client().get("/x")
    assert body.produced <= MAX_JSON_BYTES + 1_000_000
