"""A story of a busy workspace: many people type and press at once, and each gets one answer."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.bench.load import Load, Volley
from tests.bench.recorded import recording, signed
from tests.fakes.github import FakeGitHub
from tests.flows.teams import Json, Team, at_work, cards, said, until
from tests.flows.test_model import BASE, CHANGE

CHANNEL = "reviews"
COMMANDS = 60
PER_SECOND = 20.0
SEED = 5
ACKNOWLEDGED_MS = 1_000.0
"""What is promised; Slack itself gives up after three seconds."""


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """A team without a model."""
    with at_work(hub, own_redis.url, tmp_path_factory, people={"mona": "octo-mona"}) as team:
        yield team


async def test_sixty_commands_in_three_seconds_are_all_acknowledged_and_answered_once(
    team: Team,
) -> None:
    pulls = [team.hub.open(BASE, CHANGE, repo=f"octo/busy{n}") for n in range(3)]
    names = [f"{pull.repo}#{pull.number}" for pull in pulls]
    await team.types(f"review {names[0]}")
    shown = await team.shown(
        CHANNEL, lambda all_: '"again"' in said({"all": cards(all_, names[0])})
    )
    (card,) = cards(shown, names[0])
    chance = Random(SEED)  # noqa: S311 - a repeatable order, no secret

    with recording(team.slack, f"{team.argus.url}/slack/events") as bodies:
        for _ in range(COMMANDS):
            words = chance.choice(("help", "list", "queue", "status {}", "review {}", "again"))
            if words == "again":
                team.slack.press("mona", CHANNEL, card["ts"], words)
            else:
                team.slack.slash("mona", CHANNEL, words.format(chance.choice(names)))
    requests = signed(bodies, team.slack.signing_secret)
    team.slack.clear_calls()
    with Load() as load:
        answered = load.pour(Volley(team.argus.port, requests, PER_SECOND))

    assert max(answered.milliseconds) < ACKNOWLEDGED_MS
    presses = sum(b"payload=" in body for body in bodies)
    # The button means one thing, however often it is pressed.
    wanted = COMMANDS - presses + 1
    await until(lambda: answers(team), lambda calls: len(calls) >= wanted)
    # What is answered twice would have been by the time that another command is.
    await team.types("list")
    calls = await until(lambda: answers(team), lambda calls: len(calls) > wanted)
    assert Counter(call["status"] for call in calls) == {200: wanted + 1}


def answers(team: Team) -> list[Json]:
    return team.slack.calls("response_url")
