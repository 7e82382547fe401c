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

from tests.bench import acknowledging, large, reviewing, starting
from tests.bench.figures import Section, as_json, judgement, machine, table
from tests.bench.site import open_site


def main(arguments: Sequence[str]) -> None:
    """Run all parts, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample of about a minute")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--only", choices=("ack", "start", "large", "review"), action="append")
    given = parser.parse_args(arguments)
    described, began = machine(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="argus-bench-") as folder:
        sections = _measured(Path(folder), set(given.only or ()), quick=given.quick)
    seconds = time.monotonic() - began
    _say(f"\n{time.strftime('%Y-%m-%d')}; {described}; {seconds:.0f} s\n\n{table(sections)}\n")
    for section in sections:
        for note in section.notes:
            _say(f"- {note}")
    _say(f"\n{judgement(sections)}")
    if given.json:
        found = {"machine": described, "quick": given.quick, "seconds": round(seconds, 1)}
        found["sections"] = [as_json(section) for section in sections]
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _measured(folder: Path, only: set[str], *, quick: bool) -> list[Section]:
    with open_site(folder) as site:
        parts: dict[str, Callable[[], Section]] = {
            "ack": lambda: acknowledging.measure(site, folder, quick=quick),
            "start": lambda: starting.measure(site, folder, quick=quick),
            "large": lambda: large.measure(folder, quick=quick),
            "review": lambda: reviewing.measure(site, folder, quick=quick),
        }
        sections = []
        for name, measure in parts.items():
            if not only or name in only:
                sys.stderr.write(f"measuring: {name}\n")
                sections.append(measure())
        return sections


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
