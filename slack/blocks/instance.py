"""What there is to say of Argus itself: figures, its parts, what is configured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slack.blocks.lists import listed
from slack.blocks.message import Message, message
from slack.blocks.words import code, context, foreign, link, section

LINE: Final = 300
"""Characters of one line about a part or a setting."""
_FIGURES: Final = (
    ("reviews asked for", ("admitted", "joined")),
    ("requests that changed nothing", ("duplicates",)),
    ("reviews with findings", ("outcome:reviewed",)),
    ("reviews without", ("outcome:clean",)),
    ("pushes with nothing new", ("outcome:nothing new",)),
    ("passed over by rule", ("outcome:skipped",)),
    ("overtaken by a newer commit", ("outcome:superseded",)),
    ("ended with their pull request", ("outcome:cancelled",)),
    ("failed", ("outcome:failed",)),
    ("messages and checks sent", ("rows_sent",)),
    ("told again after a failure", ("rows_failed",)),
    ("questions and orders", ("orders",)),
)
"""What is shown, and what is counted for it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of Argus, looked at."""

    name: str
    ok: bool
    words: str = ""


def stats(totals: Mapping[str, int]) -> Message:
    """Return the figures since the first day."""
    shown = [(what, sum(totals.get(name, 0) for name in names)) for what, names in _FIGURES]
    lines = [f"{number:,} {what}" for what, number in shown if number]
    asked = shown[0][1]
    return message(
        f"{asked:,} reviews were asked for since the first day.",
        [
            section("*Argus since its first day*"),
            *listed(lines or ["Nothing happened yet."]),
            context("All repositories and front ends together."),
        ],
    )


def doctor(parts: Sequence[Part]) -> Message:
    """Return how every part is, those in trouble first."""
    ill = [part for part in parts if not part.ok]
    said = f"{len(ill)} of {len(parts)} parts need a look." if ill else "Everything works."
    ordered = sorted(parts, key=lambda part: part.ok)
    lines = [
        f"{'✅' if part.ok else '⚠️'} *{foreign(part.name, 60)}* {foreign(part.words, LINE)}"
        for part in ordered
    ]
    small = "Whoever runs Argus finds more at `/readyz`, and with `python -m bot doctor`."
    return message(said, [section(f"*{said}*"), *(listed(lines) if lines else ()), context(small)])


def configuration(name: str, url: str, lines: Sequence[str], web_url: str) -> Message:
    """Return the settings of a repository that differ from the defaults, and who says so."""
    named = link(url, foreign(name, 220), web_url)
    told = [f"• {code(line, LINE)}" for line in lines] or ["Nothing but the defaults."]
    return message(
        f"The configuration of {foreign(name, 220)}.",
        [
            section(f"⚙️ *{named}*"),
            *listed(told),
            context("It is read from `.argus.yaml` on the base branch of each pull request."),
        ],
    )
