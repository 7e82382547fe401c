"""Makes a PHP file that is mixed with markup into PHP alone, line for line.

The parser knows no markup. What stands outside of the tags becomes blank, so that every line
keeps its number, and `<?= x ?>` becomes `echo x;`.
"""

import re
from bisect import bisect_right
from collections import defaultdict

_OPEN = re.compile(r"<\?(?:php\b|=)", re.IGNORECASE)
_TOKEN = re.compile(
    r"'(?>(?:[^'\\]|\\.)*)'?"
    r'|"(?>(?:[^"\\]|\\.)*)"?'
    r"|/\*.*?(?:\*/|\Z)"
    r"|(?:\#(?!\[)|//)(?:(?!\?>)[^\n])*"
    r"|<<<[ \t]*[\"']?(?P<label>\w+)"
    r"|(?P<end>\?>)",
    re.DOTALL,
)
"""What may hold a closing tag that closes nothing, or the tag itself."""
_LINE_START = re.compile(r"^[ \t]*(\w+)", re.MULTILINE)


def php_alone(text: str) -> str:
    """Return the code with blanks for tags and markup, in lines that count as before."""
    labels: dict[str, list[int]] = defaultdict(list)
    if "<<<" in text:
        for word in _LINE_START.finditer(text):
            labels[word[1]].append(word.end())
    parts: list[str] = []
    place = 0
    while opened := _OPEN.search(text, place):
        end = _end_of_code(text, opened.end(), labels)
        parts += [_blank(text[place : opened.start()]), " echo " if opened[0] == "<?=" else " "]
        parts += [text[opened.end() : end], ";"]
        place = end + len("?>")
    return "".join([*parts, _blank(text[place:])])


def _end_of_code(text: str, start: int, labels: dict[str, list[int]]) -> int:
    """Return where the closing tag stands, or the end of the text."""
    place = start
    while token := _TOKEN.search(text, place):
        if token["end"]:
            return token.start()
        place = token.end()
        if token["label"]:
            ends = labels[token["label"]]
            after = bisect_right(ends, place)
            place = ends[after] if after < len(ends) else place
    return len(text)


def _blank(markup: str) -> str:
    return "\n" * markup.count("\n")
