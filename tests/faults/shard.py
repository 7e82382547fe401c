"""One process that plays runs on order: a line of JSON in, a line of JSON out.

It keeps its scenes over many runs and renews them now and then, because a world that only grows
would slow the later runs. Which runs are played, and how long one may take, is `matrix`'s.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.case import Case, Result, all_cases, lease_of, run
from tests.faults.scene import Scene, open_scene

RUNS_A_SCENE = 40
LATE = "late"
"""The case of a result that tells what a scene showed when it was closed."""


@dataclass(slots=True)
class Stage:
    """An open scene, and how many runs it has seen."""

    scene: Scene
    closing: AsyncExitStack
    runs: int = 0


@dataclass(slots=True)
class Shard:
    """The scenes of one process, by whether they have a model."""

    folder: Path
    evidence: Path
    lease: float
    _stages: dict[bool, Stage] = field(default_factory=dict)
    _opened: int = 0

    async def play(self, case: Case, seed: int) -> Sequence[Result]:
        """Play a run; a scene that is renewed on the way adds what it showed at its end."""
        late = await self._renew(case)
        stage = await self._stage(case)
        stage.runs += 1
        result = await run(case, stage.scene, seed)
        if not result.clean:
            keep(stage.scene, self.evidence / f"case-{case.number}-seed-{seed}")
            stage.scene.forget()
        if case.alone or not result.clean:
            late = [*late, *await self._close(case.model)]
        return (result, *late)

    async def close(self) -> Sequence[Result]:
        """Close every scene; return what came late."""
        return [late for model in tuple(self._stages) for late in await self._close(model)]

    async def _stage(self, case: Case) -> Stage:
        if case.model not in self._stages:
            self._opened += 1
            closing = AsyncExitStack()
            lease = lease_of(case, self.lease)
            folder = self.folder / f"scene-{self._opened}"
            opening = open_scene(folder, lease=lease, model=case.model)
            self._stages[case.model] = Stage(await closing.enter_async_context(opening), closing)
        return self._stages[case.model]

    async def _renew(self, case: Case) -> Sequence[Result]:
        stage = self._stages.get(case.model)
        is_worn = stage is not None and (case.alone or stage.runs >= RUNS_A_SCENE)
        return await self._close(case.model) if is_worn else []

    async def _close(self, model: bool) -> Sequence[Result]:
        stage = self._stages.pop(model)
        found = await stage.scene.audit_all()
        late = Result(LATE, 0, 0.0, None, found.lost, found.duplicates, found.violations)
        if not late.clean:
            keep(stage.scene, self.evidence / f"late-{stage.scene.folder.name}")
        await stage.closing.aclose()
        shutil.rmtree(stage.scene.folder, ignore_errors=True)
        return [] if late.clean else [late]


def keep(scene: Scene, folder: Path) -> None:
    """Keep what a failed run left: the logs, and each of its pull requests as it stood."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scene.logs, folder)
    for pull in scene.pulls:
        path = folder / f"{pull.repo.replace('/', '-')}.json"
        path.write_text(json.dumps(scene.shown(pull), indent=1))


async def serve(shard: Shard) -> None:
    """Play what is asked for on stdin until it ends; answer each line with a line."""
    cases = all_cases()
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            say(await shard.play(cases[asked["case"]], asked["seed"]))
    finally:
        late = await shard.close()
    say(late)


def say(results: Sequence[Result]) -> None:
    """Answer with results."""
    sys.stdout.write(json.dumps([asdict(result) for result in results]) + "\n")
    sys.stdout.flush()


async def main(arguments: Sequence[str]) -> None:
    """Serve until stdin ends or SIGTERM comes; then end all that was started."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.shard")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--evidence", type=Path, required=True)
    parser.add_argument("--lease", type=float, required=True)
    given = parser.parse_args(arguments)
    serving = asyncio.ensure_future(serve(Shard(given.folder, given.evidence, given.lease)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    await serving


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
