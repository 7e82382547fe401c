"""Accounts and the App as JSON."""

from base64 import b64encode
from typing import Any

from bot.playground.github.records import Account, App, Installation, Repository
from bot.playground.github.site import Site
from bot.playground.github.world import World, iso

_USER_PARTS = (
    *(("followers_url", "/followers"), ("following_url", "/following{/other_user}")),
    *(("gists_url", "/gists{/gist_id}"), ("starred_url", "/starred{/owner}{/repo}")),
    *(("subscriptions_url", "/subscriptions"), ("organizations_url", "/orgs")),
    *(("repos_url", "/repos"), ("events_url", "/events{/privacy}")),
    ("received_events_url", "/received_events"),
)


def node_id(kind: str, number: int) -> str:
    """Return an opaque id as GraphQL uses them."""
    return f"{kind}_{b64encode(str(number).encode()).decode().rstrip('=')}"


def user(site: Site, account: Account) -> dict[str, Any]:
    """Return the short form of an account that stands in everything else."""
    api = f"{site.api}/users/{account.login}"
    page = account.login.removesuffix("[bot]")
    path = f"apps/{page}" if account.kind == "Bot" else page
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{site.web}/avatars/{account.id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{site.web}/{path}",
        **{name: f"{api}{path}" for name, path in _USER_PARTS},
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def private_user(site: Site, account: Account) -> dict[str, Any]:
    """Return the account that a token belongs to."""
    joined = "2020-01-01T00:00:00Z"
    nothing = ("company", "location", "email", "hireable", "bio", "twitter_username")
    counts = ("public_repos", "public_gists", "followers", "following")
    return {
        **user(site, account),
        "name": account.name,
        "blog": "",
        **dict.fromkeys(nothing),
        **dict.fromkeys(counts, 0),
        "created_at": joined,
        "updated_at": joined,
    }


def app(site: Site, record: App) -> dict[str, Any]:
    """Return the App."""
    made = "2026-01-01T00:00:00Z"
    return {
        "id": record.id,
        "client_id": record.client_id,
        "slug": record.slug,
        "node_id": node_id("A", record.id),
        "owner": user(site, record.owner),
        "name": record.name,
        "description": "",
        "external_url": f"{site.web}/apps/{record.slug}",
        "html_url": f"{site.web}/apps/{record.slug}",
        "created_at": made,
        "updated_at": made,
        "permissions": dict(record.permissions),
        "events": list(record.events),
    }


def installation(world: World, record: Installation) -> dict[str, Any]:
    """Return an installation of the App."""
    site, of = world.site, world.app
    organization = record.account.kind == "Organization"
    return {
        "id": record.id,
        "account": user(site, record.account),
        "repository_selection": "all" if record.repo_ids is None else "selected",
        "access_tokens_url": f"{site.api}/app/installations/{record.id}/access_tokens",
        "repositories_url": f"{site.api}/installation/repositories",
        "html_url": f"{site.web}/settings/installations/{record.id}",
        "app_id": of.id if of else 0,
        "client_id": of.client_id if of else "",
        "app_slug": of.slug if of else "",
        "target_id": record.account.id,
        "target_type": "Organization" if organization else "User",
        "permissions": dict(record.permissions),
        "events": list(of.events) if of else [],
        "created_at": iso(record.created_at),
        "updated_at": iso(record.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": iso(record.suspended_at) if record.suspended_at else None,
    }


def association(repo: Repository, account: Account) -> str:
    """Return how an author relates to a repository."""
    if account is repo.owner:
        return "OWNER"
    if account.login in repo.collaborators:
        return "COLLABORATOR"
    return "NONE"
