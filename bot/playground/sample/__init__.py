"""The playground's sample: a small service, a pull request with real defects, a second push.

The files lie below `files/`, each with `.sample` behind its name so that no tool of this project
takes them for its own. What is wrong in them is named here, for those who check that it is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILES = Path(__file__).parent / "files"
SUFFIX = ".sample"
LIVE_KEY = "{}_live_{}".format("sk", "51TheHarbourMarketHasNoGateway")
"""Looks like a payment key to a scanner and opens nothing; put together here, so that the
repository holds no text in the format of a credential."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong on purpose."""

    path: str
    code: str
    """The line, or its telling part, as it stands in the change."""
    what: str


@dataclass(frozen=True, slots=True)
class Push:
    """One commit: whole files by path."""

    message: str
    files: Mapping[str, str]
    defects: tuple[Defect, ...]
    """What it brings in."""
    fixed: tuple[Defect, ...] = ()
    """What it puts right."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The repository, its pull request, and what is pushed to it later."""

    repository: str
    description: str
    base: Mapping[str, str]
    branch: str
    author: str
    author_name: str
    title: str
    body: str
    labels: tuple[str, ...]
    change: Push
    follow_up: Push


def load() -> Sample:
    """Read the sample."""
    return Sample(
        repository="harbour-market/till",
        description="Orders and payments of the harbour market",
        base=_read("base"),
        branch="refunds",
        author="lena-k",
        author_name="Lena Kowalczyk",
        title="Refunds, from the counter to the ledger",
        body=BODY,
        labels=("refunds",),
        change=Push("Give money back at the counter", _read("change"), DEFECTS),
        follow_up=Push(
            "Take up the review of refunds",
            _read("follow_up"),
            (LOST_ERROR,),
            fixed=(SQL, KEY, HTML, FLOATING, DEFER),
        ),
    )


BODY = """\
Staff can give an order's money back: the API asks the gateway, the web client shows what was \
refunded, and the nightly worker books it as a negative entry.

- `POST /orders/{id}/refund` and `GET /stalls/{id}/refunds?text=…`
- the ledger moved to its new host, so the worker has a TLS setting now
- no migration: the `refunds` table is there since 1.7

Tried by hand with the gateway's test cards."""

SQL = Defect(
    "api/till/refunds.py",
    "WHERE stall = {stall} AND note LIKE '%{text}%'",
    "what staff search for becomes part of the statement",
)
SWALLOWED = Defect(
    "api/till/payments.py",
    "except Exception:",
    "a refund that the gateway refused is stored as paid back",
)
KEY = Defect("api/till/settings.py", LIVE_KEY, "the live key of the gateway is in the code")
HTML = Defect(
    "web/src/refundView.ts",
    "root.innerHTML = refunds",
    "a note typed at the counter runs as HTML in every browser that shows it",
)
FLOATING = Defect(
    "web/src/refundView.ts",
    "  submit(order, reason, note);",
    "nobody waits for the refund, so a failure is never shown",
)
DEFER = Defect(
    "worker/refunds.go",
    "defer file.Close()",
    "every file of the day stays open until the last one is booked",
)
TLS = Defect(
    "worker/ledger.go",
    "InsecureSkipVerify: true",
    "anyone on the way can read and change what is booked",
)
LOST_ERROR = Defect(
    "worker/refunds.go",
    'day, _ := time.Parse("2006-01-02", date)',
    "a date with a slip in it books every refund in the year one",
)
DEFECTS = (SQL, SWALLOWED, KEY, HTML, FLOATING, DEFER, TLS)


def _read(part: str) -> Mapping[str, str]:
    root = FILES / part
    return {
        path.relative_to(root).as_posix().removesuffix(SUFFIX): _text(path)
        for path in sorted(root.rglob(f"*{SUFFIX}"))
    }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("{{LIVE_KEY}}", LIVE_KEY)
