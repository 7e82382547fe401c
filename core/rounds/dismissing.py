"""What people's words on findings mean: for what is remembered, and for what is shown.

The words are kept apart from memories and outcomes, and are laid over both whenever these are
read. So a word is never lost to a run that ends at the same time, and shows without a run.
"""

from collections.abc import Iterable, Sequence

from core.claims import similarity
from core.models import (
    CommentState,
    Dismissal,
    DismissalScope,
    Finding,
    FindingState,
    Outcome,
    PullMemory,
    QuietFinding,
    RecordedFinding,
    RememberedFinding,
    ReviewRecord,
)

SAME_RULE = 0.5
"""Similarity from which two claims about different code are of one kind. Of 1,260 labelled pairs
of different claims 1 is that alike: what a person dismissed for a whole repository must not
silence anything else."""


def rule_of(
    finding: RecordedFinding, word: Dismissal, known: Iterable[Dismissal] = ()
) -> Dismissal:
    """Return the word as one on the rule that makes such findings, in known words where it can."""
    rule = falls_under(finding, known)
    if rule is None:
        claims = finding.source == "model"
        about = {
            "source": finding.source,
            "category": finding.category if claims else None,
            "claim": finding.title if claims else "",
        }
    else:
        about = {"source": rule.source, "category": rule.category, "claim": rule.claim}
    return word.model_copy(update=about)


def falls_under(finding: RecordedFinding | Finding, rules: Iterable[Dismissal]) -> Dismissal | None:
    """Return the dismissed rule that makes a finding, if any."""
    said = finding.candidate if isinstance(finding, Finding) else finding
    for rule in rules:
        if rule.source != said.source:
            continue
        if rule.source != "model":
            return rule
        if rule.category is said.category and similarity(rule.claim, said.title) >= SAME_RULE:
            return rule
    return None


def is_about(word: Dismissal, finding: RecordedFinding) -> bool:
    """Tell whether a word reaches a finding."""
    if word.scope is DismissalScope.RULE:
        return falls_under(finding, (word,)) is not None
    return finding.id in word.findings


def with_words(memory: PullMemory, words: Sequence[Dismissal]) -> PullMemory:
    """Return the memory as these words leave it; of rules, for what is found later, too."""
    return memory.model_copy(
        update={
            "findings": tuple(_remembered(each, words) for each in memory.findings),
            "rules": tuple(each for each in words if each.scope is DismissalScope.RULE),
        }
    )


def shown(outcome: Outcome, words: Sequence[Dismissal]) -> Outcome:
    """Return an outcome as people are to see it now: what was dismissed since is not open."""
    if outcome.record is None:
        return outcome
    return outcome.model_copy(update={"record": _shown(outcome.record, words)})


def quiet_findings(memory: PullMemory) -> tuple[QuietFinding, ...]:
    """Return what people dismissed or accepted, as far as its code stands."""
    return tuple(
        QuietFinding(finding=each.finding, state=each.state, who=each.who, reason=each.reason)
        for each in memory.findings
        if each.state.is_quiet and not each.gone
    )


def _remembered(each: RememberedFinding, words: Sequence[Dismissal]) -> RememberedFinding:
    word = _word_on(each.finding, words)
    if word is not None and word.state.is_quiet:
        said = {"state": word.state, "who": word.who, "reason": word.reason}
        return each.model_copy(update=said)
    if each.state.is_quiet and (word is not None or each.who):  # a word that was taken back
        return each.model_copy(update={"state": FindingState.OPEN, "who": "", "reason": ""})
    return each


def _word_on(finding: RecordedFinding, words: Iterable[Dismissal]) -> Dismissal | None:
    """Return the word that holds for a finding, the latest."""
    about = [each for each in words if is_about(each, finding)]
    return max(about, key=lambda each: each.at) if about else None


def _shown(record: ReviewRecord, words: Sequence[Dismissal]) -> ReviewRecord:
    open_now: list[RecordedFinding] = []
    quiet: list[QuietFinding] = []
    known = {each.finding.id: each for each in record.quiet}
    for finding in (*record.findings, *(each.finding for each in record.quiet)):
        word, before = _word_on(finding, words), known.get(finding.id)
        if word is not None and word.state.is_quiet:
            quiet.append(
                QuietFinding(finding=finding, state=word.state, who=word.who, reason=word.reason)
            )
        elif before is not None and not before.who and word is None:
            quiet.append(before)
        else:
            open_now.append(finding)
    round_ = record.round
    if round_ is not None:
        comments = (*round_.comments, *_comments(record, open_now, quiet))
        round_ = round_.model_copy(update={"comments": comments})
    return record.model_copy(
        update={"findings": tuple(open_now), "quiet": tuple(quiet), "round": round_}
    )


def _comments(
    record: ReviewRecord, open_now: Iterable[RecordedFinding], quiet: Iterable[QuietFinding]
) -> tuple[CommentState, ...]:
    """Return what comments are to say beyond what the round says; the last word on one holds."""
    told = {each.finding_id for each in record.round.comments} if record.round else frozenset()
    return (
        *(
            CommentState(finding_id=each.id, state=FindingState.OPEN, head=record.head)
            for each in open_now
            if each.url and each.id not in told
        ),
        *(
            CommentState(
                finding_id=each.finding.id,
                state=each.state,
                head=record.head,
                who=each.who,
                reason=each.reason,
            )
            for each in quiet
            if each.finding.url
        ),
    )
