"""Which addresses may be links: this pull request, and files of its repository. No others."""

import re
from dataclasses import dataclass
from typing import Final

from core.models import PullRequestRef

GITHUB: Final = "https://github.com"
_PULL_REST: Final = re.compile(r"(?:/(?:files|changes|checks))?(?:#[\w-]{1,80})?")
_BLOB_REST: Final = re.compile(r"[\w.@+~-]+(?:/[\w.@+~-]+)+(?:#L\d{1,7}(?:-L\d{1,7})?)?", re.ASCII)
_QUERY: Final = re.compile(r"\?[^#]*")
_WEB: Final = re.compile(r"h(tt)(?=ps?:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Home:
    """The pull request that a text will stand on, and the GitHub it is on."""

    ref: PullRequestRef
    web_url: str = GITHUB

    def allowed(self, address: str) -> str | None:
        """Return the address without its query if it leads home, else None."""
        address = _QUERY.sub("", address)
        for start, rest in ((self.pull, _PULL_REST), (f"{self.repository}/blob/", _BLOB_REST)):
            tail = address[len(start) :]
            leads_home = address[: len(start)].lower() == start.lower()
            if leads_home and rest.fullmatch(tail) and not _climbs(tail):
                return start + tail
        return None

    @property
    def repository(self) -> str:
        """Return the repository's own address."""
        return f"{self.web_url.rstrip('/')}/{self.ref.repository}"

    @property
    def pull(self) -> str:
        """Return the pull request's own address."""
        return f"{self.repository}/pull/{self.ref.number}"

    def label(self, address: str) -> str:
        """Return what a bare address shows as a link: the path and line, or what it leads to."""
        _, blob, path = address.partition("/blob/")
        return path.partition("/")[2] if blob else "this pull request"


def defang(text: str) -> str:
    """Return the text with web addresses that nothing will follow."""
    return _WEB.sub("hxx", text)


def _climbs(path: str) -> bool:
    return any(set(part) == {"."} for part in path.partition("#")[0].split("/") if part)
