"""What there is to say of Argus itself: figures, its parts, what is configured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from slack_sdk.models.blocks import SectionBlock

from core.models import Reception
from core.sparing import AGAIN_AND_AGAIN, Way, ways
from core.statistics import Purpose, Spent, Statistics
from slack.blocks.lists import listed
from slack.blocks.message import Message, message
from slack.blocks.words import code, context, count, escaped, foreign, link, section

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
_FOR: Final = {Purpose.REVIEWS: "Reviews", Purpose.ANSWERS: "Answers"}
_COLUMNS: Final = {
    "found": Reception.FOUND,
    "fixed": Reception.ADDRESSED,
    "dismissed": Reception.DISMISSED,
    "ignored": Reception.IGNORED,
    "+1": Reception.LIKED,
    "-1": Reception.DISLIKED,
}
"""The columns of the table of rules, and what is counted in each."""
MOST_RULES: Final = 12
RULE: Final = 28
"""Characters of a rule's name: so that a line of the table is not wrapped on a small screen."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of Argus, looked at."""

    name: str
    ok: bool
    words: str = ""


def stats(found: Statistics) -> Message:
    """Return the figures since the first day."""
    totals = found.totals
    shown = [(what, sum(totals.get(name, 0) for name in names)) for what, names in _FIGURES]
    lines = [f"{number:,} {what}" for what, number in shown if number]
    asked = shown[0][1]
    return message(
        f"{asked:,} reviews were asked for since the first day.",
        [
            section("*Argus since its first day*"),
            *listed([*(lines or ["Nothing happened yet."]), *_spending(found)]),
            *([section(_rules(found))] if found.rules else ()),
            context("All repositories and front ends together."),
        ],
    )


def _spending(found: Statistics) -> Iterator[str]:
    for purpose, name in _FOR.items():
        spent = found.spent.get(purpose, Spent())
        if spent.calls or spent.cached_calls:
            tokens = f"{spent.input_tokens:,} tokens in, {spent.output_tokens:,} out"
            yield f"{name}: {count(spent.calls, 'call')} of models, {tokens}, {_price(spent)}"


def _price(spent: Spent) -> str:
    """Return what it cost, as far as prices are known."""
    if not spent.unpriced:
        return f"${spent.usd:,.2f}"
    if spent.unpriced >= spent.calls:
        return "at an unknown price"
    return f"${spent.usd:,.2f} and {spent.unpriced:,} at an unknown price"


def _rules(found: Statistics) -> str:
    """Return what became of findings as a table; letters of equal width keep its columns."""
    rules = found.by_frequency
    rows = [("rule", *_COLUMNS)]
    rows += [
        (
            foreign(rule, RULE),
            *(f"{found.rules[rule].get(word, 0):,}" for word in _COLUMNS.values()),
        )
        for rule in rules[:MOST_RULES]
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    ]
    more = len(rules) - MOST_RULES
    table = "\n".join(lines)
    return f"```\n{table}\n```" + (f"\n… and {more:,} more" if more > 0 else "")


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


def configuration(
    name: str, url: str, lines: Sequence[str], web_url: str, dismissed: Sequence[str] = ()
) -> Message:
    """Return the settings of a repository that differ from the defaults, and who says so.

    Beneath stands how to turn off what people dismiss again and again.
    """
    named = link(url, foreign(name, 220), web_url)
    told = [f"• {code(line, LINE)}" for line in lines] or ["Nothing but the defaults."]
    return message(
        f"The configuration of {foreign(name, 220)}.",
        [
            section(f"⚙️ *{named}*"),
            *listed(told),
            *_proposed(dismissed),
            context("Settings come from `.argus.yaml` on the base branch of each pull request."),
        ],
    )


def _proposed(dismissed: Sequence[str]) -> list[SectionBlock]:
    """Return what could be turned off and how, nothing where there is nothing."""
    found = ways(dismissed)
    if not found:
        return []
    lines = [f"• {foreign(way.words, LINE)}{_pasted(way)}" for way in found]
    return [section(f"💡 {AGAIN_AND_AGAIN}"), *listed(lines)]


def _pasted(way: Way) -> str:
    return f"\n```\n{escaped(way.pasted)}\n```" if way.pasted else ""
