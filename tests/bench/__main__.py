"""`python -m tests.bench`: measure speed and memory, print one table, judge nothing by exit code.

A missed target is said in words; a bench that failed the build on a busy machine would soon be
tuned to pass. Only a part that could not be measured at all makes it end with 1.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from tests.bench import (
    acknowledging,
    anchors,
    busy,
    cards,
    commands,
    endurance,
    fleet,
    large,
    oracle,
    reviewing,
    rounds,
    seeing,
    starting,
)
from tests.bench.figures import Section, as_json, judgement, machine, table
from tests.bench.site import Site, open_site


class Measure(Protocol):
    """One part of the bench."""

    def __call__(self, site: Site, folder: Path, *, quick: bool) -> Section:
        """Return what it found; everything it starts is gone by then."""
        ...


PARTS: Mapping[str, Measure] = MappingProxyType(
    {
        "ack": acknowledging.measure,
        "busy": busy.measure_usual,
        "beside": busy.measure_large,
        "slack-ack": commands.measure,
        "slack-cards": cards.measure,
        "start": starting.measure,
        "large": large.measure,
        "review": reviewing.measure,
        "seeing": seeing.measure,
        "oracle": oracle.measure,
        "rounds": rounds.measure,
        "anchors": anchors.measure,
        "fleet": fleet.measure_fleet,
        "flight": fleet.measure_in_flight,
        "endurance": endurance.measure,
    }
)
OPENING, CLOSING = "<!-- run -->", "<!-- end of run -->"


def main(arguments: Sequence[str]) -> None:
    """Run all parts, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample of a few minutes")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--document", type=Path, help="put the run between the marks of this file")
    parser.add_argument("--only", choices=tuple(PARTS), action="append")
    given = parser.parse_args(arguments)
    # Interpreters that compile every module anew are not what is measured.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    described, began = machine(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="argus-bench-") as folder:
        sections = _measured(Path(folder), set(given.only or ()), quick=given.quick)
    seconds = time.monotonic() - began
    length = f"{seconds:.0f} s{' (--quick)' if given.quick else ''}"
    run = report(sections, f"{time.strftime('%Y-%m-%d')}; {described}; {length}.")
    sys.stdout.write(f"\n{run}\n")
    if given.document:
        given.document.write_text(_with_run(given.document.read_text(), run))
    if given.json:
        found = {"machine": described, "quick": given.quick, "seconds": round(seconds, 1)}
        found["sections"] = [as_json(section) for section in sections]
        given.json.write_text(json.dumps(found, indent=2) + "\n")
    if any(section.failure for section in sections):
        raise SystemExit(1)


def report(sections: Sequence[Section], heading: str) -> str:
    """Return a run as Markdown."""
    notes = "\n".join(f"- {note}" for section in sections for note in section.notes)
    return "\n\n".join((heading, table(sections), notes, judgement(sections)))


def _with_run(document: str, run: str) -> str:
    """Replace what stands between the marks. Raises ValueError without them."""
    before, _, rest = document.partition(OPENING)
    _, _, after = rest.partition(CLOSING)
    if not rest or not after:
        raise ValueError(f"the document has no {OPENING} … {CLOSING}")
    return f"{before}{OPENING}\n\n{run}\n\n{CLOSING}{after}"


def _measured(folder: Path, only: set[str], *, quick: bool) -> list[Section]:
    """Measure each part in a world of its own: workers look for open pull requests themselves."""
    sections = []
    for name, measure in PARTS.items():
        if not only or name in only:
            sys.stderr.write(f"measuring: {name}\n")
            (folder / name).mkdir()
            sections.append(_section(name, measure, folder / name, quick=quick))
    return sections


def _section(name: str, measure: Measure, folder: Path, *, quick: bool) -> Section:
    """Measure one part; one that fails costs the others nothing, and is said."""
    try:
        with open_site(folder) as site:
            return measure(site, folder, quick=quick)
    except Exception as error:  # noqa: BLE001 - it is printed, and stands in the report
        traceback.print_exc()
        return Section(name, (), failure=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
