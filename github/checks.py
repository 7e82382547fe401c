"""Brings the check run of one head to its desired state; implements `core.ports.Deliverer`.

A check run is made once and then updated by its id. GitHub takes them from Apps alone, so where
the App may not write them the sticky summary still says everything.
https://docs.github.com/rest/checks/runs
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from core.coverage import verdict
from core.errors import PermanentError, TransientError
from core.models import Conclusion, Delivery, PullRequestRef, Stage
from github import render
from github.client import GitHubClient, segment
from github.errors import AmbiguousWrite, Forbidden, NotFound
from github.render import CheckText
from github.sanitise import Home
from github.sanitise.links import GITHUB

NAME: Final = "Argus"
LACKING: Final = "not accessible by integration"
"""GitHub's words for a permission that is missing; an archived repository has others."""
GRANT: Final = " Grant the App the permission checks: write."
COMPLETED: Final = "completed"
Connect = Callable[[Delivery], Awaitable[GitHubClient]]
"""Return a client that may act on the delivery's repository."""


class _Run(BaseModel):
    """The fields of a check run that are used."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    external_id: str | None = None
    status: str = ""


class CheckDeliverer:
    """Delivers check rows; the receipt is the check run's id."""

    def __init__(
        self,
        connect: Connect,
        *,
        web_url: str = GITHUB,
        details_url: str | None = None,
    ) -> None:
        self._connect = connect
        self._web_url = web_url
        self._details_url = details_url

    async def deliver(self, delivery: Delivery) -> str:
        """Create or update it. Raises TransientError, PermanentError."""
        client = await self._connect(delivery)
        state = self._state(delivery)
        try:
            return await _put(client, delivery, state)
        except Forbidden as failure:
            words = f"Argus may not write check runs on {delivery.ref.repository}: {failure.reason}"
            hint = GRANT if LACKING in failure.reason else ""
            raise PermanentError(words + hint) from failure

    def _state(self, delivery: Delivery) -> dict[str, Any]:
        """Return the fields of the state that the delivery describes."""
        status, conclusion, text = self._words(delivery)
        output = {"title": text.title, "summary": text.summary}
        if text.text:
            output["text"] = text.text
        state: dict[str, Any] = {"status": status, "output": output}
        if conclusion is not None:
            state["conclusion"] = conclusion
        if self._details_url:
            state["details_url"] = self._details_url
        if actions := render.buttons(delivery):
            state["actions"] = actions
        return state

    def _words(self, delivery: Delivery) -> tuple[str, Conclusion | None, CheckText]:
        """Return status, conclusion and words; no state is left open for good."""
        if delivery.outcome is not None:
            judged = verdict(delivery.outcome)
            home = Home(delivery.ref, self._web_url)
            text = render.ended(delivery.outcome, judged, home, delivery.paused)
            return COMPLETED, judged.conclusion, text
        match delivery.stage:
            case Stage.WAITING:
                return "queued", None, render.waiting(delivery.ahead)
            case Stage.RUNNING:
                return "in_progress", None, render.reading()
            case Stage.IDLE:
                return COMPLETED, Conclusion.NEUTRAL, render.passed_over()
            case Stage.DEAD:
                return COMPLETED, Conclusion.NEUTRAL, render.given_up()


async def end_left_open(client: GitHubClient, ref: PullRequestRef, head: str) -> int:
    """End the runs of a head that nobody works on, and return how many those were.

    A request that is alive after all brings its run to its own state later. What another App
    made under our name GitHub does not let us change: then PermanentError is raised.
    """
    repo = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
    left = [run for run in await _runs(client, repo, head) if run.status != COMPLETED]
    text = render.lost()
    for run in left:
        await _updated(
            client,
            f"{repo}/check-runs/{run.id}",
            {
                "status": COMPLETED,
                "conclusion": Conclusion.NEUTRAL,
                "output": {"title": text.title, "summary": text.summary},
            },
        )
    return len(left)


async def _put(client: GitHubClient, delivery: Delivery, state: dict[str, Any]) -> str:
    """Update the run that there is, by receipt or by search; create one where there is none."""
    ref = delivery.ref
    repo = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
    known = delivery.row.receipt or await _find(client, repo, delivery)
    if known and await _updated(client, f"{repo}/check-runs/{segment(known)}", state):
        return known
    answer = await client.post(f"{repo}/check-runs", _identity(delivery) | state)
    try:
        return str(_Run.model_validate(answer).id)
    except ValidationError as failure:
        raise AmbiguousWrite("GitHub described a check run in an unknown form.") from failure


async def _updated(client: GitHubClient, path: str, state: dict[str, Any]) -> bool:
    """Update a run; False when it is gone, with its suite or with an earlier App."""
    try:
        await client.patch(path, state)
    except NotFound:
        return False
    return True


async def _find(client: GitHubClient, repo: str, delivery: Delivery) -> str:
    """Return the run that was made for this request, else nothing.

    An attempt may have made it without learning its id, or a server that crashed may have lost
    what it knew of the attempt: so even the first one looks.
    """
    runs = await _runs(client, repo, delivery.head)
    ours = [run.id for run in runs if (run.external_id or "") == delivery.correlation_id]
    return str(min(ours)) if ours else ""


async def _runs(client: GitHubClient, repo: str, head: str) -> list[_Run]:
    path = f"{repo}/commits/{segment(head)}/check-runs"
    rows = await client.pages(path, params={"check_name": NAME, "filter": "all"}, key="check_runs")
    try:
        return [_Run.model_validate(row) for row in rows]
    except ValidationError as failure:
        raise TransientError("GitHub described a check run in an unknown form.") from failure


def _identity(delivery: Delivery) -> dict[str, Any]:
    return {
        "name": NAME,
        "head_sha": delivery.head,
        "external_id": delivery.correlation_id,
    }
