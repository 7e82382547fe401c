"""How accounts and addresses of the local platforms appear on the page."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.sign_in.flow import START

Json = Mapping[str, Any]
HUES = 8
LOOPBACK = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Person:
    """An account as it signs what it writes."""

    login: str
    bot: bool
    initials: str
    hue: int
    """0 to 7, always the same for a login."""


def person(login: str, *, bot: bool = False) -> Person:
    """Return an account as the page signs it."""
    name = login.removesuffix("[bot]")
    parts = [part for part in name.replace("_", "-").replace(".", "-").split("-") if part]
    initials = "".join(part[0] for part in parts[:2]) or "?"
    hue = zlib.crc32(name.encode()) % HUES
    return Person(name, bot or login.endswith("[bot]"), initials.upper(), hue)


def user(shape: Json | None) -> Person:
    """Return an account of GitHub; None is one that was deleted."""
    if not shape:
        return person("ghost")
    return person(str(shape["login"]), bot=shape.get("type") == "Bot")


def file_anchor(path: str) -> str:
    """Return the fragment of a file in the diff."""
    return f"file-{zlib.crc32(path.encode(errors='replace')):08x}"


def line_anchor(path: str, side: str, line: int | None) -> str:
    """Return the fragment of a line in the diff, side L or R."""
    return f"{file_anchor(path)}-{side}{line}"


def addresses(pull: Json, lines: frozenset[str]) -> Callable[[str], str | None]:
    """Return how addresses are led to this page, or left alone when they lead elsewhere.

    `lines` are the fragments that the diff has. An address of the local GitHub that the page does
    not show gives None.
    """
    number = int(pull["number"])
    repository = str(pull["base"]["repo"]["full_name"])
    local = urlsplit(str(pull["html_url"]))

    def resolve(address: str) -> str | None:
        if address.startswith("#"):
            return address
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"}:
            return None
        if parts.hostname not in LOOPBACK | {local.hostname}:
            return address
        path = unquote(parts.path)
        if path == START and parts.netloc == local.netloc:
            return address
        if path.rstrip("/").startswith(f"/{repository}/pull/{number}"):
            return f"#{parts.fragment or 'pull'}"
        before, blob, rest = path.partition(f"/{repository}/blob/")
        if before or not blob:
            return None
        return _place(rest.partition("/")[2], parts.fragment, lines)

    return resolve


def _place(path: str, fragment: str, lines: frozenset[str]) -> str | None:
    """Return where a file of the diff is shown, at its line where the diff has it."""
    number = fragment.partition("-")[0].removeprefix("L")
    for anchor in (f"{file_anchor(path)}-R{number}", file_anchor(path)):
        if anchor in lines:
            return f"#{anchor}"
    return None
