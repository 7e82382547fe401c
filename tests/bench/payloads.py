"""Deliveries as GitHub sends them: its own example payload, grown to the usual size and signed."""

import hashlib
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from github.signature import sign
from tests.contracts.examples import example_payloads

BODY_BYTES = 28 * 1024
"""Of a pull request with a description; GitHub's examples have 24 KB without one."""
REPOSITORIES = 50
INSTALLATIONS = 10
HEAD_MARK = "0f" * 20
NUMBER_MARK = 987_654_321
REPOSITORY_MARK = 876_543_219
INSTALLATION_MARK = 765_432_198
"""Stand-ins of fixed width, replaced byte by byte: building bodies must cost the load nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """The pull request that a delivery is about."""

    owner: str
    repo: str
    repo_id: int
    number: int
    head: str
    installation: int


def opened_payload(target: Target) -> dict[str, Any]:
    """Return GitHub's example of an opened pull request, about another one."""
    payload = next(
        example
        for _, example in example_payloads("pull_request")
        if example["action"] == "opened" and "installation" in example
    )
    payload = deepcopy(payload)
    payload["number"] = payload["pull_request"]["number"] = target.number
    payload["pull_request"]["head"]["sha"] = target.head
    payload["pull_request"]["draft"] = False
    payload["installation"]["id"] = target.installation
    repository = payload["repository"]
    repository |= {"id": target.repo_id, "name": target.repo}
    repository["full_name"] = f"{target.owner}/{target.repo}"
    repository["owner"]["login"] = target.owner
    payload["pull_request"]["body"] = ""
    missing = BODY_BYTES - len(_encoded(payload))
    payload["pull_request"]["body"] = ("What changed, and why it did. " * missing)[:missing]
    return payload


def delivery(payload: dict[str, Any], secret: bytes, guid: str) -> bytes:
    """Return the whole request for a payload."""
    return _request(_encoded(payload), secret, guid)


def deliveries(secret: bytes, first: int, count: int) -> Iterator[bytes]:
    """Yield requests about pull requests that no other serial number is about."""
    marks = Target("octo-org", "shop", REPOSITORY_MARK, NUMBER_MARK, HEAD_MARK, INSTALLATION_MARK)
    template = _encoded(opened_payload(marks))
    for serial in range(first, first + count):
        head = hashlib.sha1(str(serial).encode(), usedforsecurity=False).hexdigest()
        body = template
        for mark, value in (
            (HEAD_MARK, head),
            (str(NUMBER_MARK), str(100_000_000 + serial)),
            (str(REPOSITORY_MARK), str(200_000_000 + serial % REPOSITORIES)),
            (str(INSTALLATION_MARK), str(300_000_000 + serial % INSTALLATIONS)),
        ):
            body = body.replace(mark.encode(), value.encode())
        yield _request(body, secret, f"bench-{serial:012d}")


def _encoded(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()


def _request(body: bytes, secret: bytes, guid: str) -> bytes:
    head = (
        "POST /webhooks/github HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "User-Agent: GitHub-Hookshot/0000000\r\n"
        "Accept: */*\r\n"
        "Content-Type: application/json\r\n"
        "X-GitHub-Event: pull_request\r\n"
        f"X-GitHub-Delivery: {guid}\r\n"
        f"X-Hub-Signature-256: {sign(body, secret).decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
