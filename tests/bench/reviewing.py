"""From a webhook to the posted review, with real processes and a model that answers at once.

Each pull request belongs to an installation of its own: Argus writes to one installation at a
bounded pace on purpose, six at once and then one a second, which is not what is measured here.
"""

import http.client
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tests.bench.change import Change, make_change
from tests.bench.figures import Figure, Section, bounded, median, number, percentile
from tests.bench.payloads import Target, delivery, opened_payload
from tests.bench.site import WEB, WORKER, Site, durable_redis, finding
from tests.fakes.model_answers import review
from tests.fakes.model_server import ModelServer

FILES = 10
MANY_FILES = 300
REVIEW_SECONDS = 1.0
CALLS_LIMIT = 10
WORKER_MEGABYTES = 150.0
PATIENCE = 60.0
POLL_SECONDS = 0.1
"""Between looks for the end; moments are taken from GitHub's own record."""
SQL = """

def find(db, name):
    return db.execute(f"SELECT * FROM items WHERE name = '{name}'")
"""
"""What static analysis alone finds, so that a review is posted without a model too."""

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to one pull request."""

    posted: float
    """Seconds from sending the webhook to the submitted review."""
    finished: float
    """Seconds until its check and its summary stood there too."""
    github: float
    """Seconds that GitHub took for requests before the review, one after another."""
    before: Sequence[Request]
    """Requests up to the review."""


class _Desk:
    """Opens pull requests and waits for their reviews, one after another."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._serials = count(1)

    def story(self, change: Change) -> Story:
        """Open a pull request, deliver its event and wait for the end. Raises TimeoutError."""
        target = self._open(change)
        self._site.github.clear_requests()
        payload = opened_payload(target)
        request = delivery(payload, self._site.secret.encode(), f"story-{target.owner}")
        sent = time.time()
        _send(self._site.port, request)
        return _told(self._until_finished(), sent)

    def _open(self, change: Change) -> Target:
        github, serial = self._site.github, next(self._serials)
        name = f"team{serial}/shop"
        made = github.create_repo(name, change.base)
        installation = github.install(f"team{serial}", [name])
        head = github.push(name, "change", change.files)
        pull = github.open_pull(name, "change", author=f"dev{serial}")
        return Target(f"team{serial}", "shop", made["id"], pull["number"], head, installation)

    def _until_finished(self) -> Sequence[Request]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            requests = self._site.github.requests()
            if _submission(requests) and _summary(requests) and _completion(requests):
                return requests
            time.sleep(POLL_SECONDS)
        seen = [f"{r['method']} {r['path']} {r['status']}" for r in requests]
        raise TimeoutError("no posted review; GitHub saw:\n" + "\n".join(seen))


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Review with static analysis alone, then with a model, then many files."""
    stories = 6 if quick else 20
    with (
        durable_redis(folder / "reviewing") as redis,
        site.start(WEB, redis.url) as web,
        ModelServer() as model,
        ExitStack() as stack,
    ):
        web.seconds_to_answer(site.port)
        desk = _Desk(site)
        static, alone = _static(site, desk, redis.url, max(3, stories // 4))
        environment = {"ARGUS_MODEL": "openai:test-model", "OPENAI_BASE_URL": model.openai_url}
        environment["OPENAI_API_KEY"] = "unused"
        worker = stack.enter_context(site.start(WORKER, redis.url, **environment))
        cold, warm = _with_model(desk, model, stories)
        held = worker.resident_megabytes()
        many = _many(desk, model)
    return Section(
        "Review",
        (*_latency(warm, cold, alone), *_memory(static, held), *_calls(many)),
        _notes(warm, many),
    )


def _static(site: Site, desk: _Desk, redis_url: str, stories: int) -> tuple[float, list[Story]]:
    """Return what a worker without a model holds after some reviews, and the reviews."""
    with site.start(WORKER, redis_url) as worker:
        told = [desk.story(_with_sql(make_change(FILES, 1_000 + n))) for n in range(stories)]
        return worker.resident_megabytes(), told


def _with_model(desk: _Desk, model: ModelServer, stories: int) -> tuple[Story, list[Story]]:
    """Return the first review, which imports the provider, and those that follow."""
    told = []
    for serial in range(stories + 1):
        change = make_change(FILES, 2_000 + 100 * serial)
        _script(model, change)
        told.append(desk.story(change))
    return told[0], told[1:]


def _many(desk: _Desk, model: ModelServer) -> Story:
    change = make_change(MANY_FILES, 50_000)
    _script(model, change)
    return desk.story(change)


def _script(model: ModelServer, change: Change) -> None:
    """Let the model find one thing in each file that it is shown."""

    def found(text: str) -> list[Mapping[str, object]]:
        return [
            finding(path, line, quote, f"The limit is subtracted in {path.rpartition('/')[2]}")
            for path, (line, quote) in change.lines.items()
            if path in text
        ]

    model.script = lambda asked: review(*found(asked.text))


def _with_sql(change: Change) -> Change:
    path = next(path for path in change.files if path.endswith(".py"))
    return Change(change.base, {**change.files, path: change.files[path] + SQL}, change.lines)


def _send(port: int, request: bytes) -> None:
    """Send a delivery. Raises RuntimeError unless it is accepted."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.connect()
        connection.sock.sendall(request)
        answer = http.client.HTTPResponse(connection.sock, method="POST")
        answer.begin()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 202:
        raise RuntimeError(f"the delivery was answered with {answer.status}: {body!r}")


def _told(requests: Sequence[Request], sent: float) -> Story:
    submission = _submission(requests)
    assert submission
    before = [r for r in requests if r["at"] <= submission["at"] and r is not submission]
    last = max(r["at"] for r in (_summary(requests), _completion(requests)) if r)
    return Story(
        posted=submission["at"] - sent,
        finished=last - sent,
        github=sum(r["seconds"] for r in before),
        before=before,
    )


def _submission(requests: Sequence[Request]) -> Request | None:
    return _found(requests, "POST", r"/pulls/\d+/reviews/\d+/events$")


def _summary(requests: Sequence[Request]) -> Request | None:
    return _found(requests, "POST", r"/issues/\d+/comments$")


def _completion(requests: Sequence[Request]) -> Request | None:
    ended = [r for r in requests if (r["body"] or {}).get("status") == "completed"]
    return _found(ended, "", r"/check-runs")


def _found(requests: Sequence[Request], method: str, path: str) -> Request | None:
    matching = (
        r
        for r in requests
        if method in {"", r["method"]} and re.search(path, r["path"]) and 200 <= r["status"] < 300
    )
    return next(matching, None)


def _latency(warm: Sequence[Story], cold: Story, static: Sequence[Story]) -> tuple[Figure, ...]:
    posted = [story.posted for story in warm]
    return (
        bounded(
            f"webhook to posted review, {FILES} files, p50", median(posted), "s", REVIEW_SECONDS
        ),
        Figure(f"the same, p95 of {len(posted)}", percentile(posted, 0.95), "s"),
        Figure("webhook to check and summary, p50", median([s.finished for s in warm]), "s"),
        Figure("webhook to review, no model, p50", median([s.posted for s in static]), "s"),
        Figure("a worker's first review, provider imported", cold.posted, "s"),
    )


def _memory(static: float, held: float) -> tuple[Figure, ...]:
    return (
        bounded("worker: memory before a provider", static, "MB", WORKER_MEGABYTES),
        Figure("worker: memory with a provider", held, "MB", "peer, elsewhere", 289.0),
    )


def _calls(story: Story) -> tuple[Figure, ...]:
    """Count what was asked before anything of the review was written.

    Contents that were used are files that exist; those asked for in vain count as calls.
    """
    before = _before_writing(story)
    used = [r for r in before if "/contents/" in r["path"] and r["status"] == 200]
    return (
        bounded(
            f"GitHub calls before posting, {MANY_FILES} files",
            len(before) - len(used),
            "calls",
            CALLS_LIMIT,
            against="peer, elsewhere",
            other=115,
        ),
        Figure("contents read beside them", len(used), "calls"),
        Figure(f"webhook to posted review, {MANY_FILES} files", story.posted, "s"),
    )


def _before_writing(story: Story) -> Sequence[Request]:
    """Return the requests before the one that creates the review."""
    for index, request in enumerate(story.before):
        if request["method"] == "POST" and request["path"].endswith("/reviews"):
            return story.before[:index]
    raise RuntimeError("the review was submitted before it was created")


def _notes(warm: Sequence[Story], many: Story) -> tuple[str, ...]:
    github = median([story.github for story in warm])
    calls = median([len(story.before) for story in warm])
    vain = [
        r["path"].partition("/contents/")[2] for r in _before_writing(many) if r["status"] == 404
    ]
    reading = (
        f"Of a review of {FILES} files the local GitHub itself took {number(github)} s in "
        f"{number(calls)} requests before the submission, some of them side by side."
    )
    asked = Counter(_asked(r) for r in _before_writing(many) if r["status"] == 200)
    calls_made = ", ".join(f"{n} × {what}" for what, n in asked.items())
    every = f"Before posting {MANY_FILES} files: {calls_made}."
    if not vain:
        return reading, every
    asking = (
        f"Of the calls before posting, {len(vain)} asked for files that the base branch does not "
        f"have: {', '.join(sorted(vain))}."
    )
    return reading, every, asking


def _asked(request: Request) -> str:
    """Name a kind of call: its method, and its path below the repository without ids."""
    below = re.sub(r"^/repos/[^/]+/[^/]+", "", request["path"])
    kind = re.sub(r"/contents/.+", "/contents/…", re.sub(r"/([0-9a-f]{40}|\d+)\b", "/…", below))
    return f"{request['method']} {kind}"
