"""Refusals in Slack's words, and the shape of an answer.

The Web API refuses with status 200 and `"ok": false`; only limits and addresses use others.
https://docs.slack.dev/apis/web-api/#responses
"""

from collections.abc import Mapping, Sequence

from bot.playground.github.wire import Reply
from bot.playground.slack.records import Json


class Refused(Exception):
    """An error as Slack answers it."""

    def __init__(
        self,
        error: str,
        *,
        status: int = 200,
        messages: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        **more: str,
    ) -> None:
        self.error = error
        self.status = status
        self.messages = tuple(messages)
        self.headers = dict(headers or {})
        self.more = more
        super().__init__(error)

    def reply(self) -> Reply:
        """Return it as an answer; details stand in it twice, as in Slack's own."""
        body: Json = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["errors"] = list(self.messages)
            body["response_metadata"] = {
                "messages": [f"[ERROR] {message}" for message in self.messages]
            }
        return Reply(self.status, body, self.headers)


def missing(name: str) -> Refused:
    """Return the refusal of a call without a required argument."""
    return Refused("invalid_arguments", messages=[f"missing required field: {name}"])


def answered(body: Json, warnings: Sequence[str] = ()) -> Reply:
    """Return a good answer of the Web API."""
    whole: Json = {"ok": True, **body}
    if warnings:
        known = whole.get("response_metadata", {})
        whole["warning"] = ",".join(warnings)
        whole["response_metadata"] = {**known, "warnings": list(warnings)}
    return Reply(200, whole)


def ratelimited(seconds: int) -> Refused:
    """Return the refusal of whoever is too fast."""
    return Refused("ratelimited", status=429, headers={"retry-after": str(seconds)})
