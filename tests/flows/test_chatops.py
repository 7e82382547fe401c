"""Stories of people who speak to Argus on a pull request, and are answered there, once."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from core.models import Reception
from github.orders.questions import HOUR, MOST_QUESTIONS
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.fakes.model_answers import Asked, Says
from tests.fakes.model_server import ModelServer
from tests.flows import rounds
from tests.flows.rounds import (
    BASE,
    CHANGE,
    EMPTY,
    PATH,
    TWICE,
    Story,
    check_of,
    claims,
    open_ledger,
    summary_of,
)

reviewing = rounds.reviewing
pytestmark = pytest.mark.usefixtures("reviewing")

BESIDE = CHANGE.replace("    return", "    print(items)\n    return")
"""The claims' lines are as they were, in a block that is new."""
STRANGER = "passer-by"
IN_THREAD = (
    ("/argus status", "The last review has ended."),
    ("@argus ask why?", "Because it divides."),
    ("/argus explian", "Did you mean `explain`?"),
    ("/argus review", "reviewed this commit already"),
)
"""What is said in the thread of a finding, and what answers it."""
HELD_SECONDS = 20.0


def said(shown: Mapping[str, Any]) -> list[str]:
    """What Argus said in the conversation, without its summary."""
    return [
        comment["body"]
        for comment in shown["issue_comments"]
        if comment["user"]["type"] == "Bot" and "### Argus" not in comment["body"]
    ]


def replies(shown: Mapping[str, Any]) -> list[str]:
    """What Argus said in threads."""
    return [c["body"] for c in shown["review_comments"] if "argus:v1:answer" in c["body"]]


class Desk(Story):
    """A pull request on which people speak to Argus."""

    def tell(self, words: str, author: str = "") -> dict[str, Any]:
        """Comment in the conversation."""
        assert self.opened is not None
        return self._hub.comment(self.repo, self.opened.number, words, author)

    def reply(self, thread: int, words: str, author: str = "") -> dict[str, Any]:
        """Reply in the thread of a comment on a line."""
        assert self.opened is not None
        return self._hub.comment_on_diff(
            self.repo, self.opened.number, words, in_reply_to=thread, author=author
        )

    async def answer(self, words: str, author: str = "") -> str:
        """Comment, and return the next thing that Argus says in the conversation."""
        assert self.opened is not None
        before = len(said(self._hub.snapshot(self.repo, self.opened.number)))
        self.tell(words, author)
        shown = await self.until(lambda s: len(said(s)) > before)
        return said(shown)[-1]

    async def settled(self) -> Mapping[str, Any]:
        """Return what stands once Argus answered a last, harmless word."""
        await self.answer("/argus help")
        assert self.opened is not None
        return self._hub.snapshot(self.repo, self.opened.number)

    def open(self, change: str) -> None:
        """Open the pull request, and do not wait for what becomes of it."""
        self.opened = self._hub.open({PATH: BASE}, {PATH: change}, repo=self.repo)

    def hold(self, until: asyncio.Event) -> None:
        """Let the model think until something happened, for some seconds at most."""
        read = self._model.script

        def script(asked: Asked) -> Any:
            answer = read(asked)
            deadline = time.monotonic() + HELD_SECONDS
            while not until.is_set() and time.monotonic() < deadline:
                time.sleep(0.02)
            return answer

        self._model.script = script

    def answers(self, words: str) -> None:
        """Let the model answer questions with these words from now on."""
        read = self._model.script

        def script(asked: Asked) -> Any:
            if "answer" in (asked.schema or {}).get("properties", {}):
                self.asked.append(asked.text)
                return Says(json.dumps({"answer": words}))
            return read(asked)

        self._model.script = script


async def reviewed(hub: FakeGitHub, model: ModelServer, repo: str, **traits: Any) -> Desk:
    """A pull request with two findings on lines."""
    desk = Desk(hub, model, repo)
    await desk.push(CHANGE, EMPTY, TWICE, **traits)
    await desk.until(lambda s: len(claims(s)) == 2 and "2 important" in summary_of(s))
    return desk


def thread_of(shown: Mapping[str, Any], title: str) -> int:
    """The comment on a line that makes a claim."""
    return next(int(c["id"]) for c in shown["review_comments"] if f"**{title}**" in c["body"])


def marks(shown: Mapping[str, Any]) -> int:
    """How many comments Argus is looking at."""
    comments = [*shown["issue_comments"], *shown["review_comments"]]
    return sum(comment["reactions"]["eyes"] for comment in comments)


async def test_words_are_answered_where_they_were_said(hub: FakeGitHub, model: ModelServer) -> None:
    desk = await reviewed(hub, model, "octo/words")
    words = await desk.answer("@argus help")
    assert "`@argus review focus error handling`" in words
    assert "`/argus …` works as well" in words

    words = await desk.answer("/argus status")
    assert "The last review has ended." in words
    assert "Open in all rounds: 2 important findings." in words

    words = await desk.answer("/argus reveiw")
    assert "Did you mean `review`?" in words
    assert "<sub>request `" in words

    assert "is for Slack" in await desk.answer("/argus subscribe octo/words")
    assert "this pull request alone" in await desk.answer("/argus status octo/other#3")
    assert "does not say which finding" in await desk.answer("/argus ignore")

    words = await desk.answer("/argus configuration")
    assert "Nothing: the defaults apply." in words
    assert "| `review.max_findings` | `5` | `defaults` |" in words

    shown = await desk.until(lambda s: marks(s) == 0)
    assert all("argus:v1:answer" in each for each in said(shown))


async def test_review_asked_for_while_an_event_is_reviewed_is_one_review_and_answered(
    hub: FakeGitHub, model: ModelServer, reviewing: Argus
) -> None:
    desk = Desk(hub, model, "octo/join")
    desk.says(EMPTY)
    held = asyncio.Event()
    desk.hold(held)
    desk.open(CHANGE)
    await desk.until(lambda _: desk.asked)
    desk.tell("/argus review")
    await desk.until(lambda s: marks(s) == 1)
    held.set()

    shown = await desk.until(lambda s: said(s) and marks(s) == 0)

    assert [r["state"] for r in shown["reviews"]] == ["COMMENTED"]
    [words] = said(shown)
    assert "**1 important finding**" in words
    assert "[See the review](" in words
    words = await desk.answer("/argus review")
    assert "Argus reviewed this commit already." in words
    assert "`/argus review full`" in words


async def test_full_review_reads_all_again_with_the_focus_that_was_asked_for(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/full")
    desk.says(EMPTY, TWICE)
    words = await desk.answer("/argus review full focus on the locks")
    assert "2 important findings" in words
    assert "on the locks" in "".join(desk.asked)


async def test_whoever_may_not_is_told_once_and_sets_nothing_in_motion(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/strangers")
    words = await desk.answer("/argus pause", STRANGER)
    assert f"`{STRANGER}`, only people with write access" in words
    desk.tell("/argus ignore all", STRANGER)
    desk.tell("/argus review full", STRANGER)
    shown = await desk.settled()
    assert len(said(shown)) == 2
    assert "2 important" in summary_of(shown)
    assert "paused" not in summary_of(shown)
    assert len(desk.asked) == 1


async def test_base_branch_may_let_more_people_command(hub: FakeGitHub, model: ModelServer) -> None:
    desk = Desk(hub, model, "octo/open", {PATH: BASE, ".argus.yaml": "commands: {access: read}\n"})
    await desk.push(CHANGE, EMPTY)
    assert "has ended" in await desk.answer("/argus status", STRANGER)


async def test_machines_and_argus_itself_are_never_answered(
    hub: FakeGitHub, model: ModelServer
) -> None:
    hub.add_person("helper[bot]", "Bot")
    desk = await reviewed(hub, model, "octo/machines")
    desk.tell("/argus status", "helper[bot]")
    desk.tell("/argus status", "argus[bot]")
    shown = await desk.settled()
    assert [each for each in said(shown) if "has ended" in each] == []


async def test_comment_that_is_delivered_twice_is_answered_once(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/twice")
    await desk.answer("/argus status")
    delivered = hub.deliveries("issue_comment")[-1]
    commented = [row for row in hub.deliveries("issue_comment") if row["id"] <= delivered["id"]]
    for row in commented[-3:]:
        hub.redeliver(row["id"])
    shown = await desk.settled()
    assert sum("has ended" in each for each in said(shown)) == 1


async def test_answer_whose_confirmation_was_lost_is_not_said_again(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/lost")
    hub.fault("POST", "/repos/octo/lost/issues/[0-9]+/comments", commit=True, status=502)
    await desk.answer("/argus status")
    await desk.until(lambda s: marks(s) == 0)
    assert sum("has ended" in each for each in said(await desk.settled())) == 1


async def test_worker_that_dies_while_it_answers_leaves_one_answer(
    hub: FakeGitHub, model: ModelServer, reviewing: Argus
) -> None:
    desk = await reviewed(hub, model, "octo/dies")
    hub.fault("POST", "/repos/octo/dies/issues/[0-9]+/comments", commit=True, delay=5.0)
    await desk.answer("/argus status")
    reviewing.kill("worker")
    reviewing.start("worker")
    await desk.until(lambda s: marks(s) == 0)
    assert sum("has ended" in each for each in said(await desk.settled())) == 1


async def test_finding_is_set_aside_in_its_own_thread(hub: FakeGitHub, model: ModelServer) -> None:
    desk = await reviewed(hub, model, "octo/aside")
    assert desk.opened is not None
    thread = thread_of(hub.snapshot(desk.repo, desk.opened.number), EMPTY["title"])
    desk.reply(thread, "/argus ignore because carts are never empty", "octo")
    shown = await desk.until(
        lambda s: (
            replies(s)
            and "1 finding set aside" in summary_of(s)
            and any(c["body"].startswith("_Dismissed_") for c in s["review_comments"])
        )
    )
    [words] = replies(shown)
    assert "This finding is set aside" in words
    [dismissed] = [c["body"] for c in shown["review_comments"] if "_Dismissed_" in c["body"]]
    assert dismissed.startswith("_Dismissed_ by `octo`: carts are never empty\n")
    assert said(shown) == []


async def test_finding_is_explained_in_its_own_thread(hub: FakeGitHub, model: ModelServer) -> None:
    desk = await reviewed(hub, model, "octo/explain")
    assert desk.opened is not None
    desk.answers("Without items the divisor is 0. @octo/team closes #1 <img src=x>")
    thread = thread_of(hub.snapshot(desk.repo, desk.opened.number), EMPTY["title"])
    desk.reply(thread, "@argus explain", "octo")
    shown = await desk.until(replies)
    [words] = replies(shown)
    assert "Without items the divisor is 0." in words
    assert "answered by `openai:test-model`, not verified" in words
    assert " @octo/team " not in words
    assert "<img" not in words
    assert EMPTY["body"] in desk.asked[-1]
    assert EMPTY["quote"] in desk.asked[-1]


async def test_question_is_answered_from_the_change(hub: FakeGitHub, model: ModelServer) -> None:
    desk = await reviewed(hub, model, "octo/ask")
    desk.answers("Because close() may run twice.")
    words = await desk.answer("/argus ask why does `order.end()` matter?\nI ask for a friend.")
    assert "Because close() may run twice." in words
    assert "I ask for a friend." in desk.asked[-1]
    assert "order.end()" in desk.asked[-1]


async def test_questions_beyond_an_hours_share_are_told_once(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis
) -> None:
    desk = await reviewed(hub, model, "octo/many")
    desk.answers("It does.")
    async with open_ledger(own_redis) as ledger:
        of = f"questions:{desk.job_id}"
        for turn in range(MOST_QUESTIONS - 1):
            await ledger.turns.take(of, f"before-{turn}", most=MOST_QUESTIONS, seconds=HOUR)

    assert "It does." in await desk.answer("/argus ask does it matter?")
    words = await desk.answer("/argus ask and this?")
    assert f"has answered {MOST_QUESTIONS} questions" in words
    desk.tell("/argus ask and that?")
    assert "The last review has ended." in await desk.answer("/argus status")

    shown = await desk.until(lambda s: marks(s) == 0)
    assert sum("has answered" in each for each in said(shown)) == 1
    assert sum("It does." in each for each in said(shown)) == 1


async def test_every_word_is_answered_in_the_thread_in_which_it_was_said(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/in-thread")
    assert desk.opened is not None
    desk.answers("Because it divides.")
    thread = thread_of(hub.snapshot(desk.repo, desk.opened.number), EMPTY["title"])
    for number, (words, answer) in enumerate(IN_THREAD, 1):
        desk.reply(thread, words, "octo")
        shown = await desk.until(lambda s, n=number: len(replies(s)) == n)
        assert answer in replies(shown)[-1]
        assert shown["review_comments"][-1]["in_reply_to_id"] == thread
    assert said(shown) == []


async def test_paused_pull_request_is_reviewed_when_it_is_resumed(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/paused")
    words = await desk.answer("/argus pause")
    assert "Automatic reviews of this pull request are paused." in words
    await desk.until(lambda s: "paused by `octo`" in summary_of(s))

    shown = await desk.push(BESIDE, EMPTY, TWICE)
    assert check_of(shown)["conclusion"] == "skipped"
    assert "paused by `octo`" in check_of(shown)["output"]["summary"]
    assert desk.asked == []

    words = await desk.answer("/argus resume")
    assert "`octo` had paused them. The latest commit is reviewed now." in words
    shown = await desk.until(
        lambda s: "Round 2" in summary_of(s) and check_of(s)["conclusion"] == "neutral"
    )
    assert "are paused" not in summary_of(shown)


def offered(hub: FakeGitHub, repo: str) -> dict[str, str]:
    """The buttons that the check was last given, by their labels."""
    sent = [each["body"] for each in hub.requests("", f"/repos/{repo}/check-runs") if each["body"]]
    return {action["label"]: action["identifier"] for action in sent[-1].get("actions", ())}


async def test_buttons_of_the_check_do_what_they_say(hub: FakeGitHub, model: ModelServer) -> None:
    desk = await reviewed(hub, model, "octo/buttons")

    async def press(label: str) -> None:
        shown = await desk.until(lambda _: label in offered(hub, desk.repo))
        hub.press(desk.repo, check_of(shown)["id"], offered(hub, desk.repo)[label])

    assert list(offered(hub, desk.repo)) == ["Re-review", "Dismiss all", "Pause"]
    await press("Dismiss all")
    await desk.until(lambda s: "2 findings set aside" in summary_of(s))
    await desk.until(lambda s: check_of(s)["conclusion"] == "success")
    assert list(offered(hub, desk.repo)) == ["Re-review", "Pause"]

    await press("Pause")
    await desk.until(lambda s: "are paused by `octo`" in check_of(s)["output"]["summary"])
    assert list(offered(hub, desk.repo)) == ["Re-review", "Resume"]

    await press("Re-review")
    await desk.until(lambda s: len(s["checks"]) == 2 and check_of(s)["status"] == "completed")
    await press("Resume")
    shown = await desk.until(lambda s: "are paused" not in check_of(s)["output"]["summary"])
    assert said(shown) == []


async def test_what_people_made_of_findings_is_counted_when_the_pull_request_ends(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis
) -> None:
    desk = await reviewed(hub, model, "octo/feedback")
    assert desk.opened is not None
    number, repo_id = desk.opened.number, desk.opened.repo_id
    shown = hub.snapshot(desk.repo, number)
    liked, dismissed = (thread_of(shown, each["title"]) for each in (EMPTY, TWICE))
    for login, thumb in (("mona", "+1"), ("hubot", "+1"), ("lisa", "-1")):
        with hub.api(hub.add_token(login)) as api:
            path = f"/repos/{desk.repo}/pulls/comments/{liked}/reactions"
            api.post(path, json={"content": thumb}).raise_for_status()
    desk.reply(dismissed, "/argus ignore", "octo")
    await desk.until(lambda s: "1 finding set aside" in summary_of(s))

    hub.act(desk.repo, number, "merge")

    async with open_ledger(own_redis) as ledger, asyncio.timeout(60):
        while (
            not (counts := await ledger.feedback.counts(repo_id))
            .get("model:bug", {})
            .get(Reception.IGNORED)
        ):
            await asyncio.sleep(0.1)
    expected = {
        Reception.FOUND: 2,
        Reception.DISMISSED: 1,
        Reception.IGNORED: 1,
        Reception.LIKED: 1,
    }
    assert counts == {"model:bug": expected}
