"""GitHub's answers as values: parsed, paged, and linked; nothing here does I/O."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from core.errors import TransientError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_LINK = re.compile(r'<([^<>]*)>\s*;[^,<]*?rel="?(\w+)"?')


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer within its cap; header names are found in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def parse(self) -> Any:
        """Return the JSON value, None for an empty body; lone surrogates become question marks.

        Raises TransientError when it is no JSON: a proxy's page, or a body that was cut.
        """
        if not self.body:
            return None
        try:
            value = json.loads(self.body)
            if _SURROGATE.search(self.body):
                clean = json.dumps(value, ensure_ascii=False).encode(errors="replace")
                value = json.loads(clean)
        except (ValueError, RecursionError) as failure:
            raise TransientError("GitHub's answer is not valid JSON.") from failure
        return value

    def rows(self, key: str | None) -> list[Any]:
        """Return a page's rows, from under `key` where GitHub wraps them."""
        value = self.parse()
        rows = value.get(key) if key and isinstance(value, dict) else value
        if not isinstance(rows, list):
            raise TransientError("GitHub's answer is not the list it should be.")
        return rows

    def linked_query(self, relation: str) -> dict[str, str]:
        """Return the query of a Link; its host and path are not used, so they need no trust.

        https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        links = {name: url for url, name in _LINK.findall(self.headers.get("link", ""))}
        return dict(parse_qsl(urlsplit(links.get(relation, "")).query))


def file_content(answer: Answer) -> bytes | None:
    """Return a file's bytes; None where the answer holds none, as that for a folder.

    Servers beside GitHub's own may not know the raw form and send the file as a JSON object.
    https://docs.github.com/rest/repos/contents#get-repository-content
    """
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return answer.body
    try:
        described = answer.parse()
    except TransientError:
        return answer.body
    if isinstance(described, list):
        return None
    if not isinstance(described, dict) or described.get("encoding") != "base64":
        return answer.body
    try:
        return base64.b64decode(str(described.get("content")))
    except ValueError:
        return None
