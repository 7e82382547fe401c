"""Acknowledgements to Slack at a rate while the same machine reviews, beside Bolt on its own.

A request counts from the moment it was due, as webhooks do in `busy`. What is asked for is then
done by web and worker too: pull requests are looked up, reviews admitted, every answer said.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from bot.playground.sample import load as sample
from bot.playground.slack.driver import Driver
from bot.playground.stage import CHANNEL, free_port
from tests.bench.busy import REVIEWS_PER_SECOND, Reviews
from tests.bench.change import make_change
from tests.bench.figures import Figure, Section, bounded, median, percentile
from tests.bench.load import Load, Volley
from tests.bench.processes import Running
from tests.bench.pulls import Books, Opened, Opener, model_environment, scripted
from tests.bench.recorded import recording, signed
from tests.bench.site import WEB, WORKER, Site, durable_redis
from tests.fakes.model_server import ModelServer

PER_SECOND = 20.0
LIMIT_MS = 200.0
FILES = 3
MODEL_PAUSE = 0.2
"""Seconds before each piece of an answer, so that many reviews are under way."""
PULLS = 5
"""That people ask about; the worker reviews others beside them."""
CARDS_SECONDS = 60.0
POLL_SECONDS = 0.2
ROUND = 5
"""Seconds of each arm in turn."""
EACH_ROUND = round(ROUND * PER_SECOND)
FULL_ROUNDS, QUICK_ROUNDS = 4, 1
BOLT: Final = ("-m", "tests.bench.bolt_floor")
EVENTS: Final = "/slack/events"

TYPED: Final = ("help", "status {pull}", "review {pull}", "list", "queue")
PRESSED: Final = ("again", "explain", "open_pull")

Json = dict[str, Any]


@dataclass
class _Counter:
    """Where Slack's requests go: Argus and the floor, asked at the same rate in turn."""

    load: Load
    secret: str
    ports: tuple[int, int]
    web: list[list[float]] = field(default_factory=list)
    """Milliseconds of every answer by rounds, as of the floor's."""
    floor: list[list[float]] = field(default_factory=list)

    def round(self, bodies: Sequence[bytes]) -> None:
        """Send the same requests to both."""
        for port, arm in zip(self.ports, (self.web, self.floor), strict=True):
            volley = Volley(port, signed(bodies, self.secret), PER_SECOND)
            arm.append(self.load.pour(volley).milliseconds)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that runs beside the commands."""

    site: Site
    slack: Driver
    counter: _Counter
    books: Books
    web: Running
    worker: Running


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Type commands and press buttons beside reviews."""
    rounds = QUICK_ROUNDS if quick else FULL_ROUNDS
    with _scene(site, folder / "commands") as scene:
        change = make_change(FILES, 140_000)
        opener = Opener(site, "asked")
        asked = [opener.alone(change) for _ in range(PULLS)]
        beside = [
            opener.alone(change) for _ in range(round(2 * rounds * ROUND * REVIEWS_PER_SECOND))
        ]
        _ask_for_cards(scene, asked)
        bodies = _recorded(scene, asked, rounds * EACH_ROUND)
        scene.slack.clear_calls()
        began, cpu = time.monotonic(), (scene.web.cpu_seconds(), scene.worker.cpu_seconds())
        with Reviews(site.port, beside):
            for at in range(0, len(bodies), EACH_ROUND):
                scene.counter.round(bodies[at : at + EACH_ROUND])
        spent = time.monotonic() - began
        shares = [
            (process.cpu_seconds() - before) / spent
            for process, before in zip((scene.web, scene.worker), cpu, strict=True)
        ]
        reviewed = sum(scene.books.ended(opened) for opened in beside)
        answers = scene.slack.calls("response_url")
        return _section(scene.counter, answers, reviewed, shares)


def _section(
    counter: _Counter, answers: Sequence[Json], reviewed: int, shares: Sequence[float]
) -> Section:
    web, floor = _all(counter.web), _all(counter.floor)
    p50s = [(median(a), median(b)) for a, b in zip(counter.web, counter.floor, strict=True)]
    ratio = median([mine / other for mine, other in p50s])
    name = f"Slack ack at {PER_SECOND:.0f}/s beside reviews"
    refused = sum(answer["status"] != 200 for answer in answers)
    note = (
        f"{len(web):,} commands and presses at {PER_SECOND:.0f} a second; meanwhile {reviewed} "
        f"pull requests were reviewed to their end, web used {shares[0]:.0%} of a core and the "
        f"worker {shares[1]:.0%}. {len(answers):,} answers reached Slack by then. The floor is "
        "Bolt on the same server, proving and acknowledging the same requests."
    )
    return Section(
        "Acknowledgement to Slack",
        (
            Figure(f"{name}, p50", median(web), "ms", "Bolt alone", median(floor), ratio=ratio),
            bounded(
                f"{name}, p99", _p99(web), "ms", LIMIT_MS, against="Bolt alone", other=_p99(floor)
            ),
            Figure(f"{name}, slowest", max(web), "ms", "Bolt alone", max(floor)),
            bounded("answers that Slack refused", refused, "", 0),
        ),
        (note,),
    )


@contextmanager
def _scene(site: Site, folder: Path) -> Iterator[_Scene]:
    port = free_port(0)
    change = make_change(FILES, 140_000)
    with (
        durable_redis(folder) as redis,
        site.start(WEB, redis.url) as web,
        site.start(BOLT, redis.url, PORT=str(port)) as floor,
        ModelServer(scripted(change, pause=MODEL_PAUSE)) as model,
        site.start(WORKER, redis.url, **model_environment(model)) as worker,
        Books(redis.url) as books,
        Driver(site.stage.slack) as slack,
        Load() as load,
    ):
        web.seconds_to_answer(site.port)
        floor.seconds_to_answer(port)
        counter = _Counter(load, site.stage.signing_secret, (site.port, port))
        yield _Scene(site, slack, counter, books, web, worker)


def _ask_for_cards(scene: _Scene, asked: Sequence[Opened]) -> None:
    """Have every pull request reviewed once, so that there are cards and buttons."""
    for opened in asked:
        scene.slack.slash(sample().author, CHANNEL, f"review {_named(opened)}")
    # What is asked for is admitted after the acknowledgement: an empty ledger tells nothing.
    deadline = time.monotonic() + CARDS_SECONDS
    while not all(map(scene.books.ended, asked)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all was reviewed in {CARDS_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    scene.books.wait_until_empty(CARDS_SECONDS)


def _recorded(scene: _Scene, asked: Sequence[Opened], many: int) -> list[bytes]:
    """Return so many commands and presses, of all kinds in turn, about all pull requests."""
    slack, author = scene.slack, sample().author
    shown, pulls = slack.messages(CHANNEL), cycle(map(_named, asked))
    messages = {action: cycle(_with_button(shown, action)) for action in PRESSED}
    with recording(slack, f"{scene.site.stage.web}{EVENTS}") as bodies:
        for _, what in zip(range(many), cycle((*TYPED, *PRESSED))):
            if what in PRESSED:
                slack.press(author, CHANNEL, next(messages[what])["ts"], what)
            else:
                slack.slash(author, CHANNEL, what.format(pull=next(pulls)))
    return bodies


def _with_button(messages: Sequence[Json], action: str) -> list[Json]:
    wanted = json.dumps({"action_id": action})[1:-1]
    found = [message for message in messages if wanted in json.dumps(message["blocks"])]
    if not found:
        raise RuntimeError(f"no message has the button {action}")
    return found


def _named(opened: Opened) -> str:
    repository, number_ = opened.name
    return f"{repository}#{number_}"


def _all(rounds: Sequence[Sequence[float]]) -> list[float]:
    return [milliseconds for each in rounds for milliseconds in each]


def _p99(milliseconds: Sequence[float]) -> float:
    return percentile(milliseconds, 0.99)
