"""Where layers come from: the base branch, the organisation, the operator, whoever asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.base_files import instructions
from core.models import PullRequestRef
from core.repo_config import Layer, LayerKind, RepoConfig, ReviewRules, parse
from core.repo_config.gathering import Gathered, Sources, Subject, gather
from tests.fakes.core import REF, a_new_file, a_pull_request

TEAMS = "profiles: {pay: {when: {teams: [payments]}, review: {gate: true}}}\n"


@dataclass
class Owner:
    """An organisation with files and teams; None stands for teams that may not be seen."""

    files: dict[str, bytes] = field(default_factory=dict)
    teams: dict[str, set[str]] | None = field(default_factory=dict)

    async def file(self, name: str) -> bytes | None:
        return self.files.get(name)

    async def teams_of(self, login: str, among: Iterable[str]) -> frozenset[str] | None:
        if self.teams is None:
            return None
        return frozenset(team for team in among if login in self.teams.get(team, ()))


@dataclass
class Operator:
    """Settings of the operator."""

    said: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()

    async def layers(self, ref: PullRequestRef) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        return self.said, self.notes


async def gathered(
    file: str | None,
    owner: Owner | None = None,
    operator: Operator | None = None,
    *,
    ref: PullRequestRef = REF,
    command: RepoConfig | None = None,
) -> Gathered:
    async def read(path: str) -> bytes | None:
        return file.encode() if file is not None and path == ".argus.yaml" else None

    subject = Subject(ref, "main", author="mona")
    sources = Sources(RepoConfig(), operator, owner, command)
    return await gather(read, subject, sources)


async def test_a_profile_of_a_team_counts_for_its_members() -> None:
    member = await gathered(TEAMS, Owner(teams={"payments": {"mona"}}))
    other = await gathered(TEAMS, Owner(teams={"payments": {"otto"}}))

    assert member.configuration.config.review.gate
    assert not other.configuration.config.review.gate
    assert member.notes == other.notes == ()


async def test_teams_that_may_not_be_seen_are_told_and_choose_nothing() -> None:
    for owner in (Owner(teams=None), None):
        found = await gathered(TEAMS, owner)
        assert not found.configuration.config.review.gate
        (note,) = found.notes
        assert "*members: read*" in note


async def test_a_broken_file_of_the_organisation_leaves_the_layers_below() -> None:
    owner = Owner(files={".argus.yaml": b"review: {gate: true, max_file: 3}\n"})

    found = await gathered("review: {drafts: true}\n", owner)

    rules = found.configuration.config.review
    assert (rules.gate, rules.drafts) == (False, True)
    (note,) = found.notes
    assert note.startswith(".argus.yaml of `octo/.github` was ignored as a whole: line 1: ")
    assert note.endswith("did you mean `max_files`?")


async def test_the_organisations_own_repository_is_read_once() -> None:
    ref = REF.model_copy(update={"repo": ".github"})
    owner = Owner(files={".argus.yaml": b"review: {nonsense: 1}\n"})

    assert (await gathered("review: {gate: true}\n", owner, ref=ref)).notes == ()


async def test_the_operator_and_the_command_count_over_files() -> None:
    said = Layer(LayerKind.REPOSITORY, "set", parse("review: {max_findings: 3}", "set"))
    operator = Operator((said,), ("A setting cannot be read.",))
    command = RepoConfig(review=ReviewRules(max_findings=1))

    set_ = await gathered("review: {max_findings: 9}\n", operator=operator)
    asked = await gathered("review: {max_findings: 9}\n", operator=operator, command=command)

    assert set_.configuration.max_findings == 3
    assert asked.configuration.max_findings == 1
    assert set_.notes == ("A setting cannot be read.",)


async def test_a_template_is_filled_in_and_an_unknown_one_gives_way() -> None:
    own = "prompt: {template: %s, instructions: Be kind., templates: {ours: '$languages: $%s'}}"
    files = (a_new_file("a.py", "x\n"), a_new_file("b.ts", "x\n"), a_new_file("c.py", "x\n"))

    ours = await gathered(own % ("ours", "instructions"))
    unknown = await gathered(own % ("theirs", "repository"))

    pull = a_pull_request()
    assert "py, ts: Be kind." in instructions(ours.configuration, pull, files, {})
    assert instructions(unknown.configuration, pull, files, {}).endswith("Be kind.")
    (note,) = unknown.notes
    assert "`theirs`" in note
