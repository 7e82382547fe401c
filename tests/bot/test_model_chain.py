"""The chain against a scripted model server: what answers, what is tried again, what it costs."""

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import pytest_asyncio

from bot.adapters.models import ModelSpec, PydanticAIChain, Timeouts, parse_spec
from core.errors import ModelUnavailable, PromptTooLarge
from core.models import Prompt, Usage
from tests.fakes import model_answers as answers
from tests.fakes.model_answers import Answer, Asked, Fails, HangsUp, Says, Silent, review
from tests.fakes.model_server import ModelServer, one_after_another

PROMPT = Prompt("Be a reviewer.", "the material", ("shop/cart.py",))
FINDING = {
    "path": "shop/cart.py",
    "line": 12,
    "severity": "important",
    "category": "bug",
    "title": "Divides by zero",
    "body": "An empty cart has no mean.",
    "quote": "return total / len(items)",
}
GOOD = review(FINDING)
QUICK = Timeouts(connect=1.0, first_byte=0.7, idle=0.5, total=2.0)
PROVIDERS = ("openai", "anthropic", "ollama", "heroku")


@dataclass
class Memory:
    """A cache that keeps everything."""

    kept: dict[str, bytes] = field(default_factory=dict)
    ttls: list[int] = field(default_factory=list)

    async def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    async def put(self, key: str, value: bytes, ttl: int) -> None:
        self.kept[key] = value
        self.ttls.append(ttl)


class Chains:
    """Builds chains on one server and closes them; remembers every pause."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._open: list[PydanticAIChain] = []
        self.pauses: list[float] = []

    def spec(self, text: str) -> ModelSpec:
        provider = text.partition(":")[0]
        url = self._server.openai_url if provider == "openai" else self._server.url
        return parse_spec(text, base_url=url, key="k")

    def __call__(self, *specs: str, **options: Any) -> PydanticAIChain:
        chain = PydanticAIChain(
            [self.spec(text) for text in specs or ("openai:test-model",)],
            timeouts=options.pop("timeouts", QUICK),
            sleep=self._sleep,
            jitter=lambda: 0.5,
            **options,
        )
        self._open.append(chain)
        return chain

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def close(self) -> None:
        for chain in self._open:
            await chain.close()


@pytest_asyncio.fixture
async def chains(model_server: ModelServer) -> AsyncIterator[Chains]:
    made = Chains(model_server)
    yield made
    await made.close()


def by_model(**script: Answer) -> Callable[[Asked], Answer]:
    """Answer each model in its own way."""
    return lambda asked: script[asked.model]


async def reasons(chain: PydanticAIChain) -> tuple[str, ...]:
    with pytest.raises(ModelUnavailable) as caught:
        await chain.read(PROMPT)
    return caught.value.reasons


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_each_provider_answers_in_the_contracts_schema(
    provider: str, model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = lambda _: GOOD
    reading = await chains(f"{provider}:test-model").read(PROMPT)
    (asked,) = model_server.requests
    assert asked.streamed
    assert "Be a reviewer." in asked.text
    assert "the material" in asked.text
    schema = asked.schema
    assert schema is not None
    assert set(schema["properties"]) == {"summary", "findings", "resolved"}
    assert [f.line for f in reading.reply.findings] == [12]
    assert reading.model == f"{provider}:test-model"
    assert reading.first_choice
    assert (reading.usage.input_tokens, reading.usage.output_tokens) == (1000, 100)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("answer", "why", "calls"),
    [
        (answers.out_of_quota(), "the account's quota is used up (429)", 1),
        (answers.overloaded(), "it is overloaded (529)", 2),
        (Fails(500), "its server failed (500)", 2),
        (Fails(401), "the key was refused (401)", 1),
        (Fails(403), "the key was refused (403)", 1),
        (Fails(404), "there is no such model or address (404)", 1),
        (Fails(410), "this model was retired (410)", 1),
        (HangsUp(), "the connection broke", 2),
        (replace(GOOD, cut_after=2), "the connection broke", 2),
        (answers.empty(), "its answer was empty", 1),
        (answers.refuses(), "it refused, or a content filter stopped it", 1),
        (answers.filtered(), "it refused, or a content filter stopped it", 1),
        (Silent(), "it did not begin to answer within 0.7 s", 1),
        (Silent(headers_first=True), "it did not begin to answer within 0.7 s", 1),
        (replace(GOOD, pause=0.6), "it fell silent for 0.5 s", 1),
        (replace(GOOD, drip=0.02), "it did not begin to answer within 0.7 s", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_failure_is_named_and_tried_again_only_where_that_helps(
    provider: str, answer: Answer, why: str, calls: int, model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = lambda _: answer
    assert await reasons(chains(f"{provider}:test-model")) == (f"{provider}:test-model: {why}",)
    assert len(model_server.requests) == calls


async def test_long_answer_is_ended_at_its_total_time(
    model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = lambda _: replace(GOOD, pause=0.2, pieces=40)
    started = time.monotonic()
    assert await reasons(chains()) == ("openai:test-model: it took longer than 2 s",)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_error_inside_a_stream_that_began_well_is_a_failure(
    provider: str, model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = one_after_another(replace(GOOD, error_after=3), GOOD)
    reading = await chains(f"{provider}:test-model").read(PROMPT)
    assert len(model_server.requests) == 2
    assert len(reading.reply.findings) == 1


async def test_endless_answer_is_ended(model_server: ModelServer, chains: Chains) -> None:
    huge = Says(json.dumps({"summary": "x" * 20_000_000}))
    model_server.script = lambda _: huge
    assert await reasons(chains(timeouts=Timeouts())) == (
        "openai:test-model: the connection broke",
    )


async def test_redirect_is_not_followed(model_server: ModelServer, chains: Chains) -> None:
    model_server.script = lambda _: Fails(
        307, headers={"location": f"{model_server.url}/v1/models"}
    )
    assert len(await reasons(chains())) == 1


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("answer", "cost"),
    [(answers.context_exceeded(), Usage()), (answers.truncated(GOOD), Usage(calls=1))],
    ids=["prompt", "answer"],
)
async def test_too_large_prompt_or_answer_asks_for_a_smaller_prompt(
    provider: str, answer: Answer, cost: Usage, model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = lambda _: answer
    with pytest.raises(PromptTooLarge) as caught:
        await chains(f"{provider}:test-model", "openai:never").read(PROMPT)
    assert caught.value.usage.calls == cost.calls
    assert len(model_server.requests) == 1


async def test_waits_as_long_as_the_provider_says(
    model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = one_after_another(answers.rate_limited(3), GOOD)
    assert (await chains().read(PROMPT)).first_choice
    assert chains.pauses == [3.0]


async def test_long_wait_goes_to_the_next_model_instead(
    model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = by_model(one=answers.rate_limited(90), two=GOOD)
    reading = await chains("openai:one", "anthropic:two").read(PROMPT)
    assert reading.model == "anthropic:two"
    assert not reading.first_choice
    assert chains.pauses == []


async def test_chain_names_what_each_model_said(model_server: ModelServer, chains: Chains) -> None:
    model_server.script = by_model(one=Fails(401), two=answers.refuses())
    assert await reasons(chains("openai:one", "anthropic:two")) == (
        "openai:one: the key was refused (401)",
        "anthropic:two: it refused, or a content filter stopped it",
    )


async def test_failing_model_is_left_alone_for_a_while(
    model_server: ModelServer, chains: Chains
) -> None:
    now = [0.0]
    model_server.script = by_model(one=Fails(401), two=GOOD)
    chain = chains("openai:one", "openai:two", clock=lambda: now[0])
    for _ in range(3):
        await chain.read(PROMPT)
    assert [asked.model for asked in model_server.requests].count("one") == 1
    now[0] = 10_000.0
    model_server.script = lambda _: GOOD
    assert (await chain.read(PROMPT)).first_choice


@pytest.mark.parametrize("spoil", [answers.fenced, answers.doubled])
async def test_forgivable_form_costs_no_second_call(
    spoil: Callable[[Says], Says], model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = lambda _: spoil(GOOD)
    reading = await chains().read(PROMPT)
    assert len(reading.reply.findings) == 1
    assert not reading.salvaged
    assert len(model_server.requests) == 1


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
async def test_malformed_answer_is_repaired_once(
    provider: str, model_server: ModelServer, chains: Chains
) -> None:
    broken = replace(GOOD, content=GOOD.content[:-30])
    model_server.script = one_after_another(broken, GOOD)
    reading = await chains(f"{provider}:test-model").read(PROMPT)
    assert len(reading.reply.findings) == 1
    assert not reading.salvaged
    assert reading.usage.calls == 2
    assert "not one complete JSON object" in json.dumps(model_server.requests[1].body)


async def test_answer_that_stays_malformed_gives_its_whole_findings(
    model_server: ModelServer, chains: Chains
) -> None:
    three = review(FINDING, {**FINDING, "line": 20}, {**FINDING, "line": 30})
    model_server.script = lambda _: replace(three, content=three.content[:-60])
    reading = await chains().read(PROMPT)
    assert reading.salvaged
    assert [finding.line for finding in reading.reply.findings] == [12, 20]
    assert len(model_server.requests) == 2


async def test_nonsense_goes_to_the_next_model_after_one_repair(
    model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = by_model(one=Says("no problems here"), two=GOOD)
    reading = await chains("openai:one", "openai:two").read(PROMPT)
    assert reading.model == "openai:two"
    assert [asked.model for asked in model_server.requests] == ["one", "one", "two"]
    assert reading.usage.calls == 3


async def test_server_that_rejects_the_form_is_asked_in_the_other(
    model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = lambda asked: GOOD if not asked.body.get("tools") else Fails(400)
    chain = chains()
    for _ in range(2):
        assert len((await chain.read(PROMPT)).reply.findings) == 1
    assert [bool(asked.body.get("tools")) for asked in model_server.requests] == [
        True,
        False,
        False,
    ]


async def test_server_that_does_not_stream_is_understood(
    model_server: ModelServer, chains: Chains
) -> None:
    model_server.script = lambda _: replace(GOOD, whole=True)
    reading = await chains().read(PROMPT)
    assert [finding.title for finding in reading.reply.findings] == ["Divides by zero"]
    assert (reading.usage.input_tokens, reading.usage.output_tokens) == (1000, 100)
    assert len(model_server.requests) == 1


async def test_complete_answer_is_paid_once_in_an_hour(
    model_server: ModelServer, chains: Chains
) -> None:
    memory = Memory()
    model_server.script = lambda _: GOOD
    first = await chains(cache=memory).read(PROMPT)
    again = await chains(cache=memory).read(PROMPT)
    assert again.reply == first.reply
    assert again.usage == Usage(cached_calls=1, usd=0.0)
    assert memory.ttls == [3600]
    assert len(model_server.requests) == 1
    await chains(cache=memory).read(replace(PROMPT, material="other"))
    assert len(model_server.requests) == 2


async def test_salvaged_answer_is_not_kept(model_server: ModelServer, chains: Chains) -> None:
    memory = Memory()
    two = review(FINDING, FINDING)
    model_server.script = lambda _: replace(two, content=two.content[:-30])
    assert (await chains(cache=memory).read(PROMPT)).salvaged
    assert memory.kept == {}


async def test_broken_cache_entry_is_asked_anew(model_server: ModelServer, chains: Chains) -> None:
    memory = Memory()
    model_server.script = lambda _: GOOD
    await chains(cache=memory).read(PROMPT)
    memory.kept = dict.fromkeys(memory.kept, b"{broken")
    await chains(cache=memory).read(PROMPT)
    assert len(model_server.requests) == 2


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_each_provider_gives_verdicts_in_the_contracts_schema(
    provider: str, model_server: ModelServer, chains: Chains
) -> None:
    asked = replace(PROMPT, material="id: a1\nIt fails.\n\nid: b2\nIt fails too.")
    reading = await chains(f"{provider}:test-model").verify(asked)
    (request,) = model_server.verifications
    assert request.streamed
    assert request.schema is not None
    assert set(request.schema["properties"]) == {"verdicts"}
    assert [each.id for each in reading.reply.verdicts] == ["a1", "b2"]
    assert (reading.model, reading.first_choice) == (f"{provider}:test-model", True)
    assert (reading.usage.input_tokens, reading.usage.output_tokens) == (1000, 100)


async def test_verdicts_of_a_model_that_is_not_wanted_are_not_asked_for(
    model_server: ModelServer, chains: Chains
) -> None:
    chain = chains("openai:one", "openai:two")
    reading = await chain.verify(PROMPT, without=frozenset({"openai:one"}))
    assert (reading.model, reading.first_choice) == ("openai:two", False)
    with pytest.raises(ModelUnavailable):
        await chain.verify(PROMPT, without=frozenset(chain.names))
    assert [asked.model for asked in model_server.verifications] == ["two"]


async def test_next_model_gives_the_verdicts_where_one_fails(
    model_server: ModelServer, chains: Chains
) -> None:
    model_server.verifier = lambda asked: (
        Fails(401) if asked.model == "one" else answers.verdicts()(asked)
    )
    reading = await chains("openai:one", "openai:two").verify(PROMPT)
    assert (reading.model, reading.first_choice) == ("openai:two", False)


async def test_verdicts_are_kept_apart_from_reviews_and_paid_once(
    model_server: ModelServer, chains: Chains
) -> None:
    memory = Memory()
    model_server.script = lambda _: GOOD
    chain = chains(cache=memory)
    await chain.read(PROMPT)
    first = await chain.verify(PROMPT)
    again = await chain.verify(PROMPT)
    assert again.reply == first.reply
    assert again.usage == Usage(cached_calls=1, usd=0.0)
    assert len(memory.kept) == 2
    assert (len(model_server.requests), len(model_server.verifications)) == (1, 1)


async def test_proxies_of_the_environment_are_not_used(
    model_server: ModelServer, chains: Chains, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    model_server.script = lambda _: GOOD
    assert (await chains().read(PROMPT)).first_choice


def test_chain_names_its_models_and_its_smallest_context() -> None:
    chain = PydanticAIChain([parse_spec("openai:gpt-5"), parse_spec("ollama:llama3")])
    assert chain.names == ("openai:gpt-5", "ollama:llama3")
    assert chain.context_tokens == parse_spec("ollama:llama3").context_tokens
    assert PydanticAIChain([]).names == ()


def test_nothing_heavy_is_imported_before_the_first_call() -> None:
    code = (
        "import sys; from bot.adapters.models import PydanticAIChain, parse_spec; "
        "PydanticAIChain([parse_spec('openai:x')]); "
        "print(sorted({'pydantic_ai', 'openai', 'anthropic', 'genai_prices'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
