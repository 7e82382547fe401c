"""Who is calling, and whether they may: authentication, reach and permissions.

GitHub hides what must not be seen (404) and refuses what must not be done (403).
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import base64
from dataclasses import dataclass
from typing import Any, Literal

import jwt

from bot.playground.github.records import Account, App, Installation, Repository, Token
from bot.playground.github.wire import Call, Refusal, not_found
from bot.playground.github.world import World, reaches

LEVELS = ("none", "read", "write", "admin")
JWT_SECONDS = 600
"""Longest life of an App's token."""
ACCEPTED_HEADER = "x-accepted-github-permissions"

Kind = Literal["app", "installation", "user", "client", "anonymous"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request."""

    kind: Kind
    label: str
    account: Account | None = None
    """Whom GitHub shows as the author."""
    token: Token | None = None
    installation: Installation | None = None
    reach: tuple[Installation, ...] | None = None
    """Where the App is that a person granted this to; None where no App bounds them."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route asks of its caller; any one of the permissions is enough."""

    permissions: tuple[str, ...] = ()
    """Alternatives, each like `pull_requests`."""
    level: str = "read"
    app: bool = False
    """Only with the App's own JWT."""
    installation: bool = False
    """Only with an installation token."""
    client: bool = False
    """Only with the App's client id and secret."""

    @property
    def writes(self) -> bool:
        """Tell whether it changes something."""
        return self.level != "read"


def identify(world: World, call: Call) -> Caller:
    """Return the caller. Raises Refusal 401."""
    scheme, _, credential = call.headers.get("authorization", "").partition(" ")
    credential = credential.strip()
    if not credential:
        return Caller("anonymous", "anonymous")
    if scheme.lower() == "basic":
        return _client(world, credential)
    if scheme.lower() not in {"bearer", "token"}:
        raise _bad_credentials()
    if credential.count(".") == 2 and credential.startswith("eyJ"):
        app = _verified(world, credential)
        return Caller("app", "app", app.bot)
    token = world.tokens.get(credential)
    if token is None or world.now() >= token.expires_at:
        raise _bad_credentials()
    return _holder(world, token)


def admit(caller: Caller, needs: Needs) -> None:
    """Require the kind of caller that a route is for. Raises Refusal 401, 403."""
    if needs.app and caller.kind != "app":
        raise Refusal(401, "A JSON web token could not be decoded")
    if not needs.app and caller.kind == "app":
        raise _bad_credentials()
    if needs.client != (caller.kind == "client"):
        raise _bad_credentials() if caller.kind == "client" else not_found()
    if needs.installation and caller.kind != "installation":
        raise Refusal(403, "You must authenticate via a GitHub App.")
    if needs.writes and caller.kind == "anonymous":
        raise Refusal(401, "Requires authentication")
    if caller.installation is not None and caller.installation.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")


def admit_to(caller: Caller, repo: Repository, needs: Needs) -> None:
    """Require that the caller may do this in the repository. Raises Refusal 403, 404."""
    if not needs.app and not sees(caller, repo):
        raise not_found()
    if caller.kind == "installation":
        _require_permission(caller, repo, needs)
    if needs.writes and repo.archived:
        raise Refusal(403, "Repository was archived so is read-only.")


def sees(caller: Caller, repo: Repository) -> bool:
    """Tell whether a repository exists for this caller."""
    if not repo.private or _holds(caller, repo):
        return True
    if caller.kind != "user" or permission_of(caller.account, repo) == "none":
        return False
    return caller.reach is None or any(reaches(each, repo) for each in caller.reach)


def permission_of(account: Account | None, repo: Repository) -> str:
    """Return a person's permission: `admin`, `write`, `read` or `none`."""
    if account is None:
        return "none"
    if account is repo.owner:
        return "admin"
    return repo.collaborators.get(account.login, "none" if repo.private else "read")


def covers(held: str, level: str) -> bool:
    """Tell whether one level includes another."""
    return LEVELS.index(held) >= LEVELS.index(level)


def _holds(caller: Caller, repo: Repository) -> bool:
    token = caller.token
    if token is None or caller.installation is None:
        return False
    narrowed = token.repo_ids is not None and repo.id not in token.repo_ids
    return reaches(caller.installation, repo) and not narrowed


def _require_permission(caller: Caller, repo: Repository, needs: Needs) -> None:
    held = caller.token.permissions if caller.token else {}
    enough = any(covers(held.get(name, "none"), needs.level) for name in needs.permissions)
    beyond = needs.writes and not _holds(caller, repo)
    if needs.permissions and (beyond or not enough):
        wanted = "; ".join(f"{name}={needs.level}" for name in needs.permissions)
        raise Refusal(
            403, "Resource not accessible by integration", headers={ACCEPTED_HEADER: wanted}
        )


def _client(world: World, credential: str) -> Caller:
    try:
        name, _, secret = base64.b64decode(credential, validate=True).decode().partition(":")
    except ValueError as error:
        raise _bad_credentials() from error
    right = world.app is not None and name == world.app.client_id and bool(secret)
    if not right or secret != world.grants.client_secret:
        raise _bad_credentials()
    return Caller("client", "client")


def _holder(world: World, token: Token) -> Caller:
    if token.person is not None:
        reach = tuple(world.installations.values()) if token.via_app else None
        return Caller("user", f"user:{token.person.login}", token.person, token, reach=reach)
    installation = world.installations.get(token.installation_id or 0)
    if installation is None or world.app is None:
        raise _bad_credentials()
    return Caller(
        "installation", f"installation:{installation.id}", world.app.bot, token, installation
    )


def _verified(world: World, credential: str) -> App:
    """Check an App's token as GitHub does; leeway there is none."""
    app = world.app
    try:
        claims = jwt.decode(credential, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _undecodable() from error
    if app is None or str(claims.get("iss")) not in {str(app.id), app.client_id}:
        raise Refusal(404, "Integration not found")
    _check_times(claims, world.now())
    try:
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
        jwt.decode(credential, app.public_key, algorithms=["RS256"], options=options)
    except jwt.InvalidTokenError as error:
        raise _undecodable() from error
    return app


def _check_times(claims: dict[str, Any], now: float) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or issued > now:
        raise Refusal(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the "
            "assertion was issued",
        )
    if not isinstance(expires, int | float) or expires <= now:
        raise Refusal(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time "
            "at which the assertion expires",
        )
    if expires - now > JWT_SECONDS:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")


def _bad_credentials() -> Refusal:
    return Refusal(401, "Bad credentials")


def _undecodable() -> Refusal:
    return Refusal(401, "A JSON web token could not be decoded")
