"""Events of pull requests that come twice, out of order, in bursts, or at the worst moment.

What people do to a pull request while it is reviewed, and how it leaves, is in `leaving`.
"""

import asyncio
import json
import signal
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

from core.fault_points import FaultPoint
from tests.fakes.argus import free_port
from tests.faults.case import Case
from tests.faults.looks import (
    answered,
    at_rest,
    deliveries_of,
    heads_at_submission,
    pass_time,
    redelivered,
    reviews_of,
    verdict_of,
)
from tests.faults.scene import Pull, Scene

REST = 40.0
"""Seconds within which a play's own pull request must have come to rest."""
FRESH_SECONDS = 2.0
"""Age of the head, at most, when a review of it is submitted."""
CHANNEL = "reviews"
BOT = {"login": "renovate[bot]", "id": 7, "type": "Bot"}


async def ten_of_one_delivery(scene: Scene, chance: Random) -> None:
    """Send one delivery ten times at once, then once more after days."""
    scene.argus.signal("web", signal.SIGSTOP)
    pull = scene.open()
    first = deliveries_of(scene, pull)[0]
    for _ in range(9):
        scene.github.redeliver(first["id"])
    await asyncio.sleep(chance.uniform(0.0, 0.5))
    scene.argus.signal("web", signal.SIGCONT)
    said = Counter(map(verdict_of, await answered(scene, pull, 10)))
    assert said == {"accepted": 1, "duplicate": 9}, said
    if chance.random() < 0.8:
        await scene.settled(pull, seconds=REST)
    pass_time(scene, timedelta(days=chance.choice((3, 5))))
    late = verdict_of(await redelivered(scene, pull, first))
    assert late == "duplicate", late


async def a_burst_of_pushes(scene: Scene, chance: Random) -> None:
    """Push many times within seconds: the last head is reviewed, the model reads twice at most."""
    assert scene.model is not None
    before = len(scene.model.requests)
    pull = scene.open()
    for _ in range(chance.randint(10, 20)):
        await asyncio.sleep(chance.uniform(0.0, 0.2))
        scene.push(pull)
    await scene.settled(pull, seconds=REST)
    assert reviews_of(scene, pull, pull.head), "the last head has no review"
    runs = len(scene.model.requests) - before
    assert runs <= 2, f"the model was asked {runs} times"


async def events_out_of_order(scene: Scene, chance: Random) -> None:
    """Hold all events of a pull request back, then deliver them in any order."""
    scene.github.set_webhook(f"http://127.0.0.1:{free_port()}/", scene.argus.webhook_secret)
    try:
        pull = scene.open()
        _live_through(scene, pull, chance)
        held = await answered(scene, pull, len(deliveries_of(scene, pull)))
    finally:
        scene.github.set_webhook(f"{scene.argus.url}/webhooks/github", scene.argus.webhook_secret)
    chance.shuffle(held)
    for delivery in held:
        again = await redelivered(scene, pull, delivery)
        assert again["status"] == "OK", again["status"]
        await asyncio.sleep(chance.uniform(0.0, 0.3))


def _live_through(scene: Scene, pull: Pull, chance: Random) -> None:
    """Push a few times; the pull request may be closed on the way, and opened again."""
    for _ in range(chance.randint(1, 3)):
        scene.push(pull)
    match chance.choice(("stays", "closes", "comes back")):
        case "closes":
            scene.end(pull)
        case "comes back":
            scene.github.act(pull.repo, pull.number, "close")
            scene.github.act(pull.repo, pull.number, "reopen")


async def pushed_while_posting(scene: Scene, chance: Random) -> None:
    """Push while the review of the former head is posted; the event may be lost."""
    points = (FaultPoint.POSTING, FaultPoint.POSTED, FaultPoint.REMEMBERED, FaultPoint.SUBMITTING)
    point = chance.choice(points)
    too_late = point is FaultPoint.SUBMITTING
    scene.arm(f"{point}:hang:{chance.uniform(0.1, 0.6) if too_late else 1.2}")
    pull = scene.open()
    first = pull.head
    await scene.fired()
    scene.github.set_knobs(hooks=too_late or chance.random() < 0.5)
    scene.push(pull)
    await scene.settled(pull, seconds=REST)
    assert too_late or not reviews_of(scene, pull, first), (
        f"posted at {point} though the head moved"
    )
    ages = heads_at_submission(scene, pull)
    assert max(ages, default=0.0) <= FRESH_SECONDS, f"submitted {max(ages):.2f} s after a look"


async def pushed_back(scene: Scene, chance: Random) -> None:
    """Force the branch back to a head that has its review, at rest or under the next review."""
    pull = scene.open()
    first = pull.head
    await scene.settled(pull, seconds=REST)
    under_review = chance.random() < 0.5
    if under_review:
        points = (FaultPoint.CLAIMED, FaultPoint.MODEL_ASKED, FaultPoint.REMEMBERED)
        scene.arm(f"{chance.choice(points)}:hang:1.2")
    scene.push(pull)
    await (scene.fired() if under_review else scene.settled(pull, seconds=REST))
    scene.github.reset(pull.repo, "change", first)
    last = (await answered(scene, pull, 3))[-1]
    # What stands is about the head that was left: it is told anew, without another review.
    assert verdict_of(last) in {"duplicate", "accepted"}, verdict_of(last)
    await at_rest(scene, pull)
    assert len(reviews_of(scene, pull, first)) == 1
    scene.push(pull)


async def asked_from_both_sides(scene: Scene, chance: Random) -> None:
    """Open a pull request and ask for its review in Slack in the same moment."""
    scene.slack.channel(CHANNEL)
    scene.argus.signal("web", signal.SIGSTOP)
    pull = scene.open()
    text = f"review {scene.github.url}/{pull.repo}/pull/{pull.number}"
    scene.slack.slash("mona", CHANNEL, text, wait=False)
    await asyncio.sleep(chance.uniform(0.0, 0.3))
    scene.argus.signal("web", signal.SIGCONT)
    while not _told(scene, pull):
        await asyncio.sleep(0.05)
    cards = [m for m in scene.slack.messages(CHANNEL) if _names(m, pull)]
    assert len(cards) <= 1, f"{len(cards)} messages in the channel"


def _told(scene: Scene, pull: Pull) -> bool:
    """Tell whether Slack shows the result, or that there is one already."""
    shown = [*scene.slack.messages(CHANNEL), *scene.slack.ephemerals("mona", CHANNEL)]
    mine = [json.dumps(message) for message in shown if _names(message, pull)]
    return any("1 important" in text or "already" in text for text in mine)


def _names(message: dict[str, Any], pull: Pull) -> bool:
    return pull.repo in json.dumps(message)


async def its_own_echo(scene: Scene, chance: Random) -> None:
    """Send it what it wrote itself and what other bots do: no job comes of it."""
    scene.github.set_webhook(
        f"{scene.argus.url}/webhooks/github",
        scene.argus.webhook_secret,
        events=[
            "pull_request",
            "pull_request_review",
            "pull_request_review_comment",
            "issue_comment",
            "check_run",
        ],
    )
    pull = scene.open()
    await scene.settled(pull, seconds=REST)
    before = await scene.ledger.desk.totals()
    opened = deliveries_of(scene, pull)[0]["request"]["payload"]
    own = {"login": f"{scene.github.slug}[bot]", "id": 1, "type": "Bot"}
    for _ in range(chance.randint(3, 8)):
        event, payload = _echo(chance, opened, chance.choice((own, BOT)))
        answer = scene.argus.post(event, payload)
        assert answer.status_code == 204, f"{event}: {answer.status_code} {answer.text}"
    rows = [r for r in scene.github.deliveries() if r["repository_id"] == pull.repo_id]
    heard = {(row["event"], row["status_code"]) for row in rows}
    assert ("pull_request_review", 204) in heard, heard
    assert heard <= {("pull_request", 202), *((event, 204) for event, _ in heard)}, heard
    after = await scene.ledger.desk.totals()
    for name in ("admitted", "joined", "claims"):
        assert after.get(name, 0) == before.get(name, 0), f"{name} went up"


def _echo(
    chance: Random, opened: dict[str, Any], sender: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return an event that a bot caused about this pull request."""
    head = {**opened["pull_request"]["head"], "sha": f"{chance.getrandbits(160):040x}"}
    pull = {**opened["pull_request"], "head": head}
    comment = {"id": 1, "body": "@argus review full", "user": sender}
    issue = {"number": opened["number"], "pull_request": {}}
    event, facts = chance.choice(
        (
            ("pull_request", {"action": "synchronize", "pull_request": pull}),
            ("pull_request", {"action": "reopened", "pull_request": pull}),
            ("issue_comment", {"action": "created", "issue": issue, "comment": comment}),
            ("pull_request_review", {"action": "submitted", "review": comment}),
            ("pull_request_review_comment", {"action": "created", "comment": comment}),
            ("check_run", {"action": "rerequested", "check_run": {"id": 1}}),
        )
    )
    return event, {**opened, **facts, "sender": sender}


CASES = [
    Case("20", "One delivery ten times at once, and days later", ten_of_one_delivery),
    Case("21", "Ten to twenty pushes within seconds", a_burst_of_pushes, model=True),
    Case("21b", "Events out of order", events_out_of_order, quick=False),
    Case("22", "A push while the review is posted", pushed_while_posting),
    Case("23", "A push back to a head that has its review", pushed_back, quick=False),
    Case("25", "A webhook and a Slack command at once", asked_from_both_sides),
    Case("47", "Argus and other bots talk to it", its_own_echo),
]
