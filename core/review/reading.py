"""The steps up to what stands: look, recall, read, prove. Nothing is written here."""

import asyncio
from dataclasses import replace
from functools import partial

from core.base_files import instructions, read_base_files
from core.coverage import covered
from core.fault_points import FaultPoint, reach
from core.findings import judge, place
from core.hidden_text import hidden_text_notes
from core.models import (
    Job,
    Omission,
    OmissionReason,
    Phase,
    PullMemory,
    PullRequest,
    ReviewRecord,
    Step,
    Strength,
)
from core.ports import Host
from core.prompts.verification import Evidence
from core.proof import needs_proof
from core.repo_config.gathering import Gathered
from core.repo_config.proposals import proposal_notes
from core.review.crew import Crew
from core.review.values import Case, Past, Proven, Read
from core.reviewer import ReadResult
from core.rounds import Change, Look, lines_of, restored, to_read
from core.selection import select
from core.texts import checkable, read_texts
from core.verification import look_again


async def open_case(job: Job, host: Host, pull: PullRequest, gathered: Gathered) -> Case:
    """Look at the change and decide what of it is read."""
    base = await read_base_files(host, pull)
    changes = await host.changes(pull)
    await reach(FaultPoint.CHANGES_FETCHED)
    proposed = await proposal_notes(host, pull, changes.files)
    rules = gathered.configuration.over(file.path for file in changes.files)
    scope = await asyncio.to_thread(select, changes, rules, base.attributes)
    record = ReviewRecord(
        head=pull.head,
        base=pull.base,
        ordinal=job.ordinal,
        coverage=covered(scope),
        notes=(*gathered.notes, *proposed, *hidden_text_notes(pull, changes.files)),
        gate=rules.config.review.gate,
    )
    wishes = await asyncio.to_thread(instructions, rules, pull, scope.files, base.guidance)
    return Case(pull, rules, scope, wishes, record)


async def recall(job: Job, crew: Crew, case: Case) -> Past:
    """Recall what is known of the pull request, and find what of the change is unread."""
    files, pull = case.scope.files, case.pull
    memory = await crew.memory.recall(job) if crew.memory else PullMemory()
    comments = await crew.host.standing_comments() if pull.commented else ()
    remarks = await crew.host.remarks() if pull.commented else ()
    strength, again = crew.reviewer.strength, job.ordinal > 0
    look = strength is not Strength.STATIC and bool(files)
    async with crew.context.opened(crew.host, pull, look=look) as around:
        texts = await read_texts(crew.host, files, pull.head, around.texts)
        lines = lines_of(texts)
        agenda = await asyncio.to_thread(
            to_read, files, lines, memory, strength=strength, again=again
        )
        context = await around.explain(agenda.files, texts)
    omitted = frozenset(each.path for each in case.scope.omitted)
    change = Change(pull.head, agenda, files, omitted, lines)
    context = replace(context, aside=case.scope.aside)
    return Past(Look(restored(memory, comments, change), change), texts, comments, remarks, context)


async def read_change(job: Job, crew: Crew, case: Case, past: Past) -> Read:
    files = past.look.agenda.files
    sources = checkable(files, past.texts)
    await reach(FaultPoint.MODEL_ASKED)
    result = await crew.reviewer.read(
        case.pull,
        files,
        past.texts,
        instructions=case.instructions,
        focus=job.focus,
        static=await crew.analyzers.run(sources.files),
        run=_run_of(job),
        context=past.context,
        earlier=[each.finding for each in past.look.in_question()],
        progress=crew.progress,
    )
    await reach(FaultPoint.MODEL_ANSWERED)
    unchecked = tuple(
        Omission(path=path, reason=OmissionReason.UNREADABLE, detail="its text at the head")
        for path in sources.unreadable
    )
    return Read(result, unchecked)


async def prove(job: Job, crew: Crew, case: Case, past: Past, result: ReadResult) -> Proven:
    """Hold the claims against the code and against what was said before."""
    rules = case.configuration
    judged = await asyncio.to_thread(judge, result.candidates, case.scope.files, past.texts, rules)
    compared = await asyncio.to_thread(past.look.compare, judged.findings, result.resolved)
    sources = Evidence(case.scope.files, past.texts, past.context)
    if crew.verifier is not None and any(map(needs_proof, compared.to_say)):
        crew.progress.at(Step(phase=Phase.CHECKING))
    proof = await look_again(crew.verifier, case.pull, compared.to_say, sources, run=_run_of(job))
    in_time = partial(compared.in_time, verified=proof.verified)
    placed = place(proof.standing, past.comments, rules, remarks=past.remarks, in_time=in_time)
    return Proven(compared, placed, len(judged.rejections), proof)


def _run_of(job: Job) -> str:
    """Name the review, so that a repeated attempt finds the answers that were paid for."""
    return f"{job.id}:{job.head}:{job.ordinal}"
