"""Check runs, which only an App can make.

https://docs.github.com/en/rest/checks/runs
"""

from bot.playground.github.acts import checks as acts
from bot.playground.github.acts.branches import resolve
from bot.playground.github.gate import Needs
from bot.playground.github.records import CheckRun
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes.checks import check_run, check_suite
from bot.playground.github.wire import Refusal, Reply, accepted, not_found, paginate


async def create_check(visit: Visit) -> Reply:
    """Create a check run."""
    made = await acts.create_check(visit.world, visit.repo, visit.call.json(), visit.author)
    return accepted(check_run(visit.world, made), 201)


async def update_check(visit: Visit) -> Reply:
    """Change a check run."""
    run = _run(visit)
    acts.update_check(visit.world, run, visit.call.json(), visit.author)
    return accepted(check_run(visit.world, run))


async def get_check(visit: Visit) -> Reply:
    """Answer with one check run."""
    return accepted(check_run(visit.world, _run(visit)))


async def list_annotations(visit: Visit) -> Reply:
    """List a check run's annotations."""
    run = _run(visit)
    page = visit.site.blob_page(visit.repo, run.head_sha, "")
    rows = [
        {
            **dict.fromkeys(("start_column", "end_column", "title", "raw_details")),
            **annotation,
            "blob_href": f"{page}{annotation['path']}",
        }
        for annotation in run.annotations
    ]
    return paginate(visit.call, rows)


async def list_checks(visit: Visit) -> Reply:
    """List a commit's check runs; by default only the latest of each name."""
    query = visit.call.query
    sha = await resolve(visit.repo, visit.call.params["ref"])
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {visit.call.params['ref']}")
    runs = visit.world.checks_of(visit.repo, sha)
    if "check_name" in query:
        runs = [run for run in runs if run.name == query["check_name"]]
    if "status" in query:
        runs = [run for run in runs if run.status == query["status"]]
    if query.get("filter", "latest") == "latest":
        runs = list({run.name: run for run in reversed(runs)}.values())
    rows = [check_run(visit.world, run) for run in runs]
    return paginate(visit.call, rows, key="check_runs")


async def list_suites(visit: Visit) -> Reply:
    """List a commit's check suites: the App's, where a push or a run made one."""
    sha = await resolve(visit.repo, visit.call.params["ref"])
    record = await visit.repo.git.commit_of(sha) if sha else None
    if record is None:
        raise Refusal(422, f"No commit found for SHA: {visit.call.params['ref']}")
    runs = visit.world.checks_of(visit.repo, record.sha)
    made = bool(runs) or record.sha in visit.repo.pushes
    rows = [check_suite(visit.world, visit.repo, record, runs)] if made else []
    return paginate(visit.call, rows, key="check_suites")


def _run(visit: Visit) -> CheckRun:
    found = visit.world.checks.get(visit.call.number("check_run_id"))
    if found is None or found.repo is not visit.repo:
        raise not_found()
    return found


_READ = Needs(("checks",))
_WRITE = Needs(("checks",), "write", installation=True)
_RUNS = "/repos/{owner}/{repo}/check-runs"
_ONE = f"{_RUNS}/{{check_run_id}}"
ROUTES = (
    Route("POST", _RUNS, create_check, _WRITE),
    Route("PATCH", _ONE, update_check, _WRITE),
    Route("GET", _ONE, get_check, _READ),
    Route("GET", f"{_ONE}/annotations", list_annotations, _READ),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", list_checks, _READ),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-suites", list_suites, _READ),
)
