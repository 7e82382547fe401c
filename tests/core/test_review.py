"""One head of one pull request, from the request to its outcome."""

import re
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from core.adoption import UNRECORDED
from core.analyzers import Analyzers
from core.coverage import verdict
from core.errors import HeadMoved, LeaseLost, TransientError
from core.models import (
    Candidate,
    Conclusion,
    FileStatus,
    Job,
    Omission,
    OmissionReason,
    Origin,
    OriginKind,
    Outcome,
    OutcomeKind,
    Place,
    PostedReview,
    PullMemory,
    Severity,
    Strength,
    Usage,
)
from core.repo_config import RepoConfig, ReviewRules
from core.review import Crew, review_pull_request
from core.reviewer import ReadResult
from tests.fakes.core import (
    BASE,
    HEAD,
    FakeFence,
    FakeHost,
    FakePublisher,
    FakeReviewer,
    NoAnalyzers,
    a_candidate,
    a_file,
    a_job,
    a_new_file,
    a_pull_request,
)

CART = """def total(items):
    amount = 0
    for item in items:
        amount += item.price
    return amount
"""

WISHES = b"""
prompt: {instructions: Be brief.}
paths:
  - {glob: "shop/**", instructions: Mind the money.}
  - {glob: "web/**", instructions: Mind the colours.}
"""

WRONG_TOTAL = a_candidate("shop/cart.py", 4, "amount += item.price")
NIT = a_candidate(
    "shop/cart.py",
    1,
    "def total(items):",
    severity=Severity.NIT,
    title="The parameter has no type",
    body="Callers cannot tell what is iterated.",
)


class World:
    """A pull request, and an Argus that reviews it."""

    def __init__(self, *claims: Candidate) -> None:
        self.host = FakeHost(files=(a_new_file("shop/cart.py", CART),))
        self.publisher: FakePublisher | None = FakePublisher(self.host)
        self.reviewer = FakeReviewer(claims=claims)
        self.fence = FakeFence()
        self.analyzers: Analyzers | NoAnalyzers = NoAnalyzers()
        self.defaults = RepoConfig()
        self.memory: Kept | None = None

    async def review(self, job: Job | None = None) -> Outcome:
        seconds = count(100.0, 0.5)
        crew = Crew(
            host=self.host,
            publisher=self.publisher,
            reviewer=self.reviewer,  # type: ignore[arg-type]  # says what the test wants
            analyzers=self.analyzers,  # type: ignore[arg-type]  # finds nothing of its own
            defaults=self.defaults,
            clock=lambda: next(seconds),
            memory=self.memory,
        )
        return await review_pull_request(job or a_job(), crew, self.fence)


def places(outcome: Outcome) -> list[tuple[str, Place]]:
    assert outcome.record is not None
    return [(finding.title, finding.place) for finding in outcome.record.findings]


# the main path


async def test_a_finding_is_posted_on_its_line_and_recorded():
    world = World(WRONG_TOTAL)
    outcome = await world.review()
    assert outcome.kind is OutcomeKind.REVIEWED
    assert outcome.review_url.endswith("#pullrequestreview-1")
    assert [(c.path, c.line) for c in world.host.comments] == [("shop/cart.py", 4)]
    assert outcome.record is not None
    (finding,) = outcome.record.findings
    assert (finding.place, finding.url) == (Place.INLINE, world.host.comments[0].url)
    assert outcome.record.seconds == 0.5
    assert verdict(outcome).conclusion is Conclusion.NEUTRAL


async def test_nothing_to_say_posts_nothing_and_is_green():
    world = World()
    outcome = await world.review()
    assert outcome.kind is OutcomeKind.CLEAN
    assert world.host.comments == []
    assert verdict(outcome).conclusion is Conclusion.SUCCESS


async def test_nits_alone_make_no_review():
    world = World(NIT)
    outcome = await world.review()
    assert world.publisher is not None
    assert world.publisher.reviews == []
    assert places(outcome) == [(NIT.title, Place.SUMMARY)]
    assert outcome.kind is OutcomeKind.REVIEWED


async def test_what_quotes_nothing_is_counted_and_not_posted():
    world = World(replace(WRONG_TOTAL, quote="amount -= item.price"), WRONG_TOTAL)
    outcome = await world.review()
    assert len(world.host.comments) == 1
    assert outcome.record is not None
    assert outcome.record.rejected == 1


async def test_a_place_that_github_refuses_goes_to_the_summary():
    world = World(WRONG_TOTAL)
    first = await world.review()
    assert first.record is not None
    world = World(WRONG_TOTAL)
    assert world.publisher is not None
    world.publisher.refuse = frozenset({first.record.findings[0].id})
    assert places(await world.review()) == [(WRONG_TOTAL.title, Place.SUMMARY)]


async def test_without_a_publisher_findings_are_inline_and_unposted():
    world = World(WRONG_TOTAL)
    world.publisher = None
    outcome = await world.review()
    assert places(outcome) == [(WRONG_TOTAL.title, Place.INLINE)]
    assert outcome.review_id is None
    assert world.host.comments == []


async def test_the_cap_keeps_one_run_one_review_and_loses_nothing():
    lines = [f"value{n} = compute{n}(items)" for n in range(8)]
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
    claims = [
        a_candidate("shop/cart.py", n, line, title=f"{word} breaks", body=f"{word} fails.")
        for n, (line, word) in enumerate(zip(lines, words, strict=True), 1)
    ]
    world = World(*claims)
    world.host.files = (a_new_file("shop/cart.py", "\n".join(lines) + "\n"),)
    outcome = await world.review()
    said = [place for _, place in places(outcome)]
    assert (said.count(Place.INLINE), said.count(Place.SUMMARY)) == (5, 3)
    assert world.publisher is not None
    assert len(world.publisher.reviews) == 1


# a second push


async def test_a_second_push_repeats_no_comment_that_still_stands():
    world = World(WRONG_TOTAL)
    await world.review()
    world.host.pull = a_pull_request(head="c" * 40)
    outcome = await world.review(a_job(head="c" * 40, first=False))
    assert len(world.host.comments) == 1
    assert places(outcome) == [(WRONG_TOTAL.title, Place.STANDING)]
    assert outcome.kind is OutcomeKind.REVIEWED
    assert verdict(outcome).conclusion is Conclusion.NEUTRAL


async def test_a_new_finding_of_a_second_push_is_posted_alone():
    world = World(WRONG_TOTAL)
    await world.review()
    world.host.pull = a_pull_request(head="c" * 40)
    other = a_candidate(
        "shop/cart.py",
        5,
        "return amount",
        title="Negative sums are returned",
        body="Refunds larger than the purchase give less than zero.",
    )
    world.reviewer.claims = (WRONG_TOTAL, other)
    await world.review(a_job(head="c" * 40, first=False))
    assert [comment.line for comment in world.host.comments] == [4, 5]


# ends without a review


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"open": False}, "It was closed."), ({"open": False, "merged": True}, "It was merged.")],
)
async def test_a_closed_pull_request_cancels(changes: dict[str, bool], reason: str):
    world = World(WRONG_TOTAL)
    world.host.pull = a_pull_request(**changes)
    outcome = await world.review()
    assert (outcome.kind, outcome.reason) == (OutcomeKind.CANCELLED, reason)
    assert world.reviewer.asked == []


async def test_a_pull_request_that_is_gone_cancels():
    world = World(WRONG_TOTAL)
    world.host.gone = True
    assert (await world.review()).kind is OutcomeKind.CANCELLED


async def test_a_newer_head_is_for_the_ledger_to_follow():
    world = World(WRONG_TOTAL)
    world.host.pull = a_pull_request(head="c" * 40)
    with pytest.raises(HeadMoved) as moved:
        await world.review()
    assert moved.value.live_head == "c" * 40


async def test_a_push_while_reading_never_makes_the_old_head_green():
    world = World()

    def push() -> None:
        world.host.pull = a_pull_request(head="c" * 40)
        world.host.at_head = {}

    world.host.after_changes = push
    with pytest.raises(HeadMoved):
        await world.review()


async def test_a_lost_lease_writes_nothing():
    world = World(WRONG_TOTAL)
    world.fence.lost = True
    with pytest.raises(LeaseLost):
        await world.review()
    assert world.host.comments == []


async def test_github_in_trouble_is_another_attempt_not_an_outcome():
    world = World(WRONG_TOTAL)
    world.host.down = True
    with pytest.raises(TransientError):
        await world.review()


async def test_a_draft_is_skipped_before_anything_is_read():
    world = World(WRONG_TOTAL)
    world.host.pull = a_pull_request(draft=True)
    outcome = await world.review()
    assert outcome.kind is OutcomeKind.SKIPPED
    assert "draft" in outcome.reason
    assert verdict(outcome).conclusion is Conclusion.SKIPPED
    assert world.reviewer.asked == []


async def test_a_person_may_ask_for_a_review_of_a_draft():
    world = World(WRONG_TOTAL)
    world.host.pull = a_pull_request(draft=True)
    asked = Origin(kind=OriginKind.SLACK, id="s1", person="U1")
    assert (await world.review(a_job(origins=(asked,)))).kind is OutcomeKind.REVIEWED


# configuration


async def test_the_base_branch_configures_the_review_and_the_head_does_not():
    world = World(WRONG_TOTAL)
    world.host.at_base[".argus.yaml"] = b"review: {gate: true}\n"
    world.host.at_head[".argus.yaml"] = b"review: {enabled: false}\n"
    outcome = await world.review()
    assert verdict(outcome).conclusion is Conclusion.FAILURE
    assert all(commit == BASE for path, commit in world.host.reads if "argus" in path)


async def test_an_invalid_file_is_ignored_whole_and_reported():
    world = World(WRONG_TOTAL)
    world.host.at_base[".github/argus.yaml"] = b"review:\n  gate: true\n  max_file: 3\n"
    outcome = await world.review()
    assert outcome.record is not None
    assert not outcome.record.gate
    (note,) = outcome.record.notes
    assert note.startswith(".github/argus.yaml on `main` was ignored as a whole: line 3: ")
    assert note.endswith("`review.max_file` is not known; did you mean `max_files`?")


async def test_a_second_configuration_file_is_named_as_unused():
    world = World()
    world.host.at_base |= {".argus.yaml": b"", ".github/argus.yaml": b"review: {gate: true}"}
    outcome = await world.review()
    assert outcome.record is not None
    assert outcome.record.notes == (".github/argus.yaml is not used, .argus.yaml is.",)


async def test_a_configuration_that_is_not_text_is_reported():
    world = World()
    world.host.at_base[".argus.yaml"] = b"\xff\xfe"
    outcome = await world.review()
    assert outcome.record is not None
    assert "not UTF-8" in outcome.record.notes[0]


async def test_the_operators_defaults_apply_where_the_repository_says_nothing():
    world = World(WRONG_TOTAL)
    world.defaults = RepoConfig(review=ReviewRules(gate=True, max_findings=0))
    world.host.at_base[".argus.yaml"] = b"review: {max_findings: 1}\n"
    outcome = await world.review()
    assert places(outcome) == [(WRONG_TOTAL.title, Place.INLINE)]
    assert outcome.record is not None
    assert outcome.record.gate


async def test_the_reviewer_gets_the_teams_wishes_from_the_base_branch():
    world = World()
    world.host.at_base |= {
        ".argus.yaml": WISHES,
        "AGENTS.md": b"Use pytest.",
        "CLAUDE.md": b"Use pytest.",
        "REVIEW.md": b"x" * 100_000,
    }
    await world.review(a_job(focus="the totals"))
    asked = world.reviewer.asked[0]
    assert "Be brief." in asked.instructions
    assert "Mind the money." in asked.instructions
    assert "colours" not in asked.instructions
    assert asked.instructions.count("Use pytest.") == 1
    assert len(asked.instructions) < 20_000
    assert asked.focus == "the totals"


# what is read


async def test_only_code_that_is_not_new_is_fetched_and_few_at_a_time():
    world = World()
    patch = "@@ -1 +1 @@\n-a = 1\n+a = 2"
    modified = [f"src/mod{n}.py" for n in range(30)]
    world.host.files = (
        a_new_file("new.py", "x = 1\n"),
        a_file("words.yml", patch),
        a_file("gone.py", "@@ -1 +0,0 @@\n-a = 1", status=FileStatus.REMOVED),
        *(a_file(path, patch) for path in modified),
    )
    world.host.at_head = dict.fromkeys(modified, b"a = 2\n")
    await world.review()
    fetched = {path for path, commit in world.host.reads if commit == HEAD}
    assert fetched == set(modified)
    assert world.host.most_at_once <= 8
    assert world.reviewer.asked[0].texts["new.py"] == "x = 1\n"
    assert "words.yml" not in world.reviewer.asked[0].texts


async def test_a_secret_in_a_file_that_is_not_fetched_is_found_on_its_line():
    world = World()
    secret = "ghp_" + "".join(chr(ord("a") + n % 26) for n in range(30)) + "0A1B2C"
    world.analyzers = Analyzers()
    world.host.files = (a_file("deploy.yml", f"@@ -8,2 +8,3 @@\n a: 1\n+token: {secret}\n b: 2"),)
    outcome = await world.review()
    assert [(comment.path, comment.line) for comment in world.host.comments] == [("deploy.yml", 9)]
    assert outcome.record is not None
    assert outcome.record.findings[0].source.startswith("static:")


async def test_nothing_reviewable_asks_no_model():
    world = World(WRONG_TOTAL)
    world.host.files = (a_file("uv.lock", "@@ -1 +1 @@\n-a\n+b"),)
    outcome = await world.review()
    assert outcome.kind is OutcomeKind.CLEAN
    assert "nothing to review" in outcome.reason
    assert world.reviewer.asked == []
    assert verdict(outcome).conclusion is Conclusion.SUCCESS


async def test_change_of_which_nothing_could_be_read_is_not_called_empty():
    world = World()
    world.host.files = (replace(a_file("app.py", "@@ -1 +1 @@\n-a\n+b"), hunks=None),)
    outcome = await world.review()
    assert outcome.reason == "Nothing of this change could be read."
    assert verdict(outcome).conclusion is Conclusion.NEUTRAL


async def test_files_too_large_to_read_are_listed_and_never_green():
    world = World()
    world.host.files = (a_new_file("big.py", "x = 1\n" * 2_000),)
    outcome = await world.review()
    assert world.reviewer.asked == []
    assert verdict(outcome).conclusion is Conclusion.NEUTRAL
    assert outcome.record is not None
    assert outcome.record.coverage.omitted[0].reason is OmissionReason.TOO_LARGE


async def test_what_the_reviewer_left_out_stands_in_the_record():
    world = World()
    unread = Omission(path="shop/cart.py", reason=OmissionReason.OVER_BUDGET, hunks=1)
    world.reviewer.result = replace(
        world.reviewer.result,
        strength=Strength.DEGRADED,
        unread=(unread,),
        notes=("the second model answered",),
        usage=Usage(input_tokens=10, calls=1),
        summary="Adds a cart.",
    )
    outcome = await world.review()
    assert outcome.record is not None
    assert outcome.record.coverage.omitted == (unread,)
    assert outcome.record.usage.input_tokens == 10
    assert outcome.record.summary == "Adds a cart."
    assert verdict(outcome).conclusion is Conclusion.NEUTRAL
    assert "The second model answered." in verdict(outcome).reasons


async def test_static_analysis_alone_says_which_code_it_could_not_read():
    world = World()
    world.host.files = (a_file("a.py", "@@ -1 +1 @@\n-a\n+b"),)
    world.host.at_head = {"a.py": b"\xff\xfe"}
    world.reviewer.result = replace(world.reviewer.result, strength=Strength.STATIC)
    outcome = await world.review()
    assert outcome.record is not None
    assert [o.reason for o in outcome.record.coverage.omitted] == [OmissionReason.UNREADABLE]
    assert outcome.record.coverage.files_read == 0


async def test_hidden_characters_are_reported():
    world = World()
    world.host.files = (a_new_file("a.py", "if admin\u202e: pass\n"),)
    outcome = await world.review()
    assert outcome.record is not None
    assert "invisible characters (U+202E" in outcome.record.notes[0]


# later rounds


@dataclass
class Kept:
    """What the ledger keeps between reviews."""

    memory: PullMemory = field(default_factory=PullMemory)

    async def recall(self, job: Job) -> PullMemory:
        return self.memory


async def test_what_one_round_left_out_is_read_in_the_next_and_green_only_then():
    world = World()
    world.memory = Kept()
    world.reviewer.result = ReadResult(
        (),
        Strength.DEGRADED,
        unread=(Omission(path="shop/cart.py", reason=OmissionReason.MODEL_FAILED),),
    )
    first = await world.review()
    assert first.memory is not None
    assert verdict(first).conclusion is Conclusion.NEUTRAL
    world.memory.memory = first.memory
    world.reviewer.result = ReadResult((), Strength.FULL)
    second = await world.review()
    assert world.reviewer.asked[1].paths == ("shop/cart.py",)
    assert verdict(second).conclusion is Conclusion.SUCCESS


async def test_what_is_open_from_an_earlier_round_keeps_a_head_from_green():
    world = World(WRONG_TOTAL)
    world.memory = Kept()
    first = await world.review()
    assert first.memory is not None
    world.memory.memory, world.reviewer.claims = first.memory, ()
    second = await world.review()
    assert second.kind is OutcomeKind.NOTHING_NEW
    assert verdict(second).conclusion is Conclusion.NEUTRAL
    assert places(second) == [(WRONG_TOTAL.title, Place.STANDING)]


# an earlier attempt


async def test_a_review_of_an_earlier_attempt_is_adopted_without_a_model_call():
    world = World(WRONG_TOTAL)
    first = await world.review()
    outcome = await world.review(a_job(attempt=2))
    assert len(world.reviewer.asked) == 1
    assert len(world.host.comments) == 1
    assert (outcome.kind, outcome.review_id) == (OutcomeKind.REVIEWED, first.review_id)
    assert outcome.record is not None
    assert first.record is not None
    (mine,) = outcome.record.findings
    (theirs,) = first.record.findings
    assert mine.model_dump(exclude={"end_line"}) == theirs.model_dump(exclude={"end_line"})
    assert outcome.record.coverage.notes == (UNRECORDED,)
    assert verdict(outcome).conclusion is Conclusion.NEUTRAL


async def test_an_earlier_attempt_that_posted_nothing_is_simply_repeated():
    world = World(WRONG_TOTAL)
    outcome = await world.review(a_job(attempt=2, review_id=9))
    assert len(world.host.comments) == 1
    assert outcome.kind is OutcomeKind.REVIEWED


async def test_findings_that_an_adopted_review_does_not_hold_go_to_the_summary():
    world = World(WRONG_TOTAL)

    class Adopting(FakePublisher):
        async def publish(self, draft: object, fence: object) -> PostedReview:
            return PostedReview(id=5, url="https://github.com/x", adopted=True)

    world.publisher = Adopting(world.host)
    assert places(await world.review()) == [(WRONG_TOTAL.title, Place.SUMMARY)]


async def test_no_code_is_kept():
    outcome = await World(WRONG_TOTAL, NIT).review()
    kept = outcome.model_dump_json()
    assert not re.search(r"amount \+= |def total", kept)
