"""A model that refuses, breaks off, falls silent or never ends: the review comes all the same.

It is asked no more often than helps, nothing of an unfinished answer is used, and where no model
answered the check says so. Answers that are whole and wrong are tried in the chain's own tests.
"""

import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.fakes.model_answers import (
    Answer,
    Asked,
    Fails,
    HangsUp,
    Says,
    Script,
    Silent,
    out_of_quota,
    overloaded,
    rate_limited,
    review,
)
from tests.fakes.model_server import one_after_another
from tests.faults.case import Case, Play
from tests.faults.scene import FINDING, MODEL_SECONDS, Pull, Scene

REST = 60.0
"""Seconds within which a pull request must have come to rest: the longest call, and its review."""
TRIES = 2
"""Calls for one prompt, at most."""
MOST_CALLS = 6
"""For any number of reviews of a model that fails each time: three failures in a row, and what
was under way meanwhile."""
SPARE_SECONDS = 15.0
"""For everything in a run but the call, on a busy machine."""
UNAVAILABLE = "the model is unavailable"
GOOD = review(FINDING)
CLAIM = str(FINDING["title"])
WAIT = 2
TIMED = f"429 for {WAIT} s"
"""Seconds that a provider asks for, and the failure that does."""

PASSING: Mapping[str, Answer] = {
    TIMED: rate_limited(WAIT),
    "429 without a time": rate_limited(),
    "500": Fails(500),
    "503": Fails(503, "Service Unavailable"),
    "529": overloaded(),
}
"""Another try may help."""
LASTING: Mapping[str, Answer] = {
    "429 for an hour": rate_limited(3600),
    "429 for money": out_of_quota(),
    "401": Fails(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key"),
    "404": Fails(404, "The model does not exist", "invalid_request_error", "model_not_found"),
    "410": Fails(410, "This model was retired", "invalid_request_error"),
}
"""No other try helps."""
BROKEN: Mapping[str, Answer] = {
    "cut in the middle": Says(GOOD.content, cut_after=2),
    "an error in the stream": Says(GOOD.content, error_after=2),
    "hangs up": HangsUp(),
}
"""Another try may help, and half an answer is none."""
SLOW: Mapping[str, Answer] = {
    "silent": Silent(),
    "silent after its headers": Silent(headers_first=True),
    "silent in the middle": Says(GOOD.content, pieces=4, pause=MODEL_SECONDS),
    "a byte a second": Says(GOOD.content, drip=1.0),
    "without an end": Says(GOOD.content, pieces=200, pause=MODEL_SECONDS / 10),
}
"""Another try would take as long."""


def failing_once(kinds: Mapping[str, Answer]) -> Play:
    """Return a play in which the model fails once and then answers: it is a full review."""

    async def play(scene: Scene, chance: Random) -> None:
        kind = chance.choice(sorted(kinds))
        pull, asked = await _reviewed(scene, one_after_another(kinds[kind], GOOD))
        assert len(asked) == TRIES, f"{kind}: asked {len(asked)} times"
        _require_words_of_model(scene, pull, kind)
        if kind == TIMED:
            apart = asked[1].at - asked[0].at
            assert apart >= WAIT, f"asked again after {apart:.1f} s"

    return play


def failing(kinds: Mapping[str, Answer], tries: int) -> Play:
    """Return a play in which the model fails for good: rules alone find something, and that is
    said."""

    async def play(scene: Scene, chance: Random) -> None:
        kind = chance.choice(sorted(kinds))
        began = time.monotonic()
        pull, asked = await _reviewed(scene, lambda _: kinds[kind])
        took = time.monotonic() - began
        assert 0 < len(asked) <= tries, f"{kind}: asked {len(asked)} times"
        assert took <= tries * MODEL_SECONDS + SPARE_SECONDS, f"{kind}: it took {took:.0f} s"
        _require_words_of_rules(scene, pull, kind)

    return play


async def left_alone(scene: Scene, chance: Random) -> None:
    """Review one after the other while the model fails: soon nobody asks it any more."""
    kind = chance.choice(sorted(PASSING))
    asked = 0
    for number in range(chance.randint(4, 6)):
        pull, calls = await _reviewed(scene, lambda _: PASSING[kind])
        asked += len(calls)
        assert number or calls, "the first review did not ask"
        _require_words_of_rules(scene, pull, kind)
    assert asked <= MOST_CALLS, f"{kind}: asked {asked} times"


async def _reviewed(scene: Scene, script: Script) -> tuple[Pull, Sequence[Asked]]:
    """Have a pull request reviewed; return it with what was asked of the model for it."""
    assert scene.model is not None
    before = len(scene.model.requests)
    scene.model.script = script
    pull = scene.open()
    await scene.settled(pull, seconds=REST)
    return pull, scene.model.requests[before:]


def _require_words_of_model(scene: Scene, pull: Pull, kind: str) -> None:
    shown = scene.shown(pull)
    assert UNAVAILABLE not in _said_of(shown), f"{kind}: told as unavailable"
    assert any(CLAIM in c["body"] for c in shown["review_comments"]), f"{kind}: nothing of it"


def _require_words_of_rules(scene: Scene, pull: Pull, kind: str) -> None:
    """Require that nothing of the model's answer is used, and that the check says why."""
    shown = scene.shown(pull)
    assert UNAVAILABLE in _said_of(shown), f"{kind}: no check says it"
    used = [c["id"] for c in shown["review_comments"] if CLAIM in c["body"]]
    assert not used, f"{kind}: a part of an answer was used"
    green = [c for c in shown["checks"] if c["conclusion"] == "success"]
    assert not green, f"{kind}: the check is green"


def _said_of(shown: Mapping[str, Any]) -> str:
    """Return all that the checks say."""
    outputs = (check["output"] for check in shown["checks"])
    return " ".join(f"{output['summary']} {output['text']}" for output in outputs)


CASES = [
    Case("26", "The model refuses for a moment", failing_once(PASSING), model=True),
    Case("26b", "The model keeps failing", failing(PASSING, TRIES), model=True, quick=False),
    Case("26c", "The model refuses for good", failing(LASTING, 1), model=True, quick=False),
    Case(
        "26d",
        "The model fails over several reviews",
        left_alone,
        model=True,
        quick=False,
        seconds=120.0,
    ),
    Case("27", "The model's answer breaks off once", failing_once(BROKEN), model=True, quick=False),
    Case("27b", "The model's answers break off", failing(BROKEN, TRIES), model=True, quick=False),
    Case(
        "27c",
        "The model falls silent or never ends",
        failing(SLOW, 1),
        model=True,
        quick=False,
        seconds=90.0,
    ),
]
