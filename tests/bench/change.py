"""Made-up but plausible code under review: services of a shop, and a change to each file."""

from collections.abc import Mapping
from dataclasses import dataclass

FUNCTIONS = 12
"""In one file, of which every second one is changed."""
LANGUAGES = ("py", "ts", "go")

_FUNCTIONS = {
    "py": """\
def {name}(items, limit):
    # Add up what was sold in window {step}.
    total = 0
    for item in items:
        if item.amount > limit:
            total += item.amount
    return {result}


""",
    "ts": """\
export function {name}(items: Item[], limit: number): number {{
  let total = 0;
  for (const item of items) {{
    if (item.amount > limit) total += item.amount;
  }}
  return {result};
}}

""",
    "go": """\
func {name}(items []Item, limit int) int {{
\ttotal := 0
\tfor _, item := range items {{
\t\tif item.Amount > limit {{
\t\t\ttotal += item.Amount
\t\t}}
\t}}
\treturn {result}
}}

""",
}
_OPENINGS = {"py": "", "ts": 'import { Item } from "./item";\n\n', "go": "package shop\n\n"}


@dataclass(frozen=True, slots=True)
class Change:
    """Files before and after, and one changed line of each to be found."""

    base: Mapping[str, str]
    files: Mapping[str, str]
    lines: Mapping[str, tuple[int, str]]
    """Path → the number and the text of a changed line."""


def make_change(files: int, serial: int) -> Change:
    """Return a change of so many files; another serial number gives other code."""
    base: dict[str, str] = {}
    changed: dict[str, str] = {}
    lines: dict[str, tuple[int, str]] = {}
    for index in range(files):
        language = LANGUAGES[index % len(LANGUAGES)]
        path = f"service{index % 20:02d}/totals_{index:04d}.{language}"
        base[path] = _source(language, serial + index, changed=False)
        changed[path] = _source(language, serial + index, changed=True)
        old, new = base[path].split("\n"), changed[path].split("\n")
        at = next(n for n, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1])
        lines[path] = (at + 1, new[at].strip())
    return Change(base, changed, lines)


def _source(language: str, serial: int, *, changed: bool) -> str:
    parts = [_OPENINGS[language]]
    for step in range(FUNCTIONS):
        result = f"total - limit * {step}" if changed and step % 2 else "total"
        name = f"sum{serial}Of{step}"
        parts.append(_FUNCTIONS[language].format(name=name, step=step, result=result))
    return "".join(parts)
