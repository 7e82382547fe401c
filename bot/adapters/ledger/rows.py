"""How rows of Redis become values; the only reader of what the scripts write."""

import json
from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter

from bot.adapters.ledger.values import Beat, ClaimedRow, JobEntry
from core.models import (
    Delivery,
    Dismissal,
    Job,
    Order,
    Origin,
    OutboxRow,
    Outcome,
    Paused,
    PullRequestRef,
    RowKind,
    Stage,
    Step,
)
from core.rounds import shown

SCHEMA = 2
"""Of the rows that this version writes, as `lua/lib/base.lua` says too."""
UNREADABLE = "unreadable"
"""Stands for the owner where the row does not tell it."""
_BEAT = TypeAdapter(Beat)


def beat_from(report: bytes) -> Beat:
    """Return a heartbeat; what another version reports beyond it is passed over."""
    return _BEAT.validate_json(report)


def job_from(row: Mapping[str, str], origins: Iterable[str]) -> Job:
    """Return the job of the current run."""
    head, ordinal = row["run_head"], _number(row["run_ordinal"])
    review_for = row.get("review_for", "")
    return Job(
        id=f"{row['repo_id']}:{_ref(row).number}",
        ref=_ref(row),
        repo_id=int(row["repo_id"]),
        installation_id=int(row["inst"]) if row["inst"] else None,
        head=head,
        ordinal=ordinal,
        focus=row["run_focus"],
        epoch=int(row["epoch"]),
        generation=int(row["run_gen"]),
        attempt=int(row["attempts"]),
        origins=tuple(Origin.model_validate_json(o.partition("\n")[2]) for o in origins),
        correlation_id=row["run_cid"],
        first=row["reviewed"] in {"", "0"},
        review_id=int(row["review_id"]) if review_for == f"{head}:{ordinal}" else None,
        fenced_ago=_fenced_ago(row, f"{head}:{ordinal}"),
        waited=max(0, int(row["started"]) - int(row["wished_at"])) / 1000,
    )


def _fenced_ago(row: Mapping[str, str], target: str) -> float | None:
    if row.get("fenced_for", "") != target:
        return None
    return max(0, int(row["started"]) - int(row["fenced_at"])) / 1000


def entry_from(job_id: str, row: Mapping[str, str], outcome: str | None) -> JobEntry:
    """Return a job for inspection; of one that a newer version wrote, what can be read."""
    try:
        return _entry(job_id, row, outcome)
    except (KeyError, ValueError):
        if _number(row.get("v")) <= SCHEMA:
            raise
    repo_id, _, number = job_id.partition(":")
    return JobEntry(
        id=job_id,
        ref=PullRequestRef(owner=UNREADABLE, repo=repo_id, number=int(number)),
        stage=Stage.DEAD,
        head="",
        ordinal=0,
        attempts=0,
        crashes=0,
        reason="A newer version of Argus wrote this job; this one cannot read it.",
        correlation_id="",
        worker="",
        due_at=None,
        lease_until=None,
        updated=0.0,
    )


def _entry(job_id: str, row: Mapping[str, str], outcome: str | None) -> JobEntry:
    return JobEntry(
        id=job_id,
        ref=_ref(row),
        stage=Stage(row["stage"]),
        head=row["head"],
        ordinal=_number(row.get("ordinal")),
        attempts=_number(row.get("attempts")),
        crashes=_number(row.get("crashes")),
        reason=row.get("reason", ""),
        correlation_id=row["cid"],
        worker=row.get("run_by", ""),
        due_at=_seconds(row.get("due_at")),
        lease_until=_seconds(row.get("lease_until")),
        updated=int(row["updated"]) / 1000,
        outcome=Outcome.model_validate_json(outcome) if outcome else None,
    )


def claimed_row_from(text: str, token: str) -> ClaimedRow:
    """Return a row with its delivery from what the claim gave."""
    row = json.loads(text)
    if "order" in row:
        return _claimed_order(row, token)
    words = words_from(row["words"])
    outcome = Outcome.model_validate_json(row["outcome"]) if row["outcome"] else None
    delivery = Delivery(
        row=_outbox_row(row),
        ref=PullRequestRef.model_validate_json(row["ref"]),
        repo_id=int(row["repo_id"]),
        installation_id=int(row["inst"]) if row["inst"] else None,
        head=row["head"],
        ordinal=int(row["ordinal"]),
        stage=Stage(row["stage"]),
        outcome=shown(outcome, words) if outcome else None,
        origin=Origin.model_validate_json(row["origin"]) if row["origin"] else None,
        correlation_id=row["cid"],
        asked_in_person=row["person"],
        ahead=int(row["ahead"]),
        ready_in=row["ready_in"] / 1000,
        step=Step.model_validate_json(row["step"]) if row["step"] else None,
        paused=Paused.model_validate_json(row["paused"]) if row.get("paused") else None,
        ended=row["ended"],
    )
    return ClaimedRow(row["id"], token, delivery)


def _claimed_order(row: Mapping[str, str], token: str) -> ClaimedRow:
    order = Order.model_validate_json(row["order"])
    delivery = Delivery(
        row=_outbox_row(row),
        ref=order.ref,
        repo_id=order.repo_id,
        installation_id=order.installation_id,
        head="",
        stage=Stage.IDLE,
        order=order,
        correlation_id=order.correlation_id,
        asked_in_person=True,
    )
    return ClaimedRow(row["id"], token, delivery)


def _outbox_row(row: Mapping[str, str]) -> OutboxRow:
    job_id, kind, target = row["id"].split("|", 2)
    return OutboxRow(
        kind=RowKind(kind),
        job_id=job_id,
        target=target,
        generation=int(row["gen"]),
        attempts=int(row["attempts"]),
        receipt=row["receipt"],
    )


def words_from(stored: Iterable[str | bytes]) -> tuple[Dismissal, ...]:
    """Return people's words on findings in the order in which they were said.

    What another version says in a form of its own is passed over.
    """
    words = (_word(text.decode() if isinstance(text, bytes) else text) for text in stored)
    return tuple(sorted((word for word in words if word), key=lambda word: word.at))


def _word(stored: str) -> Dismissal | None:
    at, _, word = stored.partition("\n")
    try:
        return Dismissal.model_validate_json(word).model_copy(update={"at": int(at) / 1000})
    except ValueError:
        return None


def _ref(row: Mapping[str, str]) -> PullRequestRef:
    return PullRequestRef.model_validate_json(row["ref"])


def _number(text: str | None) -> int:
    """Return a number of a row; what is 0 may be absent or empty."""
    return int(text or 0)


def _seconds(text: str | None) -> float | None:
    return int(text) / 1000 if text else None
