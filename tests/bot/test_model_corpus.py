"""Malformed answers of both kinds: every whole item is had, nothing crashes, one repair at most."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from bot.adapters.models import PydanticAIChain, Timeouts, parse_spec
from bot.adapters.models.json_text import Malformed
from bot.adapters.models.parsing import parse_reply, salvage
from bot.adapters.models.verdicts import CONTRADICTED, parse_verdicts, salvage_verdicts
from core.errors import ModelUnavailable
from core.models import Prompt, ReviewReply, VerdictWord, VerificationReply
from tests.bot.model_corpus import CASES, Spoilt
from tests.fakes.model_answers import Says
from tests.fakes.model_server import ModelServer

one_loop = pytest.mark.asyncio(loop_scope="module")

PROMPT = Prompt("Look.", "the material", ("shop/cart.py",))
FINDINGS: list[dict[str, Any]] = [
    {
        "path": "shop/cart.py",
        "line": line,
        "severity": "important",
        "category": "bug",
        "title": f"Step {line} goes wrong",
        "body": 'It fails for {"items": []}.',
        "quote": "return total / len(items)  # } ] ,} \\",
        "confidence": 0.9,
    }
    for line in (12, 20, 30)
]
VERDICTS: list[dict[str, Any]] = [
    {"id": id_, "verdict": "confirmed", "reason": "It fails for {}."} for id_ in ("a1", "b2", "c3")
]
REVIEW = json.dumps({"summary": "Takes payments.", "findings": FINDINGS, "resolved": []})
VERIFICATION = json.dumps({"verdicts": VERDICTS})


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chain(server: ModelServer) -> AsyncIterator[PydanticAIChain]:
    spec = parse_spec("openai:test-model", base_url=server.openai_url, key="k")
    made = PydanticAIChain([spec], timeouts=Timeouts())
    yield made
    await made.close()


@one_loop
@pytest.mark.parametrize("spoilt", CASES, ids=lambda each: each.name)
async def test_review_gives_every_whole_finding(
    spoilt: Spoilt, server: ModelServer, chain: PydanticAIChain
) -> None:
    bad = spoilt.damage(REVIEW, FINDINGS)
    server.script = lambda _: Says(bad)
    server.requests.clear()

    found = await lines(chain)

    assert len(found) == spoilt.survive
    assert found <= {12, 20, 30}
    assert len(server.requests) <= spoilt.calls


async def lines(chain: PydanticAIChain) -> set[int]:
    try:
        reading = await chain.read(PROMPT)
    except ModelUnavailable:
        return set()
    return {finding.line for finding in reading.reply.findings}


@one_loop
@pytest.mark.parametrize("spoilt", CASES, ids=lambda each: each.name)
async def test_verification_gives_every_whole_verdict(
    spoilt: Spoilt, server: ModelServer, chain: PydanticAIChain
) -> None:
    bad = spoilt.damage(VERIFICATION, VERDICTS)
    server.verifier = lambda _: Says(bad)
    server.verifications.clear()

    found = await ids(chain)

    assert len(found) == spoilt.survive
    assert found <= {"a1", "b2", "c3"}
    assert len(server.verifications) <= spoilt.calls


async def ids(chain: PydanticAIChain) -> set[str]:
    try:
        reading = await chain.verify(PROMPT)
    except ModelUnavailable:
        return set()
    return {verdict.id for verdict in reading.reply.verdicts}


@one_loop
async def test_repaired_verdicts_are_whole(server: ModelServer, chain: PydanticAIChain) -> None:
    server.verifier = lambda asked: Says(
        VERIFICATION if "could not be used" in json.dumps(asked.body) else VERIFICATION[:-20]
    )

    reading = await chain.verify(PROMPT)

    assert len(reading.reply.verdicts) == 3
    assert not reading.salvaged
    assert reading.usage.calls == 2


def test_verdicts_that_contradict_each_other_decide_nothing() -> None:
    twice = [VERDICTS[0], VERDICTS[0] | {"verdict": "rejected"}, VERDICTS[1]]
    reply = parse_verdicts(json.dumps({"verdicts": twice}))
    assert isinstance(reply, VerificationReply)
    first, second = reply.verdicts
    assert (first.verdict, first.reason) == (VerdictWord.UNVERIFIABLE, CONTRADICTED)
    assert second.verdict is VerdictWord.CONFIRMED


@pytest.mark.parametrize("given", ["id: a1", " `a1` ", "a1"])
def test_an_id_copied_with_what_stands_around_it_is_known(given: str) -> None:
    reply = parse_verdicts(json.dumps({"verdicts": [VERDICTS[0] | {"id": given}]}))
    assert isinstance(reply, VerificationReply)
    assert [verdict.id for verdict in reply.verdicts] == ["a1"]


def test_what_stands_in_strings_is_never_mended() -> None:
    quote = "x = [1, ]  # None, True\\\\d ,}"
    reply = parse_reply(json.dumps({"findings": [FINDINGS[0] | {"quote": quote}]})[:-1] + ",}")
    assert isinstance(reply, ReviewReply)
    assert reply.findings[0].quote == quote


SHORT = FINDINGS[0] | {"path": "a.py", "body": "It fails.", "quote": "a / b"}


def test_ten_thousand_findings_are_read() -> None:
    text = json.dumps({"findings": [SHORT] * 10_000})
    reply = parse_reply(text)
    assert isinstance(reply, ReviewReply)
    assert len(reply.findings) == 10_000


def test_ten_thousand_findings_are_salvaged() -> None:
    many = [SHORT | {"line": line} for line in range(1, 10_001)]
    reply = salvage(json.dumps({"findings": many})[:-1])
    assert reply is not None
    assert len(reply.findings) == 10_000


@pytest.mark.parametrize(
    "huge",
    [
        '{"summary": "' + "x" * 50_000_000,
        '{"summary": "' + '\\"' * 25_000_000,
        '{"' * 25_000_000,
        "{ " * 25_000_000,
        ",}" * 25_000_000,
        REVIEW[:-1] + " " * 50_000_000,
    ],
    ids=["text", "escapes", "openings", "blanks", "commas", "spaces"],
)
def test_fifty_megabytes_of_anything_are_given_up_in_seconds(huge: str) -> None:
    started = time.process_time()
    assert isinstance(parse_reply(huge), Malformed)
    salvage(huge)
    assert isinstance(parse_verdicts(huge), Malformed)
    salvage_verdicts(huge)
    assert time.process_time() - started < 30
