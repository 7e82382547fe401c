"""All files of a repository at one commit as an archive.

https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar
"""

from bot.playground.github.acts.branches import resolve
from bot.playground.github.gate import Needs
from bot.playground.github.routing import Route, Visit
from bot.playground.github.wire import Reply, not_found


async def send_to_archive(visit: Visit) -> Reply:
    """Redirect to where the archive is served, as GitHub does."""
    sha = await _commit(visit)
    address = f"{visit.call.base}/_codeload/{visit.repo.full_name}/legacy.tar.gz/{sha}"
    return Reply(302, b"", {"location": address})


async def get_archive(visit: Visit) -> Reply:
    """Answer with every file below one folder, gzipped."""
    sha = await _commit(visit)
    folder = f"{visit.repo.full_name.replace('/', '-')}-{sha[:7]}/"
    archive = await visit.repo.git.archive(sha, folder)
    return Reply(200, archive, media="application/x-gzip")


async def _commit(visit: Visit) -> str:
    sha = await resolve(visit.repo, visit.call.params["ref"])
    if sha is None:
        raise not_found()
    return sha


_CONTENTS = Needs(("contents",))
_REPO = "/repos/{owner}/{repo}"
ROUTES = (
    Route("GET", f"{_REPO}/tarball/{{ref*}}", send_to_archive, _CONTENTS),
    Route("GET", "/_codeload/{owner}/{repo}/legacy.tar.gz/{ref*}", get_archive, _CONTENTS),
)
