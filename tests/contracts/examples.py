"""GitHub's own example payloads of every webhook event."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.contracts.openapi import DATA


def example_payloads(event: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (event, payload) of every example, or of one event's."""
    for row in _rows():
        if event in {"", row["name"]}:
            for payload in row["examples"]:
                yield row["name"], payload


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        gzip.decompress((DATA / "github_webhooks.json.gz").read_bytes())
    )
    return rows
