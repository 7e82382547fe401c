"""A small typed hand for the control of a local GitHub, for the playground and for tests.

It speaks HTTP, so it drives a server in another process as well as one in a thread.
"""

import re
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Self

import httpx

Files = Mapping[str, "str | Mapping[str, Any] | None"]
"""Path → text, None to delete, or `{"base64": …, "mode": …}`."""
Json = dict[str, Any]

TIMEOUT = 30.0
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback needs none, and loading the machine's certificates takes longer than most answers."""


class Driver:
    """Moves a local GitHub. Every method raises httpx.HTTPStatusError when it is refused."""

    def __init__(self, url: str) -> None:
        self.url = url
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

    def register_app(self, public_key: str, **traits: Any) -> Json:
        """Register the App; traits: id, slug, name, permissions, events, webhook_url …"""
        return self._post("/app", {"public_key": public_key, **traits})

    def set_webhook(self, url: str, secret: str, **more: Any) -> None:
        """Say where events go; `events` may be given too."""
        self._post("/webhook", {"url": url, "secret": secret, **more})

    def ping(self) -> None:
        """Send the `ping` event."""
        self._post("/ping", {})

    def install(
        self,
        account: str,
        repositories: Sequence[str] | None = None,
        permissions: Mapping[str, str] | None = None,
    ) -> int:
        """Install the App on an account; names are `owner/repo`, None is all. Return the id."""
        wanted: Json = {"account": account, "repositories": repositories}
        if permissions is not None:
            wanted["permissions"] = dict(permissions)
        return int(self._post("/installations", wanted)["id"])

    def suspend(self, installation: int) -> None:
        """Suspend an installation."""
        self._post(f"/installations/{installation}/suspend", {})

    def unsuspend(self, installation: int) -> None:
        """Undo a suspension."""
        self._post(f"/installations/{installation}/unsuspend", {})

    def uninstall(self, installation: int) -> None:
        """Remove the App from an account."""
        self._post(f"/installations/{installation}/uninstall", {})

    def grant(self, installation: int, permissions: Mapping[str, str]) -> None:
        """Change what an installation may do."""
        self._post(f"/installations/{installation}/permissions", {"permissions": dict(permissions)})

    def add_person(self, login: str, kind: str = "User", name: str = "") -> Json:
        """Add a person; people mentioned elsewhere are added by themselves."""
        return self._post("/people", {"login": login, "type": kind, "name": name})

    def add_token(self, login: str) -> str:
        """Return a new token of a person."""
        return str(self._post("/tokens", {"login": login})["token"])

    def set_up_sign_in(self, client_secret: str, *callback_urls: str) -> None:
        """Say the App's client secret and where it may have browsers sent back to."""
        wanted = {"client_secret": client_secret, "callback_urls": callback_urls}
        self._post("/oauth/app", wanted)

    def sit_down(self, login: str = "", *, declines: bool = False) -> None:
        """Say who is signed in in every browser; nobody without a login."""
        self._post("/oauth/browser", {"login": login, "declines": declines})

    def revoke_grants(self, login: str) -> None:
        """Take back what a person granted to the App, as in their settings."""
        self._post("/oauth/revoke", {"login": login})

    def expire_granted_tokens(self) -> None:
        """Make every token that people granted invalid; what renews them stays good."""
        self._post("/oauth/expire", {})

    def expire_tokens(self) -> None:
        """Make every installation token invalid."""
        self._post("/tokens/expire", {})

    def advance_clock(self, seconds: float) -> None:
        """Move the server's clock."""
        self._post("/clock", {"advance": seconds})

    def set_knobs(self, **knobs: float | bool) -> Json:
        """Turn knobs (see `limits.Knobs`) and return all of them."""
        return self._post("/knobs", knobs)

    def create_repo(self, full_name: str, files: Files | None = None, **traits: Any) -> Json:
        """Make a repository; traits: private, description, collaborators, default_branch …"""
        owner, _, name = full_name.partition("/")
        return self._post("/repos", {"owner": owner, "name": name, "files": files, **traits})

    def change_repo(self, full_name: str, **traits: Any) -> Json:
        """Change traits: archived, private, name, owner, collaborators."""
        shown: Json = _json(self._http.patch(f"/repos/{full_name}", json=traits))
        return shown

    def delete_repo(self, full_name: str) -> None:
        """Delete a repository."""
        self._http.delete(f"/repos/{full_name}").raise_for_status()

    def fork(self, full_name: str, owner: str) -> Json:
        """Fork a repository."""
        return self._post(f"/repos/{full_name}/fork", {"owner": owner})

    def push(
        self,
        full_name: str,
        branch: str,
        files: Files,
        *,
        message: str = "Change files",
        author: str = "",
        onto: str = "",
    ) -> str:
        """Commit and push; return the commit. A new branch starts at the default branch.

        `onto`, a branch or commit, replaces the branch's history: a forced push.
        """
        wanted: Json = {"branch": branch, "files": files, "message": message, "author": author}
        if onto:
            wanted["onto"] = onto
        return str(self._post(f"/repos/{full_name}/push", wanted)["sha"])

    def reset(self, full_name: str, branch: str, sha: str | None) -> None:
        """Point a branch at a commit by force; None deletes it."""
        self._post(f"/repos/{full_name}/reset", {"branch": branch, "sha": sha})

    def open_pull(self, full_name: str, head: str, *, title: str = "Change", **traits: Any) -> Json:
        """Open a pull request; traits: body, base, author, draft, labels."""
        return self._post(f"/repos/{full_name}/pulls", {"title": title, "head": head, **traits})

    def act(self, full_name: str, number: int, action: str, **facts: Any) -> Json:
        """Push a button: close, reopen, merge, draft, ready, label, unlabel, edit, lock, unlock."""
        return self._post(f"/repos/{full_name}/pulls/{number}/{action}", facts)

    def comment(self, full_name: str, number: int, body: str, author: str = "") -> Json:
        """Comment in the conversation as a person."""
        path = f"/repos/{full_name}/pulls/{number}/comments"
        return self._post(path, {"body": body, "author": author})

    def comment_on_diff(self, full_name: str, number: int, body: str, **place: Any) -> Json:
        """Comment on a line as a person: author, path, line, side; or in_reply_to."""
        return self._post(
            f"/repos/{full_name}/pulls/{number}/diff-comments", {"body": body} | place
        )

    def resolve_thread(self, full_name: str, comment: int, author: str = "") -> None:
        """Resolve the thread that a comment on a line opened, as a person."""
        path = f"/repos/{full_name}/pulls/comments/{comment}/resolve"
        self._post(path, {"author": author})

    def review(self, full_name: str, number: int, **wanted: Any) -> Json:
        """Review as a person: author, event, body, comments; without event a draft."""
        return self._post(f"/repos/{full_name}/pulls/{number}/reviews", wanted)

    def rerequest_check(self, full_name: str, check_run: int) -> None:
        """Ask for a check again."""
        self._post(f"/repos/{full_name}/check-runs/{check_run}/rerequest", {})

    def press(self, full_name: str, check_run: int, identifier: str, actor: str = "") -> None:
        """Press a button of a check run, as a person."""
        path = f"/repos/{full_name}/check-runs/{check_run}/press"
        self._post(path, {"identifier": identifier, "actor": actor})

    def snapshot(self, full_name: str, number: int) -> Json:
        """Return everything that stands on a pull request, pending reviews included."""
        shown: Json = _json(self._http.get(f"/repos/{full_name}/pulls/{number}"))
        return shown

    def overview(self) -> Json:
        """Return all repositories with the numbers of their pull requests."""
        shown: Json = _json(self._http.get("/snapshot"))
        return shown

    def deliveries(self, event: str = "", *, payloads: bool = False) -> list[Json]:
        """Return what was delivered to the App, oldest first."""
        query = {"payloads": "1"} if payloads else {}
        rows: list[Json] = _json(self._http.get("/deliveries", params=query))
        return [row for row in rows if event in {"", row["event"]}]

    def redeliver(self, delivery: int) -> None:
        """Deliver again, under the same GUID."""
        self._post(f"/deliveries/{delivery}/redeliver", {})

    def fault(self, method: str = "", path: str = "", **fault: Any) -> Json:
        """Order a fault for the next matching requests (see `faults.Fault`)."""
        return self._post("/faults", {"method": method, "path": path, **fault})

    def clear_faults(self) -> None:
        """Cancel all faults."""
        self._http.delete("/faults").raise_for_status()

    def requests(self, method: str = "", path: str = "") -> list[Json]:
        """Return the recorded requests of a method whose path matches a pattern."""
        rows: list[Json] = _json(self._http.get("/requests"))
        return [
            row
            for row in rows
            if method in {"", row["method"]} and re.search(path, row["path"]) is not None
        ]

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._http.delete("/requests").raise_for_status()

    def _post(self, path: str, body: Mapping[str, Any]) -> Json:
        answer = self._http.post(path, json=dict(body))
        made: Json = {} if answer.status_code == 204 else _json(answer)
        return made


def _json(answer: httpx.Response) -> Any:
    if answer.is_error:
        message = f"{answer.status_code}: {answer.text}"
        raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
    return answer.json()
