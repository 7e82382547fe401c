"""From a method and path to a handler, and what every handler is given.

A repository in the path is looked up here, so that no handler can forget the gate.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from bot.playground.github.gate import Caller, Needs, admit, admit_to, sees
from bot.playground.github.records import Account, Pull, Repository
from bot.playground.github.site import Site
from bot.playground.github.wire import Call, Refusal, Reply, not_found
from bot.playground.github.world import World

REDIRECT_DOCS = (
    "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted request: who asks what of which world."""

    world: World
    call: Call
    caller: Caller
    found: Repository | None = None

    @property
    def site(self) -> Site:
        """Return the addresses of this GitHub."""
        return self.world.site

    @property
    def repo(self) -> Repository:
        """Return the repository of the path. Raises Refusal 404 for paths without one."""
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def pull(self) -> Pull:
        """Return the pull request of the path. Raises Refusal 404."""
        found = self.world.pulls.get((self.repo.id, self.call.number("number")))
        if found is None:
            raise not_found()
        return found

    @property
    def author(self) -> Account:
        """Return whom GitHub shows as the author. Raises Refusal 401."""
        if self.caller.account is None:
            raise Refusal(401, "Requires authentication")
        return self.caller.account

    @property
    def via_app(self) -> bool:
        """Tell whether the App acts, not a person."""
        return self.caller.kind == "installation"


Handler = Callable[[Visit], Awaitable[Reply]]


@dataclass(frozen=True)
class Route:
    """A method, a template such as `/repos/{owner}/{repo}/contents/{path*}`, and its handler."""

    method: str
    template: str
    handler: Handler
    needs: Needs = field(default_factory=Needs)
    creates: bool = False
    """Counts as the creation of content."""


class Router:
    """Finds the route of a request; earlier routes win."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(route, _pattern(route.template)) for route in routes]

    def match(self, call: Call) -> tuple[Route, Call]:
        """Return the route and the call with its parameters. Raises Refusal 404."""
        for route, pattern in self._routes:
            if route.method != call.method:
                continue
            found = pattern.fullmatch(call.path)
            if found:
                return route, replace(call, params=found.groupdict())
        raise not_found()


async def visit(world: World, route: Route, call: Call, caller: Caller) -> Reply:
    """Pass the gate and run the handler. Raises Refusal."""
    admit(caller, route.needs)
    repo = _repository(world, call, caller)
    if repo is not None:
        admit_to(caller, repo, route.needs)
    if route.creates:
        world.limits.create(caller.label, world.knobs.content_per_minute, world.now())
    return await route.handler(Visit(world, call, caller, repo))


def by_id(world: World, call: Call) -> Call:
    """Rewrite `/repositories/{id}/…`, where redirects lead, to the repository's name."""
    found = re.fullmatch(r"/repositories/(\d{1,18})(/.*)?", call.path)
    repo = world.repos.get(int(found[1])) if found else None
    if found is None or repo is None:
        return call
    return replace(call, path=f"/repos/{repo.full_name}{found[2] or ''}")


def _repository(world: World, call: Call, caller: Caller) -> Repository | None:
    if "owner" not in call.params:
        return None
    name = f"{call.params['owner']}/{call.params['repo']}"
    repo = world.repo_named(name)
    if repo is not None:
        return repo
    moved = world.repo_moved(name)
    if moved is None or not sees(caller, moved):
        raise not_found()
    rest = call.path.removeprefix(f"/repos/{name}")
    query = f"?{urlencode(call.query)}" if call.query else ""
    raise _redirect(f"{call.base}/repositories/{moved.id}{rest}{query}", call.method)


def _redirect(address: str, method: str) -> Refusal:
    """https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects"""
    status = 301 if method in {"GET", "HEAD"} else 307
    message = "Moved Permanently" if status == 301 else "Temporary Redirect"
    return Refusal(status, message, headers={"location": address}, docs=REDIRECT_DOCS)


def _pattern(template: str) -> re.Pattern[str]:
    """Turn `{name}` into one segment and `{name*}` into the rest of the path."""
    parts = re.split(r"(\{\w+\*?\})", template)
    return re.compile("".join(_part(part) for part in parts), re.DOTALL)


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part.strip("{}")
    return f"(?P<{name[:-1]}>.+)" if name.endswith("*") else f"(?P<{name}>[^/]+)"
