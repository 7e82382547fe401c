"""Check runs: the one that speaks for a commit, and how its result reads."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.playground.page import markdown
from bot.playground.page.values import ButtonView, CheckView, Tone

Json = Mapping[str, Any]
NAME = "Argus"
SHORT_SHA = 7

_TONES = {"success": Tone.GOOD, "failure": Tone.BAD}
_STATUS = {"queued": "queued", "in_progress": "in progress"}


def latest(checks: Sequence[Json], sha: str) -> Json | None:
    """Return the newest run of Argus on a commit."""
    return max(runs(checks, sha), key=lambda check: int(check["id"]), default=None)


def runs(checks: Sequence[Json], sha: str) -> list[Json]:
    """Return all runs of Argus on a commit: one, and one more for each repeated review."""
    return [check for check in checks if check["head_sha"] == sha and check["name"] == NAME]


def check_of(
    checks: Sequence[Json], sha: str, resolve: Callable[[str], str | None]
) -> CheckView | None:
    """Return the check of a commit as the page shows it."""
    shape = latest(checks, sha)
    if shape is None:
        return None
    done = shape["status"] == "completed"
    output = shape["output"]
    return CheckView(
        id=int(shape["id"]),
        name=str(shape["name"]),
        head=sha[:SHORT_SHA],
        tone=_TONES.get(shape["conclusion"], Tone.NEUTRAL) if done else Tone.BUSY,
        verdict=str(shape["conclusion"] if done else _STATUS.get(shape["status"], "waiting")),
        title=str(output["title"] or ""),
        summary_html=markdown.render(str(output["summary"] or ""), resolve),
        text_html=markdown.render(str(output["text"] or ""), resolve),
        buttons=tuple(
            ButtonView(str(each["identifier"]), str(each["label"]), str(each["description"]))
            for each in shape.get("actions", ())
        ),
    )
