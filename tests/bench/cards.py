"""A hundred reviews that end at the same moment, with a card of each in Slack and without Slack.

The model holds all answers until every review waits for it. The local Slack refuses what Slack
refuses, so a pace that is too fast shows as refusals; what it costs the reviews shows beside the
same reviews that nobody follows, before and after.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from bot.playground.sample import load as sample
from bot.playground.slack.driver import Driver
from core.models import OutcomeKind
from tests.bench.change import Change, make_change
from tests.bench.figures import Figure, Section, bounded, median
from tests.bench.pulls import (
    Books,
    Opened,
    Opener,
    model_environment,
    scripted,
    submissions,
    tell,
)
from tests.bench.site import WEB, WORKER, Site, durable_redis
from tests.fakes.model_answers import Held
from tests.fakes.model_server import ModelServer

FILES = 2
APART = 3.0
"""Seconds in which a card may be edited once."""
HOLD_SECONDS = 55.0
"""Until all reviews must wait for the model, whose patience with it is a minute."""
SETTLE_SECONDS = 5.0
"""Between the last review that waits and the moment when all of them end."""
END_SECONDS = 900.0
POLL_SECONDS = 0.2
LATER: Final = 1.25
"""Times as long as without Slack that the reviews may take with it."""
ENDED: Final = '"again"'
"""The button that only a card has whose review has ended."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How many reviews, and where they are followed."""

    asked: int
    """By command."""
    subscribed: int
    """By channels that follow the repository; GitHub tells of these."""
    channels: int

    @property
    def cards(self) -> int:
        """Return how many there are in all."""
        return self.asked + self.subscribed


FULL = Size(asked=70, subscribed=30, channels=10)
QUICK = Size(asked=14, subscribed=6, channels=3)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the reviews of one run ended."""

    posted: Sequence[float]
    """Seconds from the moment when the model let go to each posted review."""
    lost: int


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Let the same reviews end without Slack, with it, and without it again."""
    size = QUICK if quick else FULL
    change = make_change(FILES, 150_000)
    with Driver(site.stage.slack) as slack:
        channels = [f"team{n}" for n in range(size.channels)]
        for name in channels:
            slack.add_channel(name, [sample().author])
        followers = _Followers(slack, site, channels, size)
        before, _ = _run(site, folder / "before", change, size, None)
        beside, let_go = _run(site, folder / "beside", change, size, followers)
        calls, shown = slack.calls(), [slack.messages(name) for name in channels]
        after, _ = _run(site, folder / "after", change, size, None)
    return _section(size, (before, after), beside, _Watched(let_go, calls, shown))


@dataclass(frozen=True, slots=True)
class _Followers:
    """People who ask in channels, and channels that follow."""

    slack: Driver
    site: Site
    channels: Sequence[str]
    size: Size

    def ask(self, waiting: Sequence[Opened]) -> None:
        """Have every review asked for or told, each followed in one channel."""
        places = list(zip(waiting, cycle(self.channels), strict=False))
        for opened, channel in places[: self.size.subscribed]:
            self._type(channel, f"subscribe {opened.name[0]}")
        self._until_subscribed()
        for opened, channel in places[self.size.subscribed :]:
            self._type(channel, f"review {opened.name[0]}#{opened.name[1]}")
        for opened, _ in places[: self.size.subscribed]:
            tell(self.site.port, opened)

    def have_cards(self) -> bool:
        """Tell whether every card stands."""
        posts = self.slack.calls("chat.postMessage")
        return sum(int(call["status"] == 200) for call in posts) >= self.size.cards

    def _until_subscribed(self) -> None:
        deadline = time.monotonic() + HOLD_SECONDS
        while len(self.slack.calls("response_url")) < self.size.subscribed:
            if time.monotonic() > deadline:
                raise TimeoutError("not every channel follows its repositories")
            time.sleep(POLL_SECONDS)

    def _type(self, channel: str, text: str) -> None:
        sent = self.slack.slash(sample().author, channel, text)
        if sent["status"] != 200:
            raise RuntimeError(f"{text!r} was answered with {sent}")


def _run(
    site: Site, folder: Path, change: Change, size: Size, followers: _Followers | None
) -> tuple[Ended, float]:
    """Bring all reviews to the model, let go, and wait until nothing is left to do."""
    opener = Opener(site, folder.name)
    waiting = [opener.alone(change) for _ in range(size.cards)]
    site.github.clear_requests()
    go, answer = threading.Event(), scripted(change)
    many = {"ARGUS_CONCURRENCY": str(len(waiting))}
    with (
        durable_redis(folder) as redis,
        site.start(WEB, redis.url) as web,
        ModelServer(lambda asked: Held(go, answer(asked))) as model,
        site.start(WORKER, redis.url, **many, **model_environment(model)),
        site.start(WORKER, redis.url, **many, **model_environment(model)),
        Books(redis.url) as books,
    ):
        web.seconds_to_answer(site.port)
        if followers:
            followers.ask(waiting)
        else:
            for opened in waiting:
                tell(site.port, opened)
        _until_all_wait(model, len(waiting), followers)
        let_go = time.time()
        go.set()
        books.wait_until_empty(END_SECONDS)
        lost = sum(books.outcome(opened) is not OutcomeKind.REVIEWED for opened in waiting)
    for opened in waiting:
        # Workers of a later run would look for open pull requests, and find these.
        site.github.act(*opened.name, "close")
    found = submissions(site.github.requests())
    posted = [min(found[o.name]) - let_go for o in waiting if o.name in found]
    return Ended(posted, lost), let_go


def _until_all_wait(model: ModelServer, many: int, followers: _Followers | None) -> None:
    """Return when all reviews wait for the model and every card stands. Raises TimeoutError."""
    deadline = time.monotonic() + HOLD_SECONDS
    while len(model.requests) < many or not (followers is None or followers.have_cards()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {len(model.requests)} reviews came to wait for the model")
        time.sleep(POLL_SECONDS)
    time.sleep(SETTLE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Watched:
    """What the local Slack saw."""

    let_go: float
    calls: Sequence[Json]
    channels: Sequence[Sequence[Json]]
    """Their messages in the end."""

    def refused(self) -> list[str]:
        """Return the methods that were called too fast."""
        return [call["method"] for call in self.calls if call["status"] == 429]

    def ended_cards(self) -> int:
        """Return how many cards say in the end that their review has ended."""
        cards = [m for each in self.channels for m in each if not m.get("thread_ts")]
        return sum(ENDED in json.dumps(card["blocks"]) for card in cards)

    def first_ended(self) -> list[float]:
        """Return the seconds until each card said so."""
        found: dict[str, float] = {}
        for call in self._edits():
            ts = call["arguments"]["ts"]
            if ts not in found and ENDED in json.dumps(call["arguments"]).replace("\\", ""):
                found[ts] = call["at"] - self.let_go
        return list(found.values())

    def most_edits_at_once(self) -> int:
        """Return the most edits of one message within the span in which one may come."""
        times: Mapping[str, list[float]] = defaultdict(list)
        for call in self._edits():
            times[call["arguments"]["ts"]].append(call["at"])
        return max(
            sum(0 <= later - first < APART for later in each)
            for each in times.values()
            for first in each
        )

    def most_in_a_minute(self) -> int:
        """Return the most edits within any minute."""
        times = [float(call["at"]) for call in self._edits()]
        return max(sum(0 <= later - first < 60 for later in times) for first in times)

    def _edits(self) -> list[Json]:
        return [c for c in self.calls if c["method"] == "chat.update" and c["status"] == 200]


def _section(size: Size, alone: Sequence[Ended], beside: Ended, seen: _Watched) -> Section:
    name = f"{size.cards} reviews ending at once"
    edits, posts = (
        sum(call["method"] == method for call in seen.calls)
        for method in ("chat.update", "chat.postMessage")
    )
    last, last_alone = max(beside.posted), fmean(max(each.posted) for each in alone)
    lost = sum(each.lost for each in (*alone, beside))
    refused = ", ".join(sorted(set(seen.refused()))) or "none"
    note = (
        f"{size.cards} cards stand in {size.channels} channels, {size.subscribed} of them of "
        f"repositories that are followed; two workers made {edits} edits and {posts} messages "
        f"in all. Methods that Slack refused: {refused}. Slack takes 50 edits a minute."
    )
    return Section(
        "Cards in Slack",
        (
            bounded(f"{name}: refused by Slack as too fast", len(seen.refused()), "", 0),
            bounded(f"{name}: cards that do not say so", size.cards - seen.ended_cards(), "", 0),
            bounded(f"{name}: most edits of a card in 3 s", seen.most_edits_at_once(), "", 1),
            bounded(f"{name}: most edits in a minute", seen.most_in_a_minute(), "", 50),
            Figure(f"{name}: until half the cards say so", median(seen.first_ended()), "s"),
            Figure(f"{name}: until all cards say so", max(seen.first_ended()), "s"),
            Figure(
                f"{name}: review posted, p50",
                median(beside.posted),
                "s",
                "without Slack",
                fmean(median(each.posted) for each in alone),
            ),
            bounded(
                f"{name}: last review posted",
                last,
                "s",
                LATER * last_alone,
                against="without Slack",
                other=last_alone,
            ),
            bounded(f"{name}: without a review", lost, "", 0),
        ),
        (note,),
    )
