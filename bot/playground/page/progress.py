"""What is happening now, told from the newest commit's check run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.playground.page.checks import latest, runs
from bot.playground.page.values import Phase, ProgressView, Step, Tone

Json = Mapping[str, Any]

_WAY = ((Phase.PUSHED, "Pushed"), (Phase.QUEUED, "Queued"), (Phase.REVIEWING, "Reviewing"))
_PHASES = {"queued": Phase.QUEUED, "in_progress": Phase.REVIEWING, "completed": Phase.DONE}
_HEADLINES = {
    Phase.PUSHED: "A commit arrived; Argus waits a moment for more",
    Phase.QUEUED: "Queued for a worker",
    Phase.REVIEWING: "Argus is reading the change",
}
_TONES = {"success": Tone.GOOD, "failure": Tone.BAD}


def progress(snapshot: Json) -> ProgressView:
    """Return where the newest commit stands."""
    sha = str(snapshot["pull"]["head"]["sha"])
    check = latest(snapshot["checks"], sha)
    phase = _PHASES.get(check["status"], Phase.QUEUED) if check else Phase.PUSHED
    since = _since(snapshot, sha, check)
    done = phase is Phase.DONE and check is not None
    title = str(check["output"]["title"] or "") if check else ""
    return ProgressView(
        phase=phase,
        tone=_TONES.get(check["conclusion"], Tone.NEUTRAL) if check and done else Tone.BUSY,
        headline=title if done and title else _HEADLINES.get(phase, "Done"),
        detail=f"commit {sha[:7]}",
        since=since,
        took=_took(since, check["completed_at"]) if check and done else "",
        steps=_steps(phase),
    )


def reader(snapshot: Json) -> str:
    """Return which model answered, in the words that Argus posted; empty while nothing did."""
    check = latest(snapshot["checks"], str(snapshot["pull"]["head"]["sha"]))
    said = str(check["output"]["summary"] or "") if check else ""
    facts = said.partition("\n")[0].split(" · ")
    telling = [
        fact for fact in facts if fact.startswith(("read by ", "static analysis", "no model"))
    ]
    return telling[-1].replace("`", "") if telling else ""


def _since(snapshot: Json, sha: str, check: Json | None) -> str:
    """Return when the wait began: with the commit, or with the wish for another review of it."""
    if check and check["started_at"] and len(runs(snapshot["checks"], sha)) > 1:
        return str(check["started_at"])
    return _arrived(snapshot, sha)


def _arrived(snapshot: Json, sha: str) -> str:
    """Return when a commit became the head; the opening stands in where it is not told."""
    for entry in reversed(snapshot["timeline"]):
        if sha in {entry.get("after"), entry.get("head")}:
            return str(entry["at"])
    return str(snapshot["pull"]["created_at"])


def _took(since: str, until: str | None) -> str:
    """Return a duration in words; GitHub's times are whole seconds, so it is rounded up."""
    if not until:
        return ""
    passed = (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
    minutes, seconds = divmod(max(1, round(passed)), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _steps(phase: Phase) -> tuple[Step, ...]:
    order = [*(step for step, _ in _WAY), Phase.DONE]
    names = [*(name for _, name in _WAY), "Posted"]
    at = order.index(phase)
    states = [
        "done" if n < at or phase is Phase.DONE else "now" if n == at else "next" for n in range(4)
    ]
    return tuple(Step(name, state) for name, state in zip(names, states, strict=True))
