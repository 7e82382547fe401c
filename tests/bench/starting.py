"""How long a process needs until it answers, and what of that is importing."""

import json
import subprocess
import sys
from pathlib import Path

from bot.playground.stage import free_port
from tests.bench.figures import Figure, Section, bounded, median, number
from tests.bench.processes import ROOT
from tests.bench.site import FLOOR, WEB, Site, durable_redis

START_SECONDS = 2.5
PEER_IMPORT = 11.0
"""Seconds; the best-known open reviewer on a machine like this one takes 11 to 14."""
MODULES = {
    "web": ("bot.cli.app", "bot.wiring.web", "uvicorn.loops.uvloop"),
    "worker": ("bot.cli.app", "bot.wiring.worker", "bot.worker"),
    "floor": ("tests.bench.floor",),
}
MEASURE_IMPORT = """
import json, sys, time
began, cpu = time.perf_counter(), time.process_time()
for name in sys.argv[1:]:
    __import__(name)
seconds, cpu, modules = time.perf_counter() - began, time.process_time() - cpu, len(sys.modules)
from tests.bench.weight import peak_megabytes
print(json.dumps({
    "seconds": seconds, "cpu": cpu, "modules": modules, "megabytes": peak_megabytes()}))
"""
SLOWEST = 6


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Start web and the floor in turn, then import what they import."""
    starts = 2 if quick else 7
    figures = (*_starts(site, folder, starts), *_imports(starts))
    return Section("Start", figures, (_slowest(),))


def _starts(site: Site, folder: Path, starts: int) -> tuple[Figure, ...]:
    web: list[float] = []
    floor: list[float] = []
    with durable_redis(folder / "starting") as redis:
        for _ in range(starts):
            for arguments, seconds in ((WEB, web), (FLOOR, floor)):
                port = free_port(0)
                with site.start(arguments, redis.url, PORT=str(port)) as process:
                    seconds.append(process.seconds_to_answer(port))
    usual = bounded(
        "web: start to first answer",
        median(web),
        "s",
        START_SECONDS,
        against="floor",
        other=median(floor),
    )
    worst = bounded(f"web: slowest of {starts} starts", max(web), "s", START_SECONDS)
    return usual, worst


def _imports(times: int) -> tuple[Figure, ...]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in MODULES}
    for _ in range(times):
        for name, modules in MODULES.items():
            found[name].append(_import(modules))
    floor = median([f["seconds"] for f in found["floor"]])
    figures: list[Figure] = []
    for name in ("web", "worker"):
        runs = found[name]
        seconds = median([run["seconds"] for run in runs])
        title = f"{name}: import, {runs[0]['modules']:,.0f} modules"
        figures.append(Figure(title, seconds, "s", "floor", floor))
        size = median([run["megabytes"] for run in runs])
        figures.append(Figure(f"{name}: memory once imported", size, "MB"))
    beside = Figure("the same beside a peer", figures[2].value, "s", "peer, elsewhere", PEER_IMPORT)
    return (*figures, beside)


def _import(modules: tuple[str, ...]) -> dict[str, float]:
    command = [sys.executable, "-c", MEASURE_IMPORT, *modules]
    found: dict[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT))
    return found


def _slowest() -> str:
    """Name the packages that take most of web's import, each counted without those it imports."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {', '.join(MODULES['web'])}"]
    trace = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr
    packages: dict[str, int] = {}
    for line in trace.splitlines():
        own, _, module = line.removeprefix("import time:").partition("|")
        if own.strip().isdigit():
            package = module.rpartition("|")[2].strip().partition(".")[0]
            packages[package] = packages.get(package, 0) + int(own)
    first = sorted(packages.items(), key=lambda each: -each[1])[:SLOWEST]
    words = ", ".join(f"{name} {number(micro / 1000)} ms" for name, micro in first)
    return f"Slowest packages in web's import, with tracing on: {words}."
