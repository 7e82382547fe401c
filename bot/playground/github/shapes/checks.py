"""Check runs as JSON."""

from collections.abc import Sequence
from typing import Any

from bot.playground.github.objects import Commit
from bot.playground.github.records import CheckRun, Repository
from bot.playground.github.shapes.accounts import app, node_id
from bot.playground.github.shapes.pulls import simple_commit
from bot.playground.github.shapes.repositories import repository
from bot.playground.github.world import World, iso


def check_run(world: World, run: CheckRun) -> dict[str, Any]:
    """Return a check run with the pull requests whose head it is on."""
    site = world.site
    api = f"{site.repo(run.repo)}/check-runs/{run.id}"
    page = f"{site.page(run.repo)}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CR", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": api,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{api}/annotations",
        },
        "check_suite": {"id": suite_id(run.head_sha)},
        "app": app(site, world.app) if world.app else None,
        "pull_requests": _pulls(world, run),
    }


def check_suite(
    world: World, repo: Repository, record: Commit, runs: Sequence[CheckRun]
) -> dict[str, Any]:
    """Return the App's suite of a commit, which a push makes even where no run follows."""
    site, sha = world.site, record.sha
    api = f"{site.repo(repo)}/check-suites/{suite_id(sha)}"
    made = iso(repo.pushes.get(sha) or min(run.created_at for run in runs))
    branch = next((name for name, tip in repo.branches.items() if tip == sha), None)
    plain = simple_commit(record)
    return {
        "id": suite_id(sha),
        "node_id": node_id("CS", suite_id(sha)),
        "head_branch": branch,
        "head_sha": sha,
        "status": "completed" if any(run.conclusion for run in runs) else "queued",
        "conclusion": next((run.conclusion for run in runs if run.conclusion), None),
        "url": api,
        "before": record.parents[0] if record.parents else None,
        "after": sha,
        "pull_requests": [],
        "app": app(site, world.app) if world.app else None,
        "repository": repository(site, repo),
        "created_at": made,
        "updated_at": made,
        "head_commit": plain,
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{api}/check-runs",
    }


def suite_id(sha: str) -> int:
    """Return the id of the suite: one for each commit."""
    return int(sha[:12], 16)


def _pulls(world: World, run: CheckRun) -> list[dict[str, Any]]:
    """Only of this repository: GitHub does not link pull requests from forks."""
    site = world.site
    return [
        {
            "url": site.pull(pull),
            "id": pull.id,
            "number": pull.number,
            "head": _end(site.repo(run.repo), run, pull.head_branch, pull.head_sha),
            "base": _end(site.repo(run.repo), run, pull.base_branch, pull.base_sha),
        }
        for pull in world.pulls_of(run.repo)
        if pull.head_sha == run.head_sha and pull.head_repo is run.repo
    ]


def _end(api: str, run: CheckRun, ref: str, sha: str) -> dict[str, Any]:
    repo = {"id": run.repo.id, "url": api, "name": run.repo.name}
    return {"ref": ref, "sha": sha, "repo": repo}
