"""Who may see what: asked with the asker's eyes, and denied in one sentence for all cases."""

import asyncio
from typing import Any

import httpx
import pytest

from core.errors import AccessDenied, TransientError, UserError
from core.models import PullRequestRef
from github.app_auth import AppAuth
from github.connect import Connections
from github.looking import FRESH, REMEMBERED
from github.people import Known
from github.visibility import DENIAL_SECONDS, Access, GitHubVisibility
from tests.github.payloads import pull_request_answer
from tests.github.test_app_auth import PEM
from tests.github.wire import API, Clock, Wire, json_answer, no_sleep, routes

REF = PullRequestRef(owner="acme", repo="shop.api", number=7)
REPOSITORY = "GET /repos/acme/shop.api"
PULL = "GET /repos/acme/shop.api/pulls/7"
INSTALLATION = "GET /repos/acme/shop.api/installation"
RIGHT = "GET /repos/acme/shop.api/collaborators/ada/permission"
MINT = "POST /app/installations/99/access_tokens"
TOKEN = {"token": "ghs_app", "expires_at": "2099-01-01T00:00:00Z"}


def pull(*, private: bool, owner: str = "acme") -> dict[str, Any]:
    answer = pull_request_answer()
    answer["base"]["repo"] |= {"private": private, "owner": {"login": owner}}
    return answer


class People:
    """Knows one person who linked an account, one whose link ended, and one who was entered."""

    can_link = True

    async def known(self, person: str) -> Known | None:
        known = {"U1": Known("mona", 1), "U2": Known("hubot", 2), "U3": Known("ada")}
        return known.get(person)

    async def token(self, person: str, *, refused: str | None = None) -> str | None:
        return "person-token" if person == "U1" and refused is None else None


class Members:
    """Knows one guest."""

    async def is_full_member(self, person: str) -> bool:
        return person != "guest"


class World:
    """A GitHub where credentials decide what is seen; the App is installed unless told not to."""

    def __init__(
        self, readers: dict[str, dict[str, Any]], *, installed: bool = True, right: Any = None
    ) -> None:
        self._readers = readers
        self.limited, self.refused = False, ""
        self.repository: dict[str, Any] | None = None
        self.answers: dict[str, Any] = {
            PULL: self._pull,
            REPOSITORY: self._shown,
            MINT: TOKEN,
            RIGHT: right,
        }
        if installed:
            self.answers[INSTALLATION] = {"id": 99}
        self.wire = Wire(routes(self.answers))

    def visibility(self, **options: Any) -> GitHubVisibility:
        auth = AppAuth("1234", PEM, self.wire.http(), API, sleep=no_sleep)
        clock = Clock()
        self.began = clock.now
        self.clock = clock
        return GitHubVisibility(
            Connections(auth, self.wire.http(), API), clock=clock, sleep=clock.sleep, **options
        )

    @property
    def minted(self) -> int:
        return sum("access_tokens" in sent for sent in self.wire.sent)

    def _shown(self, request: httpx.Request) -> httpx.Response:
        known = request.headers.get("authorization") == "Bearer person-token"
        shown = self.repository if known else None
        return json_answer({"message": "Not Found"}, 404) if shown is None else json_answer(shown)

    def _pull(self, request: httpx.Request) -> httpx.Response:
        reader = request.headers.get("authorization", "nobody").removeprefix("Bearer ")
        if self.limited and reader == "nobody":
            return json_answer({"message": "rate limit exceeded"}, 403, retry_after="60")
        if reader == self.refused:
            return json_answer({"message": "Bad credentials"}, 401)
        answer = self._readers.get(reader)
        return json_answer({"message": "Not Found"}, 404) if answer is None else json_answer(answer)


PUBLIC = {reader: pull(private=False) for reader in ("nobody", "ghs_app", "person-token")}
PRIVATE = {reader: pull(private=True) for reader in ("ghs_app", "person-token")}
APP_ONLY = {"ghs_app": pull(private=True)}


async def test_what_is_public_anyone_may_ask_for():
    world = World(PUBLIC)
    assert (await world.visibility().look(REF, "U9")).ref == REF
    assert "authorization" not in world.wire.requests[0].headers
    assert world.minted == 0


@pytest.mark.parametrize("readers", [PRIVATE, APP_ONLY, {}, {"nobody": pull(private=True)}])
async def test_what_is_not_visibly_public_is_denied_without_a_link(readers: dict[str, Any]):
    world = World(readers)
    with pytest.raises(AccessDenied):
        await world.visibility().look(REF, "U1")
    assert world.minted == 0


async def test_a_linked_person_sees_what_their_own_account_sees():
    world = World(PRIVATE)
    assert (await world.visibility(people=People()).look(REF, "U1")).private
    assert world.minted == 0


@pytest.mark.parametrize(("readers", "person"), [(PRIVATE, "U2"), (APP_ONLY, "U1"), ({}, "U1")])
async def test_a_person_without_access_is_denied_whatever_the_app_sees(
    readers: dict[str, Any], person: str
):
    world = World(readers)
    with pytest.raises(AccessDenied):
        await world.visibility(people=People()).look(REF, person)
    assert world.minted == 0


async def test_a_link_that_ended_leads_to_a_new_one():
    world = World(PRIVATE)
    with pytest.raises(AccessDenied, match="has ended") as denied:
        await world.visibility(people=People()).look(REF, "U2")
    assert denied.value.what == "That pull request was not found, or you may not ask for it here."
    assert "/argus connect" in denied.value.next_step


async def test_a_token_that_was_revoked_is_asked_for_anew_once():
    world = World({"ghs_app": pull(private=True)})
    world.refused = "person-token"
    with pytest.raises(AccessDenied, match="has ended"):
        await world.visibility(people=People()).look(REF, "U1")
    assert world.wire.sent.count(PULL) == 2


async def test_an_entered_login_sees_what_it_may_see_by_its_role():
    world = World(PRIVATE, right={"permission": "read", "role_name": "read"})
    assert (await world.visibility(people=People()).look(REF, "U3")).private


@pytest.mark.parametrize("right", [None, {"permission": "none", "role_name": ""}])
async def test_an_entered_login_without_a_role_is_shown_nothing(right: Any):
    world = World(PRIVATE, right=right)
    with pytest.raises(AccessDenied):
        await world.visibility(people=People()).look(REF, "U3")
    assert world.wire.sent.count(PULL) == 1


@pytest.mark.parametrize("person", ["U1", "U2", "U3", "U9"])
@pytest.mark.parametrize("readers", [APP_ONLY, {}])
@pytest.mark.parametrize("installed", [True, False])
async def test_a_denial_takes_as_long_whatever_there_is(
    person: str, readers: dict[str, Any], installed: bool
):
    world = World(readers, installed=installed)
    with pytest.raises(AccessDenied):
        await world.visibility(people=People()).look(REF, person)
    assert world.clock.now - world.began == pytest.approx(DENIAL_SECONDS)


async def test_a_guest_of_the_workspace_sees_only_what_they_would_see_themselves():
    world = World(APP_ONLY)
    visibility = world.visibility(access=Access.WORKSPACE, members=Members(), people=People())
    with pytest.raises(AccessDenied):
        await visibility.look(REF, "guest")
    assert world.minted == 0
    assert (await visibility.look(REF, "U9")).private


async def test_a_linked_person_goes_on_where_nothing_is_left_without_credentials():
    world = World(PUBLIC)
    world.limited = True
    visibility = world.visibility(people=People())
    assert (await visibility.look(REF, "U1")).ref == REF
    with pytest.raises(TransientError):
        await visibility.look(REF, "U9")


async def test_the_workspace_may_see_what_the_app_sees():
    world = World(APP_ONLY)
    assert (await world.visibility(access=Access.WORKSPACE).look(REF, "U9")).private
    assert world.minted == 1


@pytest.mark.parametrize("access", list(Access))
async def test_an_owner_that_is_not_allowed_costs_no_request(access: Access):
    world = World(PUBLIC)
    with pytest.raises(AccessDenied):
        await world.visibility(access=access, allowed_owners=["other"]).look(REF, "U1")
    assert world.wire.sent == []


@pytest.mark.parametrize("access", list(Access))
async def test_an_allowed_owner_is_compared_without_regard_to_case(access: Access):
    world = World(PUBLIC)
    await world.visibility(access=access, allowed_owners=["ACME"]).look(REF, "U1")


@pytest.mark.parametrize("access", list(Access))
async def test_a_repository_that_moved_to_another_owner_is_out_of_bounds(access: Access):
    moved = pull(private=False, owner="elsewhere")
    world = World({"nobody": moved, "ghs_app": moved})
    with pytest.raises(AccessDenied):
        await world.visibility(access=access, allowed_owners=["acme"]).look(REF, "U1")


@pytest.mark.parametrize("access", list(Access))
async def test_not_found_and_not_allowed_are_one_sentence(access: Access):
    said = set()
    for readers, owners, installed in (
        ({}, [], True),
        ({}, [], False),
        (PUBLIC, ["other"], True),
    ):
        world = World(readers, installed=installed)
        visibility = world.visibility(access=access, allowed_owners=owners)
        with pytest.raises(AccessDenied) as denied:
            await visibility.look(REF, "U1")
        said.add(str(denied.value))
    assert len(said) == 1
    assert denied.value.next_step


async def test_a_public_repository_without_the_app_is_said_so():
    with pytest.raises(UserError, match="not installed") as told:
        await World(PUBLIC, installed=False).visibility().look(REF, "U1")
    assert not isinstance(told.value, AccessDenied)
    assert told.value.link == ""


async def test_the_way_to_install_the_app_is_told_where_github_knows_it():
    world = World(PUBLIC, installed=False)
    world.answers["GET /app"] = {"slug": "argus", "html_url": "https://github.com/apps/argus"}
    with pytest.raises(UserError, match="not installed") as told:
        await world.visibility().look(REF, "U1")
    assert told.value.link == "https://github.com/apps/argus/installations/new"


async def test_a_repository_is_looked_at_by_the_same_rules():
    answer = {"id": 5, "name": "shop.api", "owner": {"login": "acme"}, "private": True}
    world = World(PRIVATE)
    seen = world.visibility(people=People())
    with pytest.raises(AccessDenied, match="That repository was not found"):
        await seen.look_at_repository("acme", "shop.api", "U1")

    world.repository = answer
    assert (await seen.look_at_repository("acme", "shop.api", "U1")).name == "acme/shop.api"
    with pytest.raises(AccessDenied):
        await seen.look_at_repository("acme", "shop.api", "U9")
    assert world.minted == 0


async def test_githubs_trouble_is_no_denial():
    wire = Wire(routes({PULL: json_answer({}, 429, retry_after="60")}))
    visibility = GitHubVisibility(Connections(None, wire.http(), API))
    with pytest.raises(TransientError):
        await visibility.look(REF, "U1")


def a_repository(*, private: bool, name: str = "shop.api") -> dict[str, Any]:
    return {"id": 5, "name": name, "owner": {"login": "acme"}, "private": private}


class Repositories:
    """A GitHub with many repositories; private ones are for the credentials of one person."""

    def __init__(self, *public: str, private: tuple[str, ...] = (), allowed: int = 60) -> None:
        self.public, self.private = set(public), set(private)
        self.left = allowed
        self.wire = Wire(self._answer)
        self.clock = Clock()

    def visibility(self, **options: Any) -> GitHubVisibility:
        connections = Connections(None, self.wire.http(), API)
        return GitHubVisibility(connections, clock=self.clock, sleep=self.clock.sleep, **options)

    @property
    def anonymous(self) -> list[str]:
        return [str(r.url.path) for r in self.wire.requests if "authorization" not in r.headers]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/repos/acme/")
        known = request.headers.get("authorization") == "Bearer person-token"
        if "authorization" not in request.headers:
            self.left -= 1
            if self.left < 0:
                return json_answer({"message": "rate limit exceeded"}, 403, retry_after="1200")
        if name in self.public or (known and name in self.private):
            return json_answer(a_repository(private=name in self.private, name=name))
        return json_answer({"message": "Not Found"}, 404)


def names(*repos: str) -> list[str]:
    return [f"acme/{repo}" for repo in repos]


async def test_what_was_public_minutes_ago_is_not_asked_again():
    hub = Repositories("one", "two", private=("three",))
    visibility = hub.visibility(people=People())
    for person in ("U9", "U8", "U9"):
        overview = await visibility.look_over(names("one", "two", "three", "none"), person)
        assert set(overview.seen) == set(names("one", "two"))
        assert overview.untold == ""
    assert len(hub.anonymous) == 4


async def test_what_turned_private_is_hidden_when_its_minutes_are_over():
    hub = Repositories("one")
    visibility = hub.visibility()
    assert (await visibility.look_over(names("one"), "U9")).seen
    hub.public.clear()
    hub.clock.now += REMEMBERED - 1
    assert (await visibility.look_over(names("one"), "U9")).seen
    hub.clock.now += 1
    assert not (await visibility.look_over(names("one"), "U9")).seen


async def test_memory_is_for_names_alone():
    hub = Repositories("one")
    visibility = hub.visibility()
    await visibility.look_over(names("one"), "U9")
    hub.public.clear()
    with pytest.raises(AccessDenied):
        await visibility.look_at_repository("acme", "one", "U9")


async def test_own_access_is_never_remembered():
    hub = Repositories(private=("three",))
    visibility = hub.visibility(people=People())
    assert set((await visibility.look_over(names("three"), "U1")).seen) == set(names("three"))
    assert not (await visibility.look_over(names("three"), "U9")).seen
    hub.private.clear()
    assert not (await visibility.look_over(names("three"), "U1")).seen
    assert len(hub.anonymous) == 1


async def test_one_answer_costs_a_bounded_number_of_looks_and_the_next_goes_on():
    many = [f"r{number:02}" for number in range(FRESH + 3)]
    hub = Repositories(*many)
    visibility = hub.visibility(people=People())
    first = await visibility.look_over(names(*many), "U9")
    assert len(first.seen) == len(hub.anonymous) == FRESH
    assert first.untold.startswith("Not all repositories were looked at.")
    assert first.untold.endswith("`/argus connect` your account, or ask again for more.")
    assert set((await visibility.look_over(names(*many), "U9")).seen) == set(names(*many))


async def test_people_who_are_known_see_beyond_what_is_shared():
    many = [f"r{number:02}" for number in range(FRESH + 3)]
    hub = Repositories(*many)
    overview = await hub.visibility(people=People()).look_over(names(*many), "U1")
    assert len(overview.seen) == len(many)
    assert overview.untold == ""
    assert len(hub.anonymous) == FRESH


async def test_looks_that_come_together_are_one():
    hub = Repositories("one")
    visibility = hub.visibility()
    overviews = await asyncio.gather(*(visibility.look_over(names("one"), "U9") for _ in "abc"))
    assert all(each.seen for each in overviews)
    assert len(hub.anonymous) == 1


@pytest.mark.parametrize("linking", [True, False])
async def test_spent_allowance_is_told_with_the_way_out(linking: bool):
    hub = Repositories("one", allowed=0)
    visibility = hub.visibility(people=People() if linking else None)
    with pytest.raises(TransientError) as told:
        await visibility.look_at_repository("acme", "one", "U9")
    words = told.value.words
    assert words is not None
    assert "without an account" in words.what
    assert "ask again in 21 minutes." in words.next_step.lower()
    assert ("/argus connect" in words.next_step) is linking
    overview = await visibility.look_over(names("one"), "U9")
    assert (dict(overview.seen), overview.untold) == ({}, str(words))


async def test_trouble_of_github_is_told_where_it_hides_something():
    wire = Wire(lambda _request: json_answer({}, 502, retry_after="600"))
    visibility = GitHubVisibility(Connections(None, wire.http(), API))
    overview = await visibility.look_over(names("one"), "U9")
    assert dict(overview.seen) == {}
    assert "cannot be reached" in overview.untold
