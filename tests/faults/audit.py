"""What must hold after every case, read from the world as it stands; nothing is changed here.

Losses, duplicates and other violations are values with the words to find them by, so that a
report can count them and a person can follow them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.adapters.ledger.values import JobEntry
from core.models import OutcomeKind, Stage

REVIEW = re.compile(r"<!-- argus:v1:review:([A-Za-z0-9.]+):")
"""The id is `<repository>.<pull request>.<head>.<ordinal>`: one review for each, at most."""
SUMMARY = "<!-- argus:v1:summary:"
TOKEN = re.compile(rb"ghs_[A-Za-z0-9]{16,}")
"""An installation token of GitHub."""
OVERLAP = 4096
"""Bytes read again, so that a secret on the border of two looks is seen."""
SHORTEST = 8
"""Characters of what counts as a secret; anything shorter stands in texts by chance."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found wrong; empty when everything holds."""

    lost: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()

    def __add__(self, other: "Audit") -> "Audit":
        return Audit(
            self.lost + other.lost,
            self.duplicates + other.duplicates,
            self.violations + other.violations,
        )

    @property
    def clean(self) -> bool:
        """Tell whether everything holds."""
        return not (self.lost or self.duplicates or self.violations)


def judge(
    name: str,
    shown: Mapping[str, Any],
    entry: JobEntry | None,
    expected: frozenset[OutcomeKind],
    *,
    muted: bool = False,
) -> Audit:
    """Hold one pull request against the promises; `shown` is the local GitHub's snapshot.

    Where it is `muted`, Argus can neither say anything on it nor take anything back.
    """
    own = [review for review in shown["reviews"] if _marker(review)]
    submitted = [review for review in own if review["state"] != "PENDING"]
    pending = [review for review in own if review["state"] == "PENDING"]
    names = Counter(_marker(review) for review in submitted)
    return Audit(
        lost=tuple(_lost(name, shown, entry, submitted, muted=muted)),
        duplicates=(
            *(f"{name}: {n} reviews of {id_}" for id_, n in names.items() if n > 1),
            *_second_summaries(name, shown),
        ),
        violations=(
            *(() if muted else _left_open(name, shown, pending, submitted)),
            *_ended_otherwise(name, entry, expected),
        ),
    )


def _left_open(
    name: str,
    shown: Mapping[str, Any],
    pending: Iterable[Mapping[str, Any]],
    submitted: Iterable[Mapping[str, Any]],
) -> Iterable[str]:
    yield from (f"{name}: a pending review was left" for _ in pending)
    for check in shown["checks"]:
        if check["status"] != "completed":
            yield f"{name}: check {check['id']} is {check['status']}"
    yield from _without_summary(name, shown, submitted)


def _marker(review: Mapping[str, Any]) -> str:
    found = REVIEW.search(review["body"] or "")
    return found.group(1) if found else ""


def _lost(
    name: str,
    shown: Mapping[str, Any],
    entry: JobEntry | None,
    submitted: Iterable[Mapping[str, Any]],
    *,
    muted: bool,
) -> Iterable[str]:
    """Name what the head lacks: an outcome, the review the outcome speaks of, or the words."""
    if entry is None:
        yield f"{name}: the ledger has no job for it"
        return
    outcome, head = entry.outcome, shown["pull"]["head"]["sha"]
    if entry.stage not in {Stage.IDLE, Stage.DEAD} or outcome is None:
        yield f"{name}: its job is {entry.stage.value} and has no outcome"
    elif outcome.kind is OutcomeKind.REVIEWED:
        if not any(_marker(r).split(".")[2] == outcome.head for r in submitted):
            yield f"{name}: its outcome speaks of a review that nobody can see"
        elif shown["pull"]["state"] == "open" and outcome.head != head:
            yield f"{name}: the review is of {outcome.head[:12]}, the head is {head[:12]}"
    elif not muted and not any(_says_why(check) for check in shown["checks"]):
        yield f"{name}: it ended as {outcome.kind.value}, and no check says so"


def _says_why(check: Mapping[str, Any]) -> bool:
    return check["status"] == "completed" and bool(check["output"]["summary"])


def _ended_otherwise(
    name: str, entry: JobEntry | None, expected: frozenset[OutcomeKind]
) -> Iterable[str]:
    outcome = entry.outcome if entry else None
    if outcome is not None and outcome.kind not in expected:
        yield f"{name}: it ended as {outcome.kind.value}: {outcome.reason}"


def _summaries(shown: Mapping[str, Any]) -> int:
    return sum(SUMMARY in (comment["body"] or "") for comment in shown["issue_comments"])


def _second_summaries(name: str, shown: Mapping[str, Any]) -> Iterable[str]:
    if (count := _summaries(shown)) > 1:
        yield f"{name}: {count} summaries"


def _without_summary(
    name: str, shown: Mapping[str, Any], submitted: Iterable[Mapping[str, Any]]
) -> Iterable[str]:
    if any(submitted) and not _summaries(shown):
        yield f"{name}: a review and no summary"


@dataclass(slots=True)
class Leaks:
    """Looks for secrets in what was written since the last look."""

    secrets: Mapping[str, str]
    """By the name of the variable that holds each."""
    _read: dict[Path, int] = field(default_factory=dict)

    def in_files(self, paths: Iterable[Path]) -> tuple[str, ...]:
        """Name secrets in what files gained: logs, and the server's append-only files."""
        return tuple(
            f"{name} stands in {path.name}"
            for path in sorted(paths)
            for name in self._named(self._gained(path))
        )

    def in_texts(self, where: str, texts: Iterable[str]) -> tuple[str, ...]:
        """Name secrets in bodies that were sent."""
        return tuple(f"{name} stands in {where}" for t in texts for name in self._named(t.encode()))

    def _gained(self, path: Path) -> bytes:
        start = max(0, self._read.get(path, 0) - OVERLAP)
        with path.open("rb") as file:
            file.seek(start)
            content = file.read()
        self._read[path] = start + len(content)
        return content

    def _named(self, content: bytes) -> list[str]:
        found = [n for n, secret in self.secrets.items() if secret.encode() in content]
        return found + (["an installation token"] if TOKEN.search(content) else [])


def secrets_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the secret values of an environment; of a PEM, a line from its middle."""
    names = ("SECRET", "TOKEN", "KEY")
    values = {
        name: value
        for name, value in environment.items()
        if any(part in name for part in names) and not name.endswith("_URL")
    }
    return {
        name: text
        for name, value in values.items()
        if len(text := max(value.split("\n"), key=len)) >= SHORTEST
    }
