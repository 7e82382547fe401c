"""Tells whether a comment speaks to Argus, and what it says to it.

Only a line that begins with the name counts: whoever mentions Argus in passing, quotes it or
shows a command in a code block wants nothing from it.
"""

import re
from typing import Final

SLASH: Final = "/argus"
"""Works whatever the App is called."""
_LONG: Final = frozenset({"ask", "explain"})
"""Verbs whose words may go on in the lines that follow."""
_FENCE: Final = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})")
_WORD: Final = re.compile(r"\S+")


def words_to_argus(comment: str, slug: str = "") -> str | None:
    """Return what stands behind `@<slug>` or `/argus` in a comment, None where nothing does.

    The first line that begins with a name counts, outside of code and quotes; a question goes on
    to the end of the comment.
    """
    lines = comment.splitlines()
    fence = ""
    for number, line in enumerate(lines):
        marked = _FENCE.match(line)
        if marked and (not fence or marked["fence"].startswith(fence)):
            fence = "" if fence else marked["fence"]
        said = None if fence or marked else _behind_name(line, slug)
        if said is not None:
            return one_command("\n".join((said, *lines[number + 1 :])))
    return None


def one_command(said: str) -> str:
    """Return the command in what stands behind the name: its line, unless a question goes on."""
    line, _, _ = said.partition("\n")
    return said.strip() if _goes_on(line) else line.strip()


def _behind_name(line: str, slug: str) -> str | None:
    """Return what follows the name in a line; four spaces make code of it, `>` a quote."""
    if line.startswith(("    ", "\t")):
        return None
    first = _WORD.search(line)
    if first is None:
        return None
    name = first[0].rstrip(":,").casefold()
    names = {SLASH, f"@{slug}".casefold()} if slug else {SLASH}
    return line[first.end() :].strip() if name in names else None


def _goes_on(said: str) -> bool:
    verb = _WORD.match(said)
    return verb is not None and verb[0].casefold() in _LONG
