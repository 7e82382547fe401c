"""`python -m tests.bench`: measure speed and memory, print one table, judge nothing by exit code.

A missed target is said in words; a bench that failed the build on a busy machine would soon be
tuned to pass.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import acknowledging, busy, endurance, fleet, large, reviewing, starting
from tests.bench.figures import Section, as_json, judgement, machine, table
from tests.bench.site import open_site

PARTS = ("ack", "busy", "start", "large", "review", "fleet", "flight", "endurance")
OPENING, CLOSING = "<!-- run -->", "<!-- end of run -->"


def main(arguments: Sequence[str]) -> None:
    """Run all parts, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample of a few minutes")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--document", type=Path, help="put the run between the marks of this file")
    parser.add_argument("--only", choices=PARTS, action="append")
    given = parser.parse_args(arguments)
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
    with open_site(folder) as site:
        parts: dict[str, Callable[[], Section]] = {
            "ack": lambda: acknowledging.measure(site, folder, quick=quick),
            "busy": lambda: busy.measure(site, folder, quick=quick),
            "start": lambda: starting.measure(site, folder, quick=quick),
            "large": lambda: large.measure(folder, quick=quick),
            "review": lambda: reviewing.measure(site, folder, quick=quick),
            "fleet": lambda: fleet.measure_fleet(site, folder, quick=quick),
            "flight": lambda: fleet.measure_in_flight(site, folder, quick=quick),
            "endurance": lambda: endurance.measure(site, folder, quick=quick),
        }
        sections = []
        for name, measure in parts.items():
            if not only or name in only:
                sys.stderr.write(f"measuring: {name}\n")
                sections.append(measure())
        return sections


if __name__ == "__main__":
    main(sys.argv[1:])
