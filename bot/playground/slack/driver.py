"""A small typed hand for the control of a local Slack, for the playground and for tests.

It speaks HTTP, so it drives a server in another process as well as one in a thread.
"""

import re
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Self

import httpx

Json = dict[str, Any]

TIMEOUT = 30.0
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback needs none, and loading the machine's certificates takes longer than most answers."""


class Driver:
    """Moves a local Slack. Every method raises httpx.HTTPStatusError when it is refused."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.api_url = f"{url}/api/"
        self._http = httpx.Client(
            base_url=f"{url}/_control", timeout=TIMEOUT, trust_env=False, verify=_NO_TLS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def register_app(self, bot_token: str, signing_secret: str, **traits: Any) -> Json:
        """Register the app, or change it.

        Traits: name, request_url, app_token, scopes, enterprise_id.
        """
        wanted = {"bot_token": bot_token, "signing_secret": signing_secret}
        return self._post("app", {**wanted, **traits})

    def set_request_url(self, url: str) -> None:
        """Say where commands, interactions and events go."""
        self._post("app", {"request_url": url})

    def set_scopes(self, *scopes: str) -> None:
        """Say what the token may do."""
        self._post("app", {"scopes": scopes})

    def verify_request_url(self) -> bool:
        """Tell whether the request URL answers Slack's challenge."""
        return bool(self._post("verify", {})["verified"])

    def add_person(self, name: str, **traits: Any) -> Json:
        """Add a person; traits: real_name, team_id (of another organization), guest, admin."""
        return self._post("people", {"name": name, **traits})

    def add_channel(self, name: str, members: Sequence[str] = (), **traits: bool) -> Json:
        """Make a channel; traits: private, external, and `bot=False` to leave the app out."""
        return self._post("channels", {"name": name, "members": list(members), **traits})

    def invite(self, channel: str, *names: str) -> None:
        """Bring people, or the app by its name, into a channel."""
        self._post("channels/change", {"channel": channel, "invite": names})

    def kick(self, channel: str, *names: str) -> None:
        """Remove people, or the app by its name, from a channel."""
        self._post("channels/change", {"channel": channel, "kick": names})

    def change_channel(self, channel: str, **traits: bool) -> None:
        """Change traits: archived, external."""
        self._post("channels/change", {"channel": channel, **traits})

    def slash(self, user: str, channel: str, text: str, **how: Any) -> Json:
        """Type `/argus` and return how it was acknowledged, as `sent` shows it.

        How: `wait=False` returns at once; `changes` overwrites fields of the form; `skew`
        (seconds) and `secret` spoil the signature; `command` names another command.
        """
        return self._post("slash", {"user": user, "channel": channel, "text": text, **how})

    def resend(self, request: str, **how: Any) -> Json:
        """Send a command or interaction again: the same trigger_id, signed anew."""
        return self._post("resend", {"id": request, **how})

    def press(self, user: str, channel: str, ts: str, action_id: str, **how: Any) -> Json:
        """Press a button of a message; `option` chooses one of a menu.

        How: `wait=False` returns at once.
        """
        place = {"channel": channel, "ts": ts, "action_id": action_id}
        return self._post("press", {"user": user, **place, **how})

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str, **how: Any) -> Json:
        """Choose a shortcut on a message."""
        place = {"channel": channel, "ts": ts, "callback_id": callback_id}
        return self._post("shortcut", {"user": user, **place, **how})

    def views(self) -> list[Json]:
        """Return the modals that are open, oldest first."""
        return list(self._get("views"))

    def submit(self, view: str, values: Mapping[str, Any], **how: Any) -> Json:
        """Send a modal off."""
        return self._post("views/submit", {"view": view, "values": dict(values), **how})

    def close_view(self, view: str) -> None:
        """Close a modal unsent."""
        self._post("views/close", {"view": view})

    def drop_sockets(self) -> None:
        """Have the app's sockets replaced, as Slack does every few hours."""
        self._post("sockets/drop", {})

    def say(self, user: str, channel: str, text: str, thread_ts: str = "", **how: Any) -> Json:
        """Write as a person; mentioning the app sends it an event.

        How: `attachments`, as other apps write them.
        """
        wanted = {"user": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        return self._post("say", {**wanted, **how})

    def send_event(self, event: Mapping[str, Any]) -> Json:
        """Send an event; it is repeated as Slack repeats it until acknowledged."""
        return self._post("event", {"event": dict(event)})

    def advance_clock(self, seconds: float) -> None:
        """Move the server's clock."""
        self._post("clock", {"advance": seconds})

    def set_knobs(self, **knobs: Any) -> Json:
        """Turn knobs (see `records.Knobs`) and return all of them."""
        return self._post("knobs", knobs)

    def fault(self, method: str, error: str = "", **fault: Any) -> Json:
        """Order a fault for the next calls of a method, or of `response_url`.

        With `error` the answer is a refusal in that word. More: status, headers, body, delay,
        drop, commit (fail after it was carried out), times, skip.
        """
        path = (
            "^/(commands|actions)/" if method == "response_url" else f"^/api/{re.escape(method)}$"
        )
        if error:
            fault = {"status": 200, "body": {"ok": False, "error": error}, **fault}
        return self._post("faults", {"path": path, **fault})

    def refuse_as_too_fast(self, method: str, retry_after: int = 1, times: int = 1) -> None:
        """Answer with the rate limit."""
        headers = {"retry-after": str(retry_after)}
        self.fault(method, "ratelimited", status=429, headers=headers, times=times)

    def clear_faults(self) -> None:
        """Cancel all faults."""
        self._post("faults/clear", {})

    def snapshot(self) -> Json:
        """Return people and channels with all their messages."""
        shown: Json = self._get("snapshot")
        return shown

    def show(self, channel: str) -> Json:
        """Return one channel with its messages."""
        shown: Json = self._get("snapshot", channel=channel)
        return shown

    def messages(self, channel: str) -> list[Json]:
        """Return what everybody sees in a channel, oldest first."""
        return list(self.show(channel)["messages"])

    def ephemerals(self, user: str, channel: str = "") -> list[Json]:
        """Return what a person alone sees, oldest first; in all channels if none is named."""
        whole = self.snapshot()
        ids = {person["id"] for person in whole["people"] if user in _names(person)}
        return [
            message
            for shown in whole["channels"]
            if channel in {"", shown["id"], shown.get("name")}
            for message in shown["ephemerals"]
            if message["seen_by"] in ids
        ]

    def calls(self, method: str = "") -> list[Json]:
        """Return the recorded calls of a method, or of `response_url`, oldest first."""
        return [row for row in self._get("calls") if method in {"", row["method"]}]

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        self._post("calls/clear", {})

    def sent(self, kind: str = "") -> list[Json]:
        """Return what the app was sent: `command`, `action`, `event`; oldest first."""
        return [row for row in self._get("sent") if kind in {"", row["kind"]}]

    def _post(self, path: str, body: Mapping[str, Any]) -> Json:
        made: Json = _json(self._http.post(f"/{path}", json=dict(body)))
        return made

    def _get(self, path: str, **query: str) -> Any:
        return _json(self._http.get(f"/{path}", params=query))


def _names(person: Mapping[str, Any]) -> set[str]:
    return {person["id"], person["name"]}


def _json(answer: httpx.Response) -> Any:
    if answer.is_error:
        message = f"{answer.status_code}: {answer.text}"
        raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
    return answer.json()
