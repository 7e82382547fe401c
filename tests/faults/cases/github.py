"""GitHub that refuses a comment, forgets our tokens, does a write and says it failed, or lags.

Nothing dies here, that is in `crashes`; how GitHub limits us is in `limits`.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random

from core.fault_points import FaultPoint
from core.models import OutcomeKind
from github.markers import MarkerKind, Markers, review_id
from tests.fakes.model_answers import review
from tests.faults.case import Case
from tests.faults.looks import asked_for, requests_about, reviews_of
from tests.faults.scene import BASE, FINDING, QUOTE, SQL, Pull, Scene

CREATION = r"/pulls/\d+/reviews$"
SUBMISSION = r"/pulls/\d+/reviews/\d+/events$"
CHECK = r"/check-runs$"
SUMMARY = r"/issues/\d+/comments$"
LONG = 30.0
"""Seconds, longer than anybody waits for an answer."""
REST = 40.0
"""Seconds within which a play's own pull request must have come to rest."""
BEFORE_THE_LAST_REQUEST = (
    FaultPoint.CLAIMED,
    FaultPoint.CHANGES_FETCHED,
    FaultPoint.MODEL_ANSWERED,
    FaultPoint.POSTING,
    FaultPoint.POSTED,
    FaultPoint.REMEMBERED,
    FaultPoint.SUBMITTING,
)
MOST_TOKENS = 6
"""For one pull request: one for each of two processes, one for the owner's own configuration, and
another each after a 401."""
COMMENTS = 30
"""Of one review, the most that it may have."""
NOT_IN_DIFF = "Pull request review thread line must be part of the diff"


async def one_bad_anchor(scene: Scene, chance: Random) -> None:
    """Refuse every review that holds one of thirty comments: the others are posted."""
    assert scene.model is not None
    paths = [f"app/store_{number}.py" for number in range(COMMENTS)]
    bad = chance.choice(paths)
    said = [{**FINDING, "path": p, "title": f"A name can end the statement of {p}"} for p in paths]
    scene.model.script = lambda _: review(*said)
    scene.github.fault(
        "POST",
        CREATION,
        said=f'"path": "{bad}"',
        times=1000,
        status=422,
        body={"message": "Unprocessable Entity", "errors": [NOT_IN_DIFF]},
    )
    pull = _open_with(scene, paths)
    await scene.settled(pull, seconds=4 * REST)
    (posted,) = reviews_of(scene, pull, pull.head)
    shown = scene.shown(pull)
    comments = [c["path"] for c in shown["review_comments"] if not c["pending"]]
    assert sorted(comments) == sorted(set(paths) - {bad}), f"{len(comments)} comments"
    summaries = [c["body"] for c in shown["issue_comments"]]
    assert any(bad in body for body in summaries), f"the summary of {posted['id']} lacks {bad}"


def _open_with(scene: Scene, paths: Sequence[str]) -> Pull:
    """Open a pull request that changes many files, in a repository that wants all findings."""
    repo = scene.own_name()
    wants = f"review:\n  max_findings: {COMMENTS}\n"
    base = dict.fromkeys(paths, BASE["app/store.py"]) | {".argus.yaml": wants}
    made = scene.github.open(base, dict.fromkeys(paths, SQL), repo=repo)
    return scene.watch(Pull(repo, made.repo_id, made.number, made.head, made.installation))


async def debris_in_the_way(scene: Scene, chance: Random) -> None:
    """Leave a pending review of ours on it: of this head it is adopted, of another deleted."""
    point = chance.choice((FaultPoint.CLAIMED, FaultPoint.POSTING))
    pull = await scene.open_held(point)
    ordinal = chance.choice((0, 7))
    name = review_id(pull.repo_id, pull.number, pull.head, ordinal)
    marker = Markers((scene.argus.environment["SECRET_KEY"],)).make(MarkerKind.REVIEW, name)
    scene.github.set_knobs(list_lag=chance.uniform(0.0, scene.lease / 5))
    made = _leave_pending(scene, pull, f"Left behind.\n\n{marker}")
    await scene.settled(pull, seconds=REST)
    (posted,) = reviews_of(scene, pull, pull.head)
    adopted = posted["id"] == made
    assert adopted == (ordinal == 0), f"the debris was {'adopted' if adopted else 'passed over'}"


async def a_draft_of_a_person(scene: Scene, chance: Random) -> None:
    """Leave a pending review in the way that has no marker: it stays, and the check says so."""
    pull = await scene.open_held(chance.choice((FaultPoint.CLAIMED, FaultPoint.POSTING)))
    pull.expected = frozenset({OutcomeKind.FAILED})
    made = _leave_pending(scene, pull, "I was about to say something.")
    await scene.settled(pull, seconds=REST)
    shown = scene.shown(pull)
    assert [made] == [each["id"] for each in shown["reviews"]]
    assert any("not submitted" in check["output"]["summary"] for check in shown["checks"])


def _leave_pending(scene: Scene, pull: Pull, body: str) -> int:
    """Create a pending review with our account, as a run does that dies; return its id."""
    place = {"path": "app/store.py", "line": 2, "side": "RIGHT", "body": f"About `{QUOTE}`."}
    wanted = {"commit_id": pull.head, "body": body, "comments": [place]}
    with scene.github.api(scene.github.installation_token(pull.installation)) as api:
        made = api.post(f"/repos/{pull.repo}/pulls/{pull.number}/reviews", json=wanted)
    return int(made.raise_for_status().json()["id"])


async def token_expired(scene: Scene, chance: Random) -> None:
    """Let all tokens expire in the middle of a run: each of its processes gets one more."""
    before = await scene.ledger.desk.totals()
    pull = await scene.open_held(chance.choice(BEFORE_THE_LAST_REQUEST))
    while not asked_for(scene, pull):
        await asyncio.sleep(0.02)  # the check of a run that was just claimed has its token soon
    scene.github.expire_tokens()
    await scene.settled(pull, seconds=REST)
    path = f"/app/installations/{pull.installation}/access_tokens"
    # Those of the sweep are for all repositories of an installation, and not of this run.
    tokens = scene.github.requests("POST", f"^{path}$")
    minted = sum("repository_ids" in (token["body"] or {}) for token in tokens)
    assert minted <= MOST_TOKENS, f"{minted} tokens were made"
    assert 401 in {row["status"] for row in requests_about(scene, pull)}, "no token was used"
    after = await scene.ledger.desk.totals()
    failed = after.get("attempts_failed", 0) - before.get("attempts_failed", 0)
    assert failed == 0, f"{failed} attempts failed"


async def clocks_apart(scene: Scene, chance: Random) -> None:
    """Let GitHub's clock be two minutes ahead or behind: tokens are made by its clock."""
    seconds = chance.choice((-120.0, 120.0))
    scene.github.advance_clock(seconds)
    try:
        pull = scene.open()
        await scene.settled(pull, seconds=REST)
    finally:
        scene.github.advance_clock(-seconds)
    path = f"/app/installations/{pull.installation}/access_tokens"
    refused = [row for row in scene.github.requests("POST", f"^{path}$") if row["status"] == 401]
    assert len(refused) <= 2 * len(scene.workers), f"{len(refused)} tokens were refused"


async def doubtful_writes(scene: Scene, chance: Random) -> None:
    """Carry writes out and answer with an error, or never; lists lag behind what was written."""
    scene.github.set_knobs(list_lag=chance.uniform(0.0, scene.lease / 5))
    pull = await scene.open_held(FaultPoint.CLAIMED)
    for path in chance.sample((CREATION, SUBMISSION, CHECK, SUMMARY), chance.randint(1, 3)):
        how = chance.choice(
            (
                {"commit": True, "status": 502},
                {"commit": True, "drop": True},
                {"commit": True, "delay": LONG},
                {"status": 502},
                {"drop": True},
            )
        )
        scene.github.fault("POST", f"^/repos/{pull.repo}{path}", times=chance.randint(1, 2), **how)
    await scene.settled(pull, seconds=REST)
    shown = scene.shown(pull)
    checks = Counter(check["external_id"] for check in shown["checks"])
    assert max(checks.values()) == 1, f"{checks.most_common(1)[0][1]} checks of one run"
    comments = Counter((c["path"], c["body"]) for c in shown["review_comments"])
    assert max(comments.values()) == 1, f"{len(shown['review_comments'])} comments"


CASES = [
    Case(
        "31",
        "GitHub refuses one of thirty comments",
        one_bad_anchor,
        model=True,
        quick=False,
        seconds=180.0,
    ),
    Case("32", "A pending review of ours is in the way", debris_in_the_way),
    Case("32b", "A draft that is not ours is in the way", a_draft_of_a_person, quick=False),
    Case("34", "All tokens expire in the middle of a run", token_expired),
    Case("34b", "GitHub's clock is two minutes apart", clocks_apart, quick=False),
    Case("35", "GitHub carries writes out and answers with an error, or lags", doubtful_writes),
]
