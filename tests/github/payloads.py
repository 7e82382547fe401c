"""Small payloads and rows in the shapes that GitHub uses, for the tests of this folder."""

from typing import Any

HEAD = "0123456789abcdef0123456789abcdef01234567"
BASE = "89abcdef0123456789abcdef0123456789abcdef"


def pull_request_payload(action: str = "opened", **more: Any) -> dict[str, Any]:
    """Return a delivery's payload, with more than is used."""
    return {
        "action": action,
        "number": 7,
        "pull_request": {
            "number": 7,
            "state": "open",
            "draft": False,
            "title": "Add totals",
            "user": {"login": "octocat", "id": 1, "type": "User"},
            "head": {"ref": "totals", "sha": HEAD},
            "base": {"ref": "main", "sha": BASE},
        },
        "repository": {
            "id": 4242,
            "name": "shop.api",
            "full_name": "acme/shop.api",
            "private": True,
            "owner": {"login": "acme", "id": 3, "type": "Organization"},
        },
        "installation": {"id": 99, "node_id": "x"},
        "sender": {"login": "octocat", "id": 1, "type": "User"},
        **more,
    }


def closed_payload(*, merged: bool = False) -> dict[str, Any]:
    """Return the payload of a closing at 1,700,000,000 seconds since 1970."""
    payload = pull_request_payload("closed")
    payload["pull_request"] |= {
        "state": "closed",
        "closed_at": "2023-11-14T22:13:20Z",
        "merged": merged,
    }
    return payload


def comment_payload(body: str, **more: Any) -> dict[str, Any]:
    """Return the payload of a new comment in the conversation."""
    comment = {"id": 501, "body": body, "user": {"login": "octocat", "id": 1, "type": "User"}}
    issue = {"number": 7, "pull_request": {"url": "https://api.github.com/x"}}
    return _on_shop("created", **{"issue": issue, "comment": comment, **more})


def check_run_payload(action: str, *, button: str = "", **run: Any) -> dict[str, Any]:
    """Return the payload of something that was done to a check run."""
    more = {"requested_action": {"identifier": button}} if button else {}
    shown = {"id": 9, "pull_requests": [{"number": 7, "id": 77}], **run}
    return _on_shop(action, check_run=shown, **more)


def _on_shop(action: str, **parts: Any) -> dict[str, Any]:
    """Return a payload with what all have."""
    whole = pull_request_payload(action)
    kept = ("action", "repository", "installation", "sender")
    return {name: whole[name] for name in kept} | parts


def pull_request_answer(**more: Any) -> dict[str, Any]:
    """Return what GET /repos/acme/shop.api/pulls/7 answers."""
    repository = {
        "id": 4242,
        "name": "shop.api",
        "full_name": "acme/shop.api",
        "private": True,
        "owner": {"login": "acme"},
    }
    return {
        "number": 7,
        "state": "open",
        "merged": False,
        "draft": False,
        "locked": False,
        "title": "Add totals",
        "body": None,
        "html_url": "https://github.test/acme/shop.api/pull/7",
        "user": {"login": "octocat", "type": "User"},
        "head": {"ref": "totals", "sha": HEAD, "repo": repository},
        "base": {"ref": "main", "sha": BASE, "repo": repository},
        "labels": [{"name": "api"}],
        "changed_files": 1,
        "additions": 1,
        "deletions": 0,
        **more,
    }
