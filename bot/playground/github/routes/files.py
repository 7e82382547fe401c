"""What lies in a repository at a commit: contents, blobs and trees.

https://docs.github.com/en/rest/repos/contents
"""

import posixpath
from base64 import encodebytes
from collections.abc import Mapping
from typing import Any

from bot.playground.github.acts.branches import resolve
from bot.playground.github.gate import Needs
from bot.playground.github.objects import SUBMODULE, Entry
from bot.playground.github.routing import Route, Visit
from bot.playground.github.wire import Refusal, Reply, accepted, not_found

INLINE_BYTES = 1_000_000
"""Beyond it the JSON form carries no content, only the raw form does."""
RAW_BYTES = 100_000_000
SYMLINK = "120000"


async def get_contents(visit: Visit) -> Reply:
    """Answer with a file, a folder or a submodule at a reference."""
    path = visit.call.params.get("path", "").strip("/")
    sha = await _commit(visit)
    tree = await visit.repo.git.tree(sha)
    entry = tree.get(path)
    if entry is not None and entry.mode == SYMLINK:
        path, entry = await _target(visit, tree, path, entry)
    if entry is None:
        return _folder(visit, tree, path, sha)
    if entry.mode == SUBMODULE:
        return accepted(_shape(visit, path, entry, sha, "submodule") | {"submodule_git_url": None})
    content = await visit.repo.git.blob(entry.sha) or b""
    if entry.size > RAW_BYTES:
        error = {"resource": "Blob", "field": "data", "code": "too_large"}
        raise Refusal(403, "This API returns blobs up to 100 MB in size.", errors=[error])
    if visit.call.wants("raw"):
        return Reply(200, content, media="application/vnd.github.raw+json; charset=utf-8")
    return accepted(_shape(visit, path, entry, sha, "file") | _encoded(content))


async def get_blob(visit: Visit) -> Reply:
    """Answer with a blob by its name."""
    name = visit.call.params["file_sha"]
    hexadecimal = len(name) == 40 and set(name) <= set("0123456789abcdef")
    content = await visit.repo.git.blob(name) if hexadecimal else None
    if content is None:
        raise not_found()
    if visit.call.wants("raw"):
        return Reply(200, content, media="application/vnd.github.raw+json; charset=utf-8")
    shape = {
        "sha": name,
        "node_id": f"B_{name[:20]}",
        "size": len(content),
        "url": f"{visit.site.repo(visit.repo)}/git/blobs/{name}",
        "content": encodebytes(content).decode(),
        "encoding": "base64",
    }
    return accepted(shape)


async def get_tree(visit: Visit) -> Reply:
    """Answer with every file below a commit; always the recursive form."""
    sha = await resolve(visit.repo, visit.call.params["tree_sha"])
    if sha is None:
        raise not_found()
    tree = await visit.repo.git.tree(sha)
    api = visit.site.repo(visit.repo)
    rows = [
        {
            "path": path,
            "mode": entry.mode,
            "type": "commit" if entry.mode == SUBMODULE else "blob",
            "sha": entry.sha,
            "size": entry.size,
            "url": f"{api}/git/blobs/{entry.sha}",
        }
        for path, entry in tree.items()
    ]
    body = {"sha": sha, "url": f"{api}/git/trees/{sha}", "tree": rows, "truncated": False}
    return accepted(body)


async def _commit(visit: Visit) -> str:
    ref = visit.call.query.get("ref") or visit.repo.default_branch
    sha = await resolve(visit.repo, ref)
    if sha is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    return sha


async def _target(
    visit: Visit, tree: Mapping[str, Entry], path: str, link: Entry
) -> tuple[str, Entry | None]:
    """Follow a symbolic link to a file of the same repository; others stay as they are."""
    target = (await visit.repo.git.blob(link.sha) or b"").decode(errors="replace")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return (found, tree[found]) if found in tree else (path, link)


def _folder(visit: Visit, tree: Mapping[str, Entry], path: str, sha: str) -> Reply:
    prefix = f"{path}/" if path else ""
    children: dict[str, Entry | None] = {}
    for name, entry in tree.items():
        if name.startswith(prefix):
            child, _, deeper = name[len(prefix) :].partition("/")
            children[child] = None if deeper else entry
    if not children:
        raise not_found()
    rows = [
        _shape(visit, f"{prefix}{child}", entry or Entry("040000", sha, 0), sha, _kind(entry))
        for child, entry in children.items()
    ]
    return accepted(rows)


def _kind(entry: Entry | None) -> str:
    if entry is None:
        return "dir"
    return {SUBMODULE: "submodule", SYMLINK: "symlink"}.get(entry.mode, "file")


def _shape(visit: Visit, path: str, entry: Entry, sha: str, kind: str) -> dict[str, Any]:
    site, repo = visit.site, visit.repo
    api, page = site.contents(repo, sha, path), site.blob_page(repo, sha, path)
    git = f"{site.repo(repo)}/git/blobs/{entry.sha}"
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": entry.size,
        "url": api,
        "html_url": page,
        "git_url": git,
        "download_url": page.replace("/blob/", "/raw/", 1) if kind == "file" else None,
        "_links": {"self": api, "git": git, "html": page},
    }


def _encoded(content: bytes) -> dict[str, str]:
    if len(content) > INLINE_BYTES:
        return {"content": "", "encoding": "none"}
    return {"content": encodebytes(content).decode(), "encoding": "base64"}


_READ = Needs(("contents",))
_REPO = "/repos/{owner}/{repo}"
ROUTES = (
    Route("GET", f"{_REPO}/contents", get_contents, _READ),
    Route("GET", f"{_REPO}/contents/{{path*}}", get_contents, _READ),
    Route("GET", f"{_REPO}/git/blobs/{{file_sha}}", get_blob, _READ),
    Route("GET", f"{_REPO}/git/trees/{{tree_sha}}", get_tree, _READ),
)
