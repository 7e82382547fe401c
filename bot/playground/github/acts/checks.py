"""Check runs: created, updated, asked for again.

https://docs.github.com/en/rest/checks/runs
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.github.records import Account, CheckRun, Repository
from bot.playground.github.rules.sizes import bad_request, require_check_output
from bot.playground.github.shapes.accounts import user
from bot.playground.github.shapes.checks import check_run
from bot.playground.github.wire import Refusal
from bot.playground.github.world import World, iso

STATUSES = ("queued", "in_progress", "completed")
CONCLUSIONS = (
    *("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"),
)

MOST_ACTIONS = 3
ACTION_LIMITS = {"label": 20, "description": 40, "identifier": 20}
"""Characters of the fields of a button."""


async def create_check(
    world: World, repo: Repository, wanted: Mapping[str, Any], actor: Account
) -> CheckRun:
    """Create a check run. Raises Refusal 422."""
    for name in ("name", "head_sha"):
        if not isinstance(wanted.get(name), str) or not wanted[name]:
            raise bad_request(f'"{name}" wasn\'t supplied.')
    _require_valid(wanted)
    if await repo.git.commit_of(str(wanted["head_sha"])) is None:
        raise Refusal(422, f"No commit found for SHA: {wanted['head_sha']}")
    run = CheckRun(
        id=next(world.ids),
        repo=repo,
        name=wanted["name"],
        head_sha=wanted["head_sha"],
        created_at=world.now(),
        started_at=iso(world.now()),
    )
    world.checks[run.id] = run
    _apply(world, run, wanted)
    _announce(world, run, "created", actor)
    if run.status == "completed":
        _announce(world, run, "completed", actor)
    return run


def update_check(world: World, run: CheckRun, wanted: Mapping[str, Any], actor: Account) -> None:
    """Change a check run; annotations are added to those it has. Raises Refusal 422."""
    _require_valid(wanted)
    before = run.status
    run.name = wanted.get("name") or run.name
    _apply(world, run, wanted)
    if run.status == "completed" != before:
        _announce(world, run, "completed", actor)


def rerequest(world: World, run: CheckRun, actor: Account) -> None:
    """Ask for a check again, as its button does."""
    _announce(world, run, "rerequested", actor)


def press(world: World, run: CheckRun, identifier: str, actor: Account) -> None:
    """Press a button that the check run offers. Raises Refusal 422."""
    if identifier not in {action["identifier"] for action in run.actions}:
        raise bad_request(f"The check run has no button {identifier}.")
    _announce(world, run, "requested_action", actor, requested_action={"identifier": identifier})


def _require_valid(wanted: Mapping[str, Any]) -> None:
    status, conclusion = wanted.get("status"), wanted.get("conclusion")
    if status is not None and status not in STATUSES:
        raise bad_request(f"{status} is not a member of {list(STATUSES)}.")
    if conclusion is not None and conclusion not in CONCLUSIONS:
        raise bad_request(f"{conclusion} is not a member of {list(CONCLUSIONS)}.")
    if status == "completed" and conclusion is None:
        raise bad_request('"conclusion" wasn\'t supplied.')
    if wanted.get("output") is not None:
        require_check_output(wanted["output"])
    _require_actions(wanted.get("actions") or [])


def _require_actions(actions: Sequence[Mapping[str, str]]) -> None:
    """Raise Refusal 422 for more buttons, or more words on them, than GitHub takes."""
    if len(actions) > MOST_ACTIONS:
        raise bad_request(f"Only {MOST_ACTIONS} actions are allowed.")
    for action in actions:
        for name, most in ACTION_LIMITS.items():
            if not 0 < len(action.get(name, "")) <= most:
                raise bad_request(f"actions.{name} has to have 1 to {most} characters.")


def _apply(world: World, run: CheckRun, wanted: Mapping[str, Any]) -> None:
    run.external_id = wanted.get("external_id") or run.external_id
    run.details_url = wanted.get("details_url") or run.details_url
    run.started_at = wanted.get("started_at") or run.started_at
    run.actions = wanted.get("actions") or run.actions
    if wanted.get("status") or wanted.get("conclusion"):
        run.conclusion = wanted.get("conclusion")
        run.status = "completed" if run.conclusion else wanted["status"]
    if run.status == "completed":
        run.completed_at = wanted.get("completed_at") or run.completed_at or iso(world.now())
    else:
        run.completed_at = None
    output = wanted.get("output") or {}
    run.title = output.get("title", run.title)
    run.summary = output.get("summary", run.summary)
    run.text = output.get("text", run.text)
    run.annotations += output.get("annotations", [])


def _announce(world: World, run: CheckRun, action: str, actor: Account, **more: object) -> None:
    payload = {"check_run": check_run(world, run), "sender": user(world.site, actor), **more}
    world.emit("check_run", action, run.repo, payload)
