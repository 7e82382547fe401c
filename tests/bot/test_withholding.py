"""No secret of this process goes to a model, and none comes back from one."""

from dataclasses import dataclass, field

import pytest

from bot.withholding import WITHHELD, DiscreetReader, DiscreetVerifier, Withheld
from core.models import (
    Prompt,
    Reading,
    ReplyFinding,
    ReviewReply,
    Usage,
    Verdict,
    VerdictWord,
    VerificationReading,
    VerificationReply,
)

WEBHOOK = "hook-5f1d9a77c0e2"
PEM = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA7\nq8Zr3k5v1LmX0aT7\n-----END KEY-----"
KEYS = "signing-key-of-today,signing-key-of-before"
SECRETS = (WEBHOOK, PEM, KEYS, "ollama")
PROMPT = Prompt(
    "Be a reviewer.", f"12+|SECRET = '{WEBHOOK}'\n13+|  q8Zr3k5v1LmX0aT7", ("a.py",), "run-1"
)


@dataclass
class Compromised:
    """A model that repeats whatever it was told, and says a secret that it was not."""

    names: tuple[str, ...] = ("openai:evil",)
    context_tokens: int = 9_000
    asked: list[Prompt] = field(default_factory=list)

    async def read(self, prompt: Prompt) -> Reading:
        self.asked.append(prompt)
        text = f"{prompt.material} {WEBHOOK}"
        finding = ReplyFinding(
            path=text,
            line=1,
            severity="nit",
            category=text,
            title=text,
            body=text,
            quote=text,
            suggestion=text,
        )
        reply = ReviewReply(summary=text, findings=(finding,))
        return Reading(reply, self.names[0], first_choice=True, usage=Usage(calls=1))

    async def verify(
        self, prompt: Prompt, *, without: frozenset[str] = frozenset()
    ) -> VerificationReading:
        self.asked.append(prompt)
        verdict = Verdict(
            id="c1", verdict=VerdictWord.CONFIRMED, reason=f"{WEBHOOK} {PEM} {KEYS[-21:]}"
        )
        reply = VerificationReply(verdicts=(verdict,))
        return VerificationReading(reply, self.names[0], first_choice=True, usage=Usage(calls=1))


def leaks(text: object) -> list[str]:
    said = repr(text)
    telling = [WEBHOOK, *PEM.splitlines()[1:3], *KEYS.split(",")]
    return [each for each in telling if each in said]


async def test_a_reader_hears_no_secret_and_says_none() -> None:
    model = Compromised()
    chain = DiscreetReader(model, Withheld(SECRETS))

    reading = await chain.read(PROMPT)

    assert leaks(model.asked) == []
    assert leaks(reading) == []
    assert reading.reply.findings[0].body.count(WITHHELD) == 3
    assert (reading.model, reading.usage.calls) == ("openai:evil", 1)
    assert (chain.names, chain.context_tokens) == (model.names, 9_000)
    assert (model.asked[0].paths, model.asked[0].run) == (PROMPT.paths, PROMPT.run)


async def test_a_verifier_hears_no_secret_and_says_none() -> None:
    model = Compromised()
    chain = DiscreetVerifier(model, Withheld(SECRETS))

    reading = await chain.verify(PROMPT)

    assert leaks(model.asked) == []
    assert leaks(reading) == []
    assert reading.reply.verdicts[0].verdict is VerdictWord.CONFIRMED
    assert (chain.names, chain.context_tokens) == (model.names, 9_000)


@pytest.mark.parametrize("secrets", [(), ("",), ("ollama",)])
async def test_without_secrets_nothing_changes(secrets: tuple[str, ...]) -> None:
    model = Compromised()
    reading = await DiscreetReader(model, Withheld(secrets)).read(PROMPT)
    assert model.asked == [PROMPT]
    assert reading.reply.summary == f"{PROMPT.material} {WEBHOOK}"
