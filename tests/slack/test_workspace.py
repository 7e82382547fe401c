"""Who is at home, who is a guest, and where other companies read along."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import AccessDenied, TransientError
from slack.client import SlackClient
from slack.errors import SlackRefused
from slack.workspace import BELIEVED, MOST, Person, Workspace, person_from, shared_from
from tests.fakes.slack import FakeSlack


@dataclass
class Known:
    """A Slack that says what it was told to, and counts how often it was asked."""

    people: dict[str, Person] = field(default_factory=dict)
    shared: dict[str, bool] = field(default_factory=dict)
    homes: list[tuple[str, str] | Exception] = field(default_factory=lambda: [("T1", "")])
    asked: list[str] = field(default_factory=list)

    async def home(self) -> tuple[str, str]:
        home = self.homes.pop(0)
        if isinstance(home, Exception):
            raise home
        return home

    async def person(self, user: str) -> Person:
        self.asked.append(user)
        if user not in self.people:
            raise SlackRefused("user_not_found")
        return self.people[user]

    async def is_shared(self, channel: str) -> bool:
        self.asked.append(channel)
        if channel not in self.shared:
            raise SlackRefused("channel_not_found")
        return self.shared[channel]


@dataclass
class From:
    user_id: str = "U1"
    user_team_id: str = ""
    team_id: str = "T1"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


AT_HOME = Person("Mona", "T1", guest=False)
ELSEWHERE = Person("Ada", "T2", guest=False)
GRID: tuple[str, str] = ("T1", "E1")


def a_workspace(person: Person | None = None, home: tuple[str, str] = ("T1", "")) -> Workspace:
    return Workspace(Known(people={"U1": person} if person else {}, homes=[home]))


async def test_people_at_home_may_ask() -> None:
    await a_workspace(AT_HOME).require_member(From())


async def test_request_that_names_the_home_as_the_persons_own_is_proof_enough() -> None:
    known = Known()
    await Workspace(known).require_member(From(user_team_id="T1"))
    assert known.asked == []


@pytest.mark.parametrize("person", [ELSEWHERE, None])
async def test_people_who_are_not_provably_at_home_are_refused(person: Person | None) -> None:
    with pytest.raises(AccessDenied, match="its own workspace only"):
        await a_workspace(person).require_member(From())


@pytest.mark.parametrize("sender", [From(user_team_id="T2"), From(team_id="T2")])
async def test_request_that_names_another_workspace_is_refused_without_a_question(
    sender: From,
) -> None:
    known = Known(people={"U1": AT_HOME})
    with pytest.raises(AccessDenied, match="its own workspace only"):
        await Workspace(known).require_member(sender)
    assert known.asked == []


@pytest.mark.parametrize("said", ["", "T2", "E1"])
async def test_workspaces_of_one_organisation_are_one_home(said: str) -> None:
    sister = Person("Ada", "T2", guest=False, enterprise_id="E1")
    await a_workspace(sister, GRID).require_member(From(user_team_id=said))
    await a_workspace(sister, GRID).require_member(From(user_team_id=said, team_id="T2"))


@pytest.mark.parametrize("said", ["", "T2", "E2"])
async def test_people_of_another_organisation_are_refused(said: str) -> None:
    other = Person("Ada", "T2", guest=False, enterprise_id="E2")
    with pytest.raises(AccessDenied):
        await a_workspace(other, GRID).require_member(From(user_team_id=said))


@pytest.mark.parametrize("code", ["missing_scope", "token_revoked"])
async def test_app_that_an_operator_has_to_look_at_refuses_nobody_for_good(code: str) -> None:
    class Mute(Known):
        async def person(self, user: str) -> Person:
            raise SlackRefused(code)

    with pytest.raises(TransientError, match=code):
        await Workspace(Mute()).require_member(From())


async def test_where_the_home_is_not_known_nobody_is_refused_for_good():
    known = Known(people={"U1": AT_HOME}, homes=[SlackRefused("invalid_auth"), ("T1", "")])
    workspace = Workspace(known)
    with pytest.raises(TransientError):
        await workspace.require_member(From())
    await workspace.require_member(From())


async def test_guests_and_people_whom_slack_does_not_show_are_no_full_members():
    people = {"U1": AT_HOME, "U2": Person("Ada", "T1", guest=True), "U3": ELSEWHERE}
    workspace = Workspace(Known(people=people))
    full = [each for each in ("U1", "U2", "U3", "U4") if await workspace.is_full_member(each)]
    assert full == ["U1"]


async def test_a_channel_that_slack_does_not_show_counts_as_shared():
    workspace = Workspace(Known(shared={"C1": False, "C2": True}))
    assert [await workspace.is_shared(channel) for channel in ("C1", "C2", "C3")] == [
        False,
        True,
        True,
    ]


async def test_what_was_told_is_believed_for_a_while_and_failures_are_not():
    clock = Clock()
    known = Known(people={"U1": AT_HOME})
    workspace = Workspace(known, clock=clock)
    for person in ("U1", "U1", "U2", "U2"):
        await workspace.is_full_member(person)
    assert known.asked == ["U1", "U2", "U2"]

    clock.now += BELIEVED
    known.people["U1"] = Person("Mona", "T1", guest=True)

    assert not await workspace.is_full_member("U1")


async def test_memory_is_bounded():
    known = Known(shared={f"C{number}": False for number in range(MOST + 1)})
    workspace = Workspace(known)
    for channel in known.shared:
        await workspace.is_shared(channel)
    known.asked.clear()

    await workspace.is_shared(f"C{MOST}")
    await workspace.is_shared("C0")

    assert known.asked == ["C0"]


@pytest.mark.parametrize(
    ("traits", "guest"),
    [
        ({}, False),
        ({"is_restricted": True}, True),
        ({"is_ultra_restricted": True}, True),
        ({"is_stranger": True}, True),
        ({"deleted": True}, True),
    ],
)
def test_slacks_words_for_guests(traits: dict[str, Any], guest: bool):
    shown = {"id": "U1", "team_id": "T1", "name": "mona", **traits}
    assert person_from(shown) == Person("mona", "T1", guest=guest)


@pytest.mark.parametrize(
    ("traits", "shared"),
    [
        ({}, False),
        ({"is_shared": True, "is_org_shared": True}, False),
        ({"is_shared": True, "is_ext_shared": True}, True),
        ({"is_shared": True, "is_org_shared": True, "is_ext_shared": True}, True),
        ({"is_pending_ext_shared": True}, True),
        ({"is_shared": True}, True),
    ],
)
def test_slacks_words_for_shared_channels(traits: dict[str, Any], shared: bool):
    assert shared_from({"id": "C1", **traits}) is shared


def test_slacks_words_for_an_organisation() -> None:
    shown = {"id": "W1", "team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}
    assert person_from(shown).enterprise_id == "E1"


def test_what_slack_does_not_describe_is_not_trusted():
    assert person_from({}).guest
    assert shared_from({})


@pytest.fixture
async def client(slack_server: FakeSlack) -> AsyncIterator[SlackClient]:
    client = SlackClient(slack_server.bot_token, slack_server.api_url)
    yield client
    await client.close()


async def test_the_local_slack_answers_as_this_reads_it(
    slack_server: FakeSlack, client: SlackClient
):
    mona = slack_server.add_person("mona", real_name="Mona Lisa")
    guest = slack_server.add_person("hubot", guest=True)
    outsider = slack_server.add_person("ada", team_id="T0OTHER")
    inside, across = slack_server.channel("inside"), slack_server.channel("across", external=True)
    workspace = Workspace(client)

    full = [await workspace.is_full_member(str(p["id"])) for p in (mona, guest, outsider)]

    assert full == [True, False, False]
    assert not await workspace.is_shared(inside)
    assert await workspace.is_shared(across)
    assert await workspace.name_of(str(mona["id"])) == "mona"
    assert await workspace.name_of("U0NOBODY") == "U0NOBODY"
