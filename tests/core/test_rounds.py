"""Rounds as stories on one file: what is read again, what stays open, what is said twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from core.findings import Placed, judge, recorded
from core.models import (
    Candidate,
    Category,
    Dismissal,
    DismissalScope,
    FindingState,
    Place,
    PullMemory,
    RecordedFinding,
    Resolved,
    Round,
    Severity,
    Side,
    StandingComment,
    Strength,
)
from core.repo_config import ReviewRules
from core.rounds import quiet_findings, restored, with_words
from core.rounds.agenda import to_read
from core.rounds.carrying import Change, carried
from core.rounds.look import Look, open_findings
from core.rounds.matching import sort
from core.rounds.settling import settled, speaks_inline, told
from tests.core.test_blocks import changed

BASE = "import db\n\n\ndef total(items):\n    return sum(items)\n\n\ndef close(order):\n    pass\n"
CHANGE = BASE.replace(
    "    return sum(items)\n",
    "    whole = 0\n    for item in items:\n        whole = item\n    return whole\n",
)
OVERWRITES = Candidate(
    path="shop.py",
    line=7,
    severity=Severity.IMPORTANT,
    category=Category.BUG,
    title="The loop overwrites the sum",
    body="`whole = item` keeps the last item only, so total([1, 2]) is 2.",
    quote="        whole = item",
)


@dataclass
class Story:
    """A pull request of one file, looked at again and again."""

    folder: Path
    memory: PullMemory = field(default_factory=PullMemory)
    read: list[str] = field(default_factory=list)
    """What each round read: the added lines of its fresh hunks."""

    def look(
        self,
        head: str,
        says: Sequence[Candidate] = (),
        *,
        base: str = BASE,
        resolved: Sequence[Resolved] = (),
        strength: Strength = Strength.FULL,
        again: bool = False,
        unread: Sequence[str] = (),
    ) -> Round:
        file = changed(base, head, self.folder)
        lines = {file.path: head.split("\n")}
        files = [file] if file.hunks else []
        agenda = to_read(files, lines, self.memory, strength=strength, again=again)
        change = Change(f"head {self.memory.round}", agenda, files, frozenset(), lines)
        earlier = carried(self.memory, change, resolved)
        found = judge(says, files, {file.path: head}, ReviewRules()).findings
        sorted_ = sort(found, earlier, {file.path: file}, self.memory.rules)
        saying = (*sorted_.new, *sorted_.back.values())
        records = recorded(Placed(inline=saying), {each.id: f"#{each.id}" for each in saying})
        said = {each.id: (each, record) for each, record in zip(saying, records, strict=True)}
        before, self.memory = (
            self.memory,
            settled(
                self.memory,
                earlier,
                sorted_,
                said,
                change,
                verified=frozenset(),
                unread=unread,
                strength=strength,
            ),
        )
        self.read.append(
            "\n".join(
                line.text
                for each in agenda.files
                for hunk in each.hunks or ()
                for line in hunk.lines
                if line.kind == "+"
            )
        )
        return told(self.memory, before, sorted_)

    @property
    def open(self) -> tuple[RecordedFinding, ...]:
        return open_findings(self.memory)

    def state(self) -> FindingState:
        [only] = self.memory.findings
        return only.state


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def test_a_second_look_at_the_same_change_reads_nothing_and_keeps_what_is_open(
    story: Story,
) -> None:
    first = story.look(CHANGE, [OVERWRITES])
    second = story.look(CHANGE)
    assert (first.new, second.new, len(story.open)) == (1, 0, 1)
    assert story.read[1] == ""


def test_a_rebase_moves_a_finding_and_reads_nothing(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    license_ = "# Licensed to you.\n" * 40
    story.look(license_ + CHANGE, base=license_ + BASE)
    assert story.read[1] == ""
    assert [finding.line for finding in story.open] == [47]
    assert [finding.place for finding in story.open] == [Place.STANDING]


def test_a_finding_whose_code_is_mended_is_fixed(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    round_ = story.look(CHANGE.replace("whole = item", "whole += item"))
    assert (len(story.open), len(round_.fixed), round_.new) == (0, 1, 0)
    assert story.state() is FindingState.ADDRESSED


def test_a_finding_whose_code_is_back_is_open_again_without_a_reader(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    story.look(CHANGE.replace("whole = item", "whole += item"))
    round_ = story.look(CHANGE)
    assert (round_.regressed, len(story.open), len(round_.fixed)) == (1, 1, 0)
    assert story.state() is FindingState.REGRESSED
    assert story.read[2] == ""


def test_a_line_added_beside_a_finding_leaves_it_open_and_unsaid(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    beside = CHANGE.replace("    whole = 0\n", "    whole = 0\n    print(items)\n")
    reworded = Candidate(
        **{
            **{name: getattr(OVERWRITES, name) for name in OVERWRITES.__dataclass_fields__},
            "line": 8,
            "title": "Only the last item survives the loop",
            "body": "Each pass assigns `whole`, so the sum is the last item.",
        }
    )
    round_ = story.look(beside, [reworded])
    assert (round_.new, len(story.open), len(round_.fixed)) == (0, 1, 0)
    assert story.open[0].title == OVERWRITES.title
    assert story.open[0].line == 8
    assert "print(items)" in story.read[1]


def test_a_reader_may_tell_that_a_finding_near_a_change_was_fixed_elsewhere(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    [open_] = story.memory.findings
    beside = CHANGE.replace("    whole = 0\n", "    whole = 0\n    items = [sum(items)]\n")
    word = Resolved(id=open_.finding.id, status="fixed", reason="it sums before the loop")
    assert len(story.look(beside, resolved=[word]).fixed) == 1
    story.look(beside)
    assert story.open == ()


def test_a_reader_is_asked_about_the_findings_nearest_to_what_changed(tmp_path: Path) -> None:
    places = (2, 30, 40, 52, 75)
    plain = [f"STEP_{n} = {n}" for n in range(1, 90)]
    edited = [f"{step} / COUNT_{n}" if n in places else step for n, step in enumerate(plain, 1)]
    base, head = "\n".join(plain), "\n".join(edited)
    story = Story(tmp_path)
    claims = [
        replace(OVERWRITES, line=n, title=f"Count {n} may be zero", quote=f"STEP_{n} = {n} /")
        for n in places
    ]
    story.look(head, claims, base=base)
    assert len(story.open) == len(places)
    file = changed(base, head.replace("STEP_50 = 50", "STEP_50 = 5"), tmp_path)
    agenda = to_read([file], {}, story.memory, strength=Strength.FULL)
    asked = Look(story.memory, Change("head", agenda, [file], frozenset(), {})).in_question()
    assert [each.finding.line for each in asked] == [52, 40, 30]


def test_a_reader_has_no_say_where_nothing_changed(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    [open_] = story.memory.findings
    word = Resolved(id=open_.finding.id, status="fixed", reason="trust me")
    story.look(CHANGE, resolved=[word])
    assert len(story.open) == 1


def test_what_a_person_dismissed_stays_quiet_in_other_words(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    [known] = story.memory.findings
    dismissed = known.model_copy(update={"state": FindingState.DISMISSED})
    story.memory = story.memory.model_copy(update={"findings": (dismissed,)})
    reworded = Candidate(
        path="shop.py",
        line=8,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The sum is overwritten in the loop",
        body="The last item wins: total([1, 2]) is 2.",
        quote="whole = item",
    )
    beside = CHANGE.replace("    whole = 0\n", "    whole = 0\n    print(items)\n")
    round_ = story.look(beside, [reworded])
    assert (round_.new, story.open, round_.dismissed) == (0, (), 1)


def test_new_findings_of_a_dismissed_rule_are_kept_quiet_until_it_is_taken_back(
    story: Story,
) -> None:
    rule = Dismissal(
        scope=DismissalScope.RULE,
        state=FindingState.DISMISSED,
        who="ada",
        source="model",
        category=Category.BUG,
        claim="A loop overwrites its sum",
    )
    story.memory = with_words(story.memory, [rule])
    round_ = story.look(CHANGE, [OVERWRITES])
    assert (round_.new, story.open, round_.dismissed) == (0, (), 1)
    assert [each.who for each in quiet_findings(story.memory)] == ["ada"]
    story.memory = with_words(story.memory, [])
    story.look(CHANGE)
    assert [each.title for each in story.open] == [OVERWRITES.title]


def test_a_dismissed_finding_is_listed_as_long_as_its_code_stands(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    [known] = story.memory.findings
    word = Dismissal(
        scope=DismissalScope.FINDING,
        state=FindingState.ACCEPTED,
        who="ada",
        findings=(known.finding.id,),
    )
    listed = []
    for head in (CHANGE, BASE, CHANGE):
        story.memory = with_words(story.memory, [word])
        round_ = story.look(head)
        listed.append(len(quiet_findings(story.memory)))
        assert (round_.fixed, story.open) == ((), ())
    assert listed == [1, 0, 1]


@pytest.mark.parametrize(("line", "title"), [(7, "The sum is wrong"), (None, OVERWRITES.title)])
def test_a_lost_memory_learns_of_a_dismissal_from_the_comment(
    story: Story, line: int | None, title: str
) -> None:
    story.look(CHANGE, [OVERWRITES])
    [known] = story.memory.findings
    comment = StandingComment(
        finding_id=known.finding.id,
        fingerprint=known.finding.fingerprint,
        path="shop.py",
        line=line,
        side=Side.RIGHT,
        body=f"**{title}**",
        url="#1",
        commit="head 0",
        state=FindingState.DISMISSED,
    )
    file = changed(BASE, CHANGE, story.folder)
    lines = {file.path: CHANGE.split("\n")}
    agenda = to_read([file], lines, PullMemory(), strength=Strength.FULL)
    change = Change("head", agenda, [file], frozenset(), lines)
    story.memory = restored(PullMemory(), [comment], change)
    round_ = story.look(CHANGE, [OVERWRITES])
    assert (round_.new, story.open, round_.dismissed) == (0, (), 1)


def test_a_change_taken_back_whole_leaves_nothing_open(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    round_ = story.look(BASE)
    assert (story.open, len(round_.fixed)) == ((), 1)


def test_what_was_read_with_less_than_can_be_had_is_read_again(story: Story) -> None:
    story.look(CHANGE, strength=Strength.STATIC)
    story.look(CHANGE, strength=Strength.FULL)
    story.look(CHANGE, strength=Strength.FULL)
    story.look(CHANGE, strength=Strength.STATIC)
    assert [bool(read) for read in story.read] == [True, True, False, False]


def test_what_was_left_out_is_read_the_next_time(story: Story) -> None:
    story.look(CHANGE, unread=["shop.py"])
    story.look(CHANGE)
    assert [bool(read) for read in story.read] == [True, True]


def test_a_person_may_have_everything_read_again_and_hears_nothing_twice(story: Story) -> None:
    story.look(CHANGE, [OVERWRITES])
    round_ = story.look(CHANGE, [OVERWRITES], again=True)
    assert story.read[1] != ""
    assert (round_.new, len(story.open)) == (0, 1)


def test_only_the_hunk_that_changed_is_read_again(story: Story) -> None:
    far = BASE.replace("import db\n", "import db\n" + "\n".join("# ." for _ in range(30)) + "\n")
    both = far.replace("    return sum(items)\n", "    return 1\n")
    story.look(both, base=far)
    story.look(both.replace("import db\n", "import db, os\n"), base=far)
    assert story.read[1] == "import db, os"


def test_a_later_round_puts_no_remark_on_old_code_unless_it_is_a_proven_hole(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    story.look(CHANGE)
    head = CHANGE.replace("    pass\n", "    db.close(order)\n")
    file = changed(BASE, head, tmp_path)
    lines = {file.path: head.split("\n")}
    agenda = to_read([file], lines, story.memory, strength=Strength.FULL)
    change = Change("head", agenda, [file], frozenset(), lines)
    [old] = judge([OVERWRITES], [file], {file.path: head}, ReviewRules()).findings
    assert not speaks_inline(old, change, first=False, verified=True)
    assert speaks_inline(old, change, first=True, verified=False)
    hole = Candidate(
        **{
            **{name: getattr(OVERWRITES, name) for name in OVERWRITES.__dataclass_fields__},
            "category": Category.SECURITY,
        }
    )
    [grave] = judge([hole], [file], {file.path: head}, ReviewRules()).findings
    assert speaks_inline(grave, change, first=False, verified=True)
    assert not speaks_inline(grave, change, first=False, verified=False)
