"""Stories of several rounds: what was read is not read again, what was said is not said again."""

import pytest
from redis import Redis

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.fakes.model_server import ModelServer
from tests.flows import rounds
from tests.flows.rounds import (
    BASE,
    CHANGE,
    EMPTY,
    MENDED,
    PATH,
    QUIET,
    TWICE,
    Story,
    check_of,
    claims,
    summary_of,
)
from tests.flows.test_pull_request import own_reviews

reviewing = rounds.reviewing


@pytest.mark.usefixtures("reviewing")
async def test_three_rounds_converge(hub: FakeGitHub, model: ModelServer) -> None:
    story = Story(hub, model, "octo/rounds")
    shown = await story.push(CHANGE, EMPTY, TWICE)
    assert len(claims(shown)) == 2

    shown = await story.push(MENDED, EMPTY, TWICE)
    [asked] = story.asked
    assert "max(len(items), 1)" in asked
    assert "Closing twice ends the order twice" in asked
    assert "+    order.end()" not in asked
    shown = await story.until(lambda s: "Round 2" in s["issue_comments"][0]["body"])
    assert "Round 2: 1 fixed, 1 open, 0 new" in shown["issue_comments"][0]["body"]
    assert len(claims(shown)) == 2
    assert check_of(shown)["conclusion"] == "neutral"
    shown = await story.until(
        lambda s: any("_Addressed" in c["body"] for c in s["review_comments"])
    )
    addressed = [c["body"] for c in shown["review_comments"] if "_Addressed" in c["body"]]
    assert ["An empty cart" in body for body in addressed] == [True]

    shown = await story.push(MENDED.replace("    order.end()\n", "    order.end_once()\n"), TWICE)
    shown = await story.until(lambda s: "Round 3" in s["issue_comments"][0]["body"])
    assert "Round 3: 1 fixed, 0 open, 0 new" in shown["issue_comments"][0]["body"]
    assert check_of(shown)["conclusion"] == "success"
    assert len(own_reviews(shown)) == 1


@pytest.mark.usefixtures("reviewing")
async def test_a_rebase_asks_no_model_and_says_nothing_again(
    hub: FakeGitHub, model: ModelServer
) -> None:
    story = Story(hub, model, "octo/rebased")
    await story.push(CHANGE, EMPTY)
    hub.push(story.repo, "main", {"NEWS": "1", PATH: f"# Licensed.\n{BASE}"})

    shown = await story.push(f"# Licensed.\n{CHANGE}", EMPTY, TWICE, onto="main")

    assert story.asked == []
    assert len(claims(shown)) == 1
    assert check_of(shown)["conclusion"] == "neutral"
    assert "1 important finding" in check_of(shown)["output"]["title"]
    shown = await story.until(lambda s: "Round 2" in summary_of(s))
    assert "Round 2: 0 fixed, 1 open, 0 new" in summary_of(shown)
    assert "model call" not in summary_of(shown)


@pytest.mark.usefixtures("reviewing")
async def test_a_finding_that_comes_back_is_open_again(hub: FakeGitHub, model: ModelServer) -> None:
    story = Story(hub, model, "octo/regressed")
    await story.push(CHANGE, EMPTY)
    shown = await story.push(MENDED)
    assert check_of(shown)["conclusion"] == "success"

    shown = await story.push(CHANGE)

    assert story.asked == []
    assert check_of(shown)["conclusion"] == "neutral"
    shown = await story.until(
        lambda s: any("_Open again" in c["body"] for c in s["review_comments"])
    )
    assert len(claims(shown)) == 1


@pytest.mark.usefixtures("reviewing")
async def test_a_second_push_of_one_hunk_costs_that_hunk(
    hub: FakeGitHub, model: ModelServer
) -> None:
    story = Story(hub, model, "octo/cheap")
    wide = CHANGE.replace("STEP_20 = 20", "\n".join(f"MORE_{n} = {n}" for n in range(300)))
    await story.push(wide, EMPTY)
    first = sum(len(text) for text in story.asked)
    await story.push(wide.replace("    order.end()\n", "    order.end_once()\n"))
    second = sum(len(text) for text in story.asked)
    assert 0 < second < first
    assert not any("+MORE_299" in text for text in story.asked)


async def test_a_lost_memory_leads_to_nothing_said_twice(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis, reviewing: Argus
) -> None:
    story = Story(hub, model, "octo/forgotten")
    await story.push(CHANGE, EMPTY)
    with Redis.from_url(own_redis.url) as client:
        for key in client.scan_iter("argus:v1:s:memory:*"):
            client.delete(key)

    shown = await story.push(QUIET, EMPTY)

    assert len(story.asked) == 1
    assert len(claims(shown)) == 1
    assert len(own_reviews(shown)) == 1


@pytest.mark.usefixtures("reviewing")
async def test_a_renamed_file_keeps_its_findings(hub: FakeGitHub, model: ModelServer) -> None:
    story = Story(hub, model, "octo/renamed")
    await story.push(CHANGE, EMPTY, TWICE)

    shown = await story.push({PATH: None, "shop/basket.py": CHANGE}, EMPTY, TWICE)

    assert len(claims(shown)) == 2
    shown = await story.until(lambda s: "Round 2" in summary_of(s))
    assert "Round 2: 0 fixed, 2 open, 0 new" in summary_of(shown)
    assert "shop/basket.py:2" in summary_of(shown)


@pytest.mark.usefixtures("reviewing")
async def test_a_force_push_back_to_a_reviewed_head_is_told_as_it_stands(
    hub: FakeGitHub, model: ModelServer
) -> None:
    story = Story(hub, model, "octo/back")
    await story.push(CHANGE, EMPTY)
    assert story.opened is not None
    first = story.opened.head
    shown = await story.push(MENDED)
    assert check_of(shown)["conclusion"] == "success"
    await story.until(lambda s: any("_Addressed" in c["body"] for c in s["review_comments"]))

    story.reset(first)

    shown = await story.until(
        lambda s: (
            f"Commit `{first[:7]}`" in summary_of(s)
            and any("_Open again" in c["body"] for c in s["review_comments"])
            and check_of(s)["conclusion"] is not None
        )
    )
    assert story.asked == []
    assert "1 open" in summary_of(shown)
    assert check_of(shown)["conclusion"] == "neutral"
    assert len(own_reviews(shown)) == 1


@pytest.mark.usefixtures("reviewing")
async def test_three_hundred_files_are_read_as_far_as_the_budget_goes(
    hub: FakeGitHub, model: ModelServer
) -> None:
    names = [f"shop/part_{number:03}.py" for number in range(300)]
    lines = "\n".join(f"VALUE_{number} = {number} * RATE  # in cents" for number in range(60))
    story = Story(hub, model, "octo/wide", dict.fromkeys(names, "RATE = 1\n"), every=2.0)

    shown = await story.push(dict.fromkeys(names, f"RATE = 2\n{lines}\n"))

    check = check_of(shown)
    assert check["conclusion"] == "neutral"
    assert "of 300 files read" in check["output"]["title"]
    shown = await story.until(summary_of)
    unread = [name for name in names if f"`{name}`" in summary_of(shown)]
    asked = [name for name in names if any(f"{name}" in text for text in story.asked)]
    assert unread
    assert f"{300 - len(unread)} of 300 files" in check["output"]["title"]
    assert set(names) - set(unread) <= set(asked)
