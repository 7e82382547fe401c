"""Makes hidden characters visible in what a model reads, and hidden again in what it quotes.

Text that people cannot see but a model can is how instructions are smuggled in, and bidirectional
controls make code look different from what runs: https://trojansource.codes.
"""

import re

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters without tab and line feed
    "\u202a-\u202e\u2066-\u206f\u200e\u200f\u061c"  # what reorders text
    "\u200b-\u200d\u2060-\u2064\u180e\xad\ufeff"  # zero width, soft hyphen, byte order mark
    "\u115f\u1160\u3164\uffa0"  # fillers that render as nothing
    "\u2028\u2029\ufff9-\ufffb\ud800-\udfff"  # separators, annotations, lone surrogates
    "\U000e0000-\U000e007f"  # tags: invisible copies of ASCII
    "\U000e0100-\U000e01ef"  # supplementary variation selectors, used to hide bytes
    "]"
)
_SHOWN = re.compile(r"⟦U\+([0-9A-F]{4,6})⟧")


def reveal(text: str) -> str:
    """Write each hidden character as `⟦U+202E⟧`; tabs and line feeds stay."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(lambda match: f"⟦U+{ord(match.group()):04X}⟧", text)


def conceal(text: str) -> str:
    """Undo `reveal` in a quotation, so that it equals the code again."""
    return _SHOWN.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match.group()
