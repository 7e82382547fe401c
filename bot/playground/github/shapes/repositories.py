"""Repositories as JSON, in the full size that webhooks carry too."""

from typing import Any

from bot.playground.github.records import Repository
from bot.playground.github.shapes.accounts import node_id, user
from bot.playground.github.site import Site
from bot.playground.github.world import iso

_PARTS = (
    *(("forks_url", "/forks"), ("keys_url", "/keys{/key_id}")),
    *(("collaborators_url", "/collaborators{/collaborator}"), ("teams_url", "/teams")),
    *(("hooks_url", "/hooks"), ("issue_events_url", "/issues/events{/number}")),
    *(("events_url", "/events"), ("assignees_url", "/assignees{/user}")),
    *(("branches_url", "/branches{/branch}"), ("tags_url", "/tags")),
    *(("blobs_url", "/git/blobs{/sha}"), ("git_tags_url", "/git/tags{/sha}")),
    *(("git_refs_url", "/git/refs{/sha}"), ("trees_url", "/git/trees{/sha}")),
    *(("statuses_url", "/statuses/{sha}"), ("languages_url", "/languages")),
    *(("stargazers_url", "/stargazers"), ("contributors_url", "/contributors")),
    *(("subscribers_url", "/subscribers"), ("subscription_url", "/subscription")),
    *(("commits_url", "/commits{/sha}"), ("git_commits_url", "/git/commits{/sha}")),
    *(("comments_url", "/comments{/number}"), ("contents_url", "/contents/{+path}")),
    *(("issue_comment_url", "/issues/comments{/number}"), ("merges_url", "/merges")),
    *(("compare_url", "/compare/{base}...{head}"), ("downloads_url", "/downloads")),
    *(("archive_url", "/{archive_format}{/ref}"), ("issues_url", "/issues{/number}")),
    *(("pulls_url", "/pulls{/number}"), ("milestones_url", "/milestones{/number}")),
    ("notifications_url", "/notifications{?since,all,participating}"),
    *(("labels_url", "/labels{/name}"), ("releases_url", "/releases{/id}")),
    ("deployments_url", "/deployments"),
)
_HAS = ("has_issues", "has_projects", "has_downloads", "has_wiki", "has_pages", "has_discussions")
_COUNTS = ("stargazers_count", "watchers_count", "forks_count", "open_issues_count")


def minimal(repo: Repository) -> dict[str, Any]:
    """Return the form that installation events carry."""
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }


def repository(site: Site, repo: Repository, *, open_pulls: int = 0) -> dict[str, Any]:
    """Return a repository."""
    api, page = site.repo(repo), site.page(repo)
    return {
        **minimal(repo),
        "owner": user(site, repo.owner),
        "html_url": page,
        "description": repo.description or None,
        "fork": repo.parent_id is not None,
        "url": api,
        **{name: f"{api}{path}" for name, path in _PARTS},
        "created_at": iso(repo.created_at),
        "updated_at": iso(repo.pushed_at),
        "pushed_at": iso(repo.pushed_at),
        "git_url": f"git:{page.split(':', 1)[1]}.git",
        "ssh_url": f"git@github.test:{repo.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "homepage": None,
        "size": 128,
        "language": None,
        **dict.fromkeys(_COUNTS, 0),
        **dict.fromkeys(_HAS, False),
        "mirror_url": None,
        "archived": repo.archived,
        "disabled": False,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if repo.private else "public",
        "forks": 0,
        "open_issues": open_pulls,
        "open_issues_count": open_pulls,
        "watchers": 0,
        "default_branch": repo.default_branch,
    }


def full_repository(site: Site, repo: Repository) -> dict[str, Any]:
    """Return what `GET /repos/{owner}/{repo}` answers."""
    return {
        **repository(site, repo),
        "temp_clone_token": None,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "network_count": 0,
        "subscribers_count": 0,
    }
