"""Stories of people who speak to Argus on a pull request, and are answered there, once."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.github import FakeGitHub
from tests.fakes.model_answers import Asked, Says
from tests.fakes.model_server import ModelServer
from tests.flows import rounds
from tests.flows.rounds import CHANGE, EMPTY, TWICE, Story, claims, summary_of

model, reviewing = rounds.model, rounds.reviewing
pytestmark = pytest.mark.usefixtures("reviewing")

OWNER = "octo"
STRANGER = "passer-by"


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


async def test_help_shows_examples_with_the_apps_own_name(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/help")
    words = await desk.answer("@argus help")
    assert "`@argus review focus error handling`" in words
    assert "`/argus …` works as well" in words


async def test_status_tells_what_is_open(hub: FakeGitHub, model: ModelServer) -> None:
    desk = await reviewed(hub, model, "octo/status")
    words = await desk.answer("/argus status")
    assert "The last review has ended." in words
    assert "Open in all rounds: 2 important findings." in words


async def test_unknown_word_gets_a_did_you_mean_and_a_request_id(
    hub: FakeGitHub, model: ModelServer
) -> None:
    desk = await reviewed(hub, model, "octo/typo")
    words = await desk.answer("/argus reveiw")
    assert "Did you mean `review`?" in words
    assert "<sub>request `" in words
