"""`eval`: the real review over a dataset of changes whose defects are known.

Which findings count is decided in `core.evaluation`; how a report looks in `evaluate_text`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from bot.cli.evaluate_cases import Dataset, FiledCase, open_case
from bot.cli.evaluate_floors import under
from bot.cli.evaluate_judge import Judgement
from bot.cli.evaluate_reports import Reports
from bot.cli.evaluate_text import bar, document, line_of, text_of
from bot.cli.exits import ExitCode, words_of
from bot.cli.hosts import WatchedHost
from bot.cli.posting import OneRun, job_for
from bot.cli.review import Tools
from bot.cli.terminal import Terminal
from core.claims import SAME_CLAIM
from core.errors import ArgusError
from core.evaluation import (
    Basis,
    CaseResult,
    Golden,
    Pair,
    Report,
    Summary,
    assigned,
    compared,
    pairs,
    summed,
)
from core.models import OmissionReason, Outcome, RecordedFinding, ReviewRecord, Strength
from core.together import together


class Judge(Protocol):
    """Decides which findings say what is known."""

    name: str

    async def judge(
        self, golden: Sequence[Golden], found: Sequence[RecordedFinding], pairs: Sequence[Pair]
    ) -> Judgement:
        """Return which of the pairs say the same."""
        ...


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """The options of the command."""

    model: bool = True
    """False: static analysis only."""
    at_once: int = 1
    as_json: bool = False
    against: str = ""
    save: Path | None = None
    floors: Mapping[str, float] = field(default_factory=dict)
    """The least that a figure may be for the exit code 0."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bench:
    """What the command works with."""

    tools: Tools
    reports: Reports
    version: str
    models: tuple[str, ...] = ()
    """What is asked, as `provider:model`; empty: static analysis alone."""
    judge: Judge | None = None
    now: Callable[[], datetime] = _now


async def evaluate(
    dataset: Dataset, options: EvalOptions, bench: Bench, terminal: Terminal
) -> ExitCode:
    """Review every case, tell what that comes to, and save it. Raises UserError.

    What was done before an interruption is saved all the same.
    """
    for error in dataset.broken:
        terminal.fail(words_of(error))
    before = bench.reports.find(options.against, dataset.name) if options.against else None
    report = _begun(dataset, options, bench)
    results: dict[int, CaseResult] = {}
    try:
        await _run(dataset, options, bench, terminal, results)
    finally:
        done = tuple(results[at] for at in sorted(results))
        report = report.model_copy(update={"cases": done})
        _save(report, options, bench, terminal)
    comparison = compared(before, report) if before else None
    summary = summed(report.cases)
    if options.as_json:
        terminal.data(document(report, comparison))
    else:
        terminal.data(text_of(report, summary, comparison, terminal.look))
    return _exit_code(report, summary, options.floors, terminal)


def _begun(dataset: Dataset, options: EvalOptions, bench: Bench) -> Report:
    return Report(
        argus=bench.version,
        dataset=dataset.name,
        started=bench.now(),
        models=bench.models if options.model else (),
        judge=bench.judge.name if bench.judge else "",
        total=len(dataset.cases),
        broken=tuple(str(error) for error in dataset.broken),
    )


async def _run(
    dataset: Dataset,
    options: EvalOptions,
    bench: Bench,
    terminal: Terminal,
    results: dict[int, CaseResult],
) -> None:
    """Fill in the results as they come."""
    total = len(dataset.cases)
    asks = options.model and bool(bench.models)
    with terminal.progress() as say:

        async def run(at: int, filed: FiledCase) -> None:
            say(bar(len(results), total, filed.case.id))
            results[at] = await evaluated(filed, bench, asks=asks)
            say(bar(len(results), total, filed.case.id))
            if not terminal.live:
                terminal.say(line_of(results[at], len(results), total))

        runs = [partial(run, at, filed) for at, filed in enumerate(dataset.cases)]
        await together(runs, options.at_once)


async def evaluated(filed: FiledCase, bench: Bench, *, asks: bool) -> CaseResult:
    """Review one case and match what is found; a failure is a result too.

    `asks` tells whether a model is meant to answer.
    """
    case = filed.case
    result = CaseResult(id=case.id, digest=case.digest, language=case.language, golden=case.golden)
    try:
        remote = await open_case(filed, bench.tools)
        watched = WatchedHost(remote.host, lambda _: None, ended_too=True)
        outcome = await bench.tools.reviewing(
            job_for(await watched.pull_request()),
            watched,
            None,
            OneRun(),
            model=asks,
            command=None,
            organisation=remote.organisation,
        )
    except ArgusError as error:
        words = words_of(error)
        return result.model_copy(update={"failure": f"{words.what} {words.why}".strip()})
    if outcome.record is None:
        return result.model_copy(update={"failure": outcome.reason or str(outcome.kind)})
    changed = sum(file.additions + file.deletions for file in watched.files)
    reviewed = result.model_copy(update={**_told(outcome.record), "changed_lines": changed})
    if asks and outcome.record.coverage.strength is Strength.STATIC:
        return reviewed.model_copy(update={"failure": _why_static(outcome)})
    return await _matched(reviewed, bench.judge)


def _told(record: ReviewRecord) -> dict[str, object]:
    failed = [o for o in record.coverage.omitted if o.reason is OmissionReason.MODEL_FAILED]
    unread = (f"not read by the model: {', '.join(o.path for o in failed)}",) if failed else ()
    return {
        "findings": record.findings,
        "usage": record.usage,
        "seconds": record.seconds,
        "strength": record.coverage.strength,
        "notes": (*record.coverage.notes, *unread),
    }


def _why_static(outcome: Outcome) -> str:
    notes = outcome.record.coverage.notes if outcome.record else ()
    return "; ".join(notes) or "no model read it"


async def _matched(result: CaseResult, judge: Judge | None) -> CaseResult:
    """Hold the findings against what is known, on every basis there is."""
    at_one_place = pairs(result.golden, result.findings)
    alike = [pair for pair in at_one_place if pair.likeness >= SAME_CLAIM]
    matches = {Basis.PLACE: assigned(at_one_place), Basis.CLAIM: assigned(alike)}
    if judge is None:
        return result.model_copy(update={"matches": matches})
    said = await judge.judge(result.golden, result.findings, at_one_place)
    if not said.failure:
        matches[Basis.JUDGE] = assigned(said.same)
    told = {"matches": matches, "judge_usage": said.usage, "failure": said.failure}
    return result.model_copy(update=told)


def _save(report: Report, options: EvalOptions, bench: Bench, terminal: Terminal) -> None:
    """Save what there is, and say so."""
    if not report.cases:
        return
    path = bench.reports.save(report, document(report, None), options.save)
    what = "Saved" if report.complete else f"Saved {len(report.cases)} of {report.total} cases"
    terminal.say(f"{what} to {path}")


def _exit_code(
    report: Report, summary: Summary, floors: Mapping[str, float], terminal: Terminal
) -> ExitCode:
    """Return how it ended; a run with holes proves nothing about its figures."""
    if report.failures:
        return ExitCode.UPSTREAM
    if report.broken:
        return ExitCode.USAGE
    failed = [*under(summary, report.decisive, floors)]
    for sentence in failed:
        terminal.say(sentence)
    return ExitCode.FINDINGS if failed else ExitCode.CLEAN
