"""Requests, replies and refusals, in GitHub's words and shapes.

Nothing here knows a route; the bytes go out in `server`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

DOCS = "https://docs.github.com/rest"
PAGE = 30
PAGE_MAX = 100
"""https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api"""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read completely."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    """Scheme and authority that the caller used, so that links lead back to it."""
    params: Mapping[str, str] = field(default_factory=dict)
    """What the route's template caught."""

    @property
    def accept(self) -> str:
        """Return the media types the caller takes, in lower case."""
        return self.headers.get("accept", "").lower()

    def wants(self, kind: str) -> bool:
        """Tell whether the caller asked for a GitHub media type such as `diff` or `raw`.

        https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types
        """
        return bool(re.search(rf"application/vnd\.github\.(v3\.)?{kind}(\+json)?\b", self.accept))

    def number(self, name: str) -> int:
        """Return a numeric parameter of the path. Raises Refusal 404 when it is none."""
        text = self.params[name]
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise not_found()
        return int(text)

    def json(self) -> Json:
        """Return the body as an object; an empty body is an empty one. Raises Refusal 400."""
        if not self.body.strip():
            return {}
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "Problems parsing JSON") from error
        if not isinstance(value, dict):
            raise Refusal(400, "Body should be a JSON object")
        return value


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a value for JSON, or bytes with their media type."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json; charset=utf-8"

    def encoded(self) -> bytes:
        """Return the bytes to send."""
        if isinstance(self.body, bytes):
            return self.body
        if self.status in {204, 304}:
            return b""
        return json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace")


class Refusal(Exception):
    """An error as GitHub answers it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Any] = (),
        headers: Mapping[str, str] | None = None,
        docs: str = DOCS,
    ) -> None:
        self.status = status
        self.message = message
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.docs = docs
        super().__init__(f"{status} {message}")

    def reply(self) -> Reply:
        """Return it as an answer."""
        body: Json = {"message": self.message}
        if self.errors:
            body["errors"] = list(self.errors)
        body |= {"documentation_url": self.docs, "status": str(self.status)}
        return Reply(self.status, body, self.headers)


def not_found() -> Refusal:
    """Return the answer for what does not exist, or must not be seen."""
    return Refusal(404, "Not Found")


def unprocessable(*errors: str) -> Refusal:
    """Return the 422 of the review endpoints, whose errors are plain sentences."""
    return Refusal(422, "Unprocessable Entity", errors=list(dict.fromkeys(errors)))


def invalid(resource: str, name: str, code: str, message: str = "") -> Refusal:
    """Return the 422 of the other endpoints, whose errors are objects."""
    error = {"resource": resource, "field": name, "code": code}
    return Refusal(
        422, "Validation Failed", errors=[error | {"message": message} if message else error]
    )


def accepted(body: Any, status: int = 200) -> Reply:
    """Return a JSON answer."""
    return Reply(status, body)


def empty() -> Reply:
    """Return 204."""
    return Reply(204)


def page_of(call: Call) -> tuple[int, int]:
    """Return the page asked for and its size, as GitHub reads them."""
    return _positive(call, "page", 1), min(_positive(call, "per_page", PAGE), PAGE_MAX)


def paginate(
    call: Call, rows: Sequence[Any], *, key: str | None = None, extra: Json | None = None
) -> Reply:
    """Return the page of rows that was asked for, with its Link header."""
    page, size = page_of(call)
    shown = list(rows[(page - 1) * size : page * size])
    body = shown if key is None else {"total_count": len(rows), **(extra or {}), key: shown}
    return Reply(200, body, link_header(call, len(rows)))


def link_header(call: Call, total: int) -> dict[str, str]:
    """Return the Link header for a list of this length, none where one page holds it."""
    page, size = page_of(call)
    last = max(1, -(-total // size))
    relations: dict[str, int] = {}
    if page > 1:
        relations |= {"prev": page - 1, "first": 1}
    if page < last:
        relations |= {"next": page + 1, "last": last}
    links = [f'<{_at_page(call, to)}>; rel="{name}"' for name, to in relations.items()]
    return {"link": ", ".join(links)} if links else {}


def query_of(raw: bytes) -> dict[str, str]:
    """Read a query string; of a repeated name the last value counts."""
    return {k: v[-1] for k, v in parse_qs(raw.decode(), keep_blank_values=True).items()}


def _positive(call: Call, name: str, otherwise: int) -> int:
    text = call.query.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def _at_page(call: Call, page: int) -> str:
    return f"{call.base}{call.path}?{urlencode({**call.query, 'page': page})}"
