"""How far a review got, as somebody who follows it hears it."""

from dataclasses import dataclass, field

from core.models import Phase, Step
from core.progress import FileTally
from core.reviewer import Reviewer
from tests.core.test_reviewer import FakeChain, a_reading, some_files
from tests.core.test_verification import CONFIRMED, Chain, claim, reviewed
from tests.fakes.core import a_pull_request


@dataclass
class Follower:
    """Keeps every step; implements `core.ports.Progress`."""

    steps: list[Step] = field(default_factory=list)

    def at(self, step: Step) -> None:
        self.steps.append(step)

    @property
    def counts(self) -> list[tuple[int, int]]:
        return [(step.done, step.total) for step in self.steps]


def test_a_file_in_pieces_counts_when_its_last_piece_was_read() -> None:
    follower = Follower()
    tally = FileTally([("a", "b"), ("b",), ("c",)], follower)
    for part in (("b",), ("a", "b"), ("c",)):
        tally.through(part)
    assert follower.counts == [(0, 3), (0, 3), (2, 3), (3, 3)]
    assert {step.phase for step in follower.steps} == {Phase.REVIEWING}


async def followed(chain: FakeChain | None) -> Follower:
    follower = Follower()
    await Reviewer(chain, fence_key=b"key").read(
        a_pull_request(),
        some_files(4),
        {},
        instructions="",
        focus="",
        static=[],
        progress=follower,
    )
    return follower


async def test_a_review_tells_of_each_file_that_is_read() -> None:
    chain = FakeChain(lambda _: a_reading())
    follower = await followed(chain)
    assert len(chain.asked) > 1
    assert follower.counts[0] == (0, 4)
    assert follower.counts[-1] == (4, 4)
    assert sorted(follower.counts) == follower.counts


async def test_a_review_without_a_model_has_no_files_to_count() -> None:
    assert (await followed(None)).steps == []


async def test_a_second_look_is_told_when_there_is_something_to_look_at() -> None:
    follower = Follower()
    await reviewed(Chain({"one": lambda _: CONFIRMED}), claim(1), progress=follower)
    assert [step.phase for step in follower.steps] == [Phase.CHECKING]
    silent = Follower()
    await reviewed(Chain({"one": lambda _: CONFIRMED}), progress=silent)
    assert silent.steps == []
