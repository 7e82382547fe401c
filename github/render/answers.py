"""What Argus says to people who speak to it on a pull request; what they typed stands as code."""

import json
from collections.abc import Sequence
from typing import Final

from core.commands import Verb
from core.coverage import count_words, verdict
from core.desk import Answer, JobView, Resumed, Standing
from core.errors import UserError
from core.models import (
    DismissalScope,
    Dismissed,
    Duplicate,
    Outcome,
    Paused,
    RecordedFinding,
    Severity,
    Stage,
)
from core.repo_config import Effective, LayerKind
from github.render import sections
from github.render.words import BODY_LIMIT, count, person, short
from github.sanitise import Home, clip_words, inline, markdown, span

ANSWER_WORDS: Final = 300
ANSWER_LIMIT: Final = 6_000
"""Characters; only code and very long words reach them."""
VALUE_LIMIT: Final = 200
_MINUTE: Final = 60.0


def problem(error: UserError, request_id: str, home: Home) -> str:
    """Return what happened, why, and what to do next."""
    words = " ".join(part for part in (error.what, error.why, error.next_step) if part)
    return _with_request(inline(words, home), request_id)


def failure(reason: str, request_id: str, home: Home) -> str:
    """Return the honest end of an order that could not be carried out."""
    said = f"Argus could not do that: {inline(reason, home)} Ask again in a while."
    return _with_request(said, request_id)


def not_allowed(who: str, wanted: str) -> str:
    """Return why somebody's words set nothing in motion."""
    return (
        f"{span(who)}, only people with {wanted} access to this repository may ask Argus for"
        " something here. Ask one of them to comment instead."
    )


def slack_only(verb: Verb) -> str:
    """Return where a command can be given that means nothing here."""
    return f"`{verb}` is for Slack: type `/argus {verb}` there."


def another_pull_request() -> str:
    """Return why a command about another pull request does nothing."""
    return "Here Argus acts on this pull request alone. Comment on the other one to ask for it."


def reviewed_before(duplicate: Duplicate, home: Home) -> str:
    """Return that a head has its review, and how to have another."""
    url = home.allowed(duplicate.review_url) if duplicate.review_url else None
    link = f" [Here it is]({url})." if url else ""
    return (
        f"Argus reviewed this commit already.{link} Comment `/argus review full` to have all of it"
        " read again."
    )


def status(standing: Standing, home: Home) -> str:
    """Return where a pull request stands."""
    job = standing.job
    if job is None:
        said = "Argus has not reviewed this pull request. Comment `/argus review` to ask for it."
        return sections.joined(said, sections.paused_words(standing.paused))
    return sections.joined(
        f"{_stage(job)} Commit {short(job.head)}.",
        _ended(job.outcome, home),
        _open(standing),
        sections.paused_words(standing.paused),
    )


def paused(by: Paused, who: str) -> str:
    """Return that nothing is reviewed unasked any more."""
    if by.who != who:
        return f"Automatic reviews were paused already, by {person(by.who)}. {_RESUME}"
    return f"Automatic reviews of this pull request are paused. {_RESUME}"


def resumed(said: Resumed) -> str:
    """Return that reviews run by themselves again, and whether one begins now."""
    now = " The latest commit is reviewed now." if said.reviewed_now else ""
    if said.before is None:
        return f"Automatic reviews of this pull request were not paused.{now}"
    return f"Automatic reviews run again; {person(said.before.who)} had paused them.{now}"


def ignored(said: Dismissed) -> str:
    """Return what is kept quiet from now on and how to take that back, or what is not any more."""
    if not said.state.is_quiet:
        return _heard_again(said)
    others = _titles(said.findings)
    match said.scope:
        case DismissalScope.FINDING:
            what = "This finding is set aside; it will not be said again on this pull request."
            return f"{what} Reply `/argus ignore off` here to take that back."
        case DismissalScope.PULL_REQUEST:
            what = f"What is open on this pull request is set aside{others}."
            return f"{what} Comment `/argus ignore all off` to take that back."
        case DismissalScope.RULE:
            what = f"Findings of this kind are set aside in the whole repository{others}."
            return f"{what} Reply `/argus ignore rule off` here to take that back."


def ignore_what(*, off: bool) -> str:
    """Return how to say which finding is meant."""
    everything = (
        "`/argus ignore all off` to take back that everything was set aside."
        if off
        else "`/argus ignore all` to set everything aside that is open here."
    )
    said = "ignore off" if off else "ignore"
    return (
        f"`{said}` does not say which finding. Reply with it in the thread of one, or comment"
        f" {everything}"
    )


def answer(said: Answer, home: Home) -> str:
    """Return an answer, and what gave it."""
    text = markdown(clip_words(said.text.strip(), ANSWER_WORDS), home, limit=ANSWER_LIMIT)
    by = f"<sub>answered by {span(said.model)}, not verified</sub>" if said.model else ""
    return sections.joined(text or "There is nothing to say to that.", by)


def configuration(effective: Effective, notes: Sequence[str], home: Home) -> str:
    """Return what is configured for a pull request, and who said each of it."""
    stated = [_row(key, value, effective) for key, value in effective.values()]
    ours = [row for row, said in stated if said]
    head = "What is configured for this pull request, from the base branch and the operator:"
    table = _table(ours) if ours else "Nothing: the defaults apply."
    rest = sections.folded(
        "Defaults of all other keys", _table([r for r, said in stated if not said])
    )
    told = "\n".join(f"- {inline(note, home)}" for note in notes)
    whole = sections.joined(head, table, told, rest)
    return (
        whole if len(whole) < BODY_LIMIT // 2 else sections.joined(head, table[: BODY_LIMIT // 2])
    )


def help_text(slug: str) -> str:
    """Return what can be said, by examples."""
    name = f"@{slug}" if slug else "/argus"
    rows = "\n".join(f"- `{name} {words}` {meaning}" for words, meaning in _EXAMPLES)
    other = " `/argus …` works as well." if slug else ""
    return f"Begin a comment, or a reply in the thread of a finding, like this:{other}\n\n{rows}"


def concluded(outcome: Outcome, home: Home) -> str:
    """Return how the review ended that somebody asked for."""
    judged = verdict(outcome)
    review = home.allowed(outcome.review_url) if outcome.review_url else None
    link = f" [See the review]({review})." if review else ""
    reasons = " ".join(inline(reason, home) for reason in judged.reasons)
    title = inline(judged.title, home)
    return sections.joined(f"**{title}** · commit {short(outcome.head)}.{link}", reasons)


def _heard_again(said: Dismissed) -> str:
    """Return what is open again after a word was taken back."""
    if not said.findings:
        return "Nothing changed: no finding was set aside by that."
    others = _titles(said.findings)
    match said.scope:
        case DismissalScope.FINDING:
            return "This finding is open again."
        case DismissalScope.PULL_REQUEST:
            return f"What was set aside here all at once is open again{others}."
        case DismissalScope.RULE:
            return f"Findings of this kind are said again in the whole repository{others} here."


def _with_request(said: str, request_id: str) -> str:
    return sections.joined(said, f"<sub>request {span(request_id)}</sub>" if request_id else "")


def _stage(job: JobView) -> str:
    match job.stage:
        case Stage.WAITING if job.starts_in > _MINUTE:
            return f"The review waits; it starts in about {round(job.starts_in / _MINUTE)} min."
        case Stage.WAITING:
            before = f"{count(job.ahead, 'review')} before it" if job.ahead else "it is next"
            return f"The review is queued, {before}."
        case Stage.RUNNING:
            return "The review is running."
        case Stage.IDLE:
            return "The last review has ended."
        case Stage.DEAD:
            return "Argus gave up on the last review; comment `/argus review full` to try again."


def _ended(outcome: Outcome | None, home: Home) -> str:
    if outcome is None:
        return ""
    judged = verdict(outcome)
    reasons = " ".join(inline(reason, home) for reason in judged.reasons)
    return f"**{inline(judged.title, home)}.** {reasons}".strip()


def _open(standing: Standing) -> str:
    severities = [s for s in Severity for _ in range(standing.open.get(s, 0))]
    return f"Open in all rounds: {count_words(severities)}."


def _titles(findings: Sequence[RecordedFinding]) -> str:
    return f": {count(len(findings), 'finding')}" if findings else ""


def _row(key: str, value: object, effective: Effective) -> tuple[str, bool]:
    layer = effective.origin(key)
    text = json.dumps(value, ensure_ascii=False)
    shown = text if len(text) <= VALUE_LIMIT else f"{text[:VALUE_LIMIT]}…"
    plain = layer.kind in {LayerKind.DEFAULTS, LayerKind.ENVIRONMENT}
    origin = str(layer.kind) if plain else f"{layer.kind}: {layer.name}"
    cells = (_cell(key), _cell(shown), _cell(origin))
    return f"| {' | '.join(cells)} |", layer.kind is not LayerKind.DEFAULTS


def _cell(text: str) -> str:
    """Return text as code in a table, whose cells end at a bar even there."""
    return span(text.replace("|", "¦"))


def _table(rows: Sequence[str]) -> str:
    return "\n".join(("| key | value | from |", "| --- | --- | --- |", *rows))


_RESUME: Final = (
    "Comment `/argus resume` to let them run again; `/argus review` works all the same."
)
_EXAMPLES: Final = (
    ("review", "reads this pull request now"),
    ("review full", "reads all of it again"),
    ("review focus error handling", "looks at that above all"),
    ("status", "says where the review stands"),
    ("pause", "stops reviews that nobody asked for; `resume` takes them up again"),
    ("ignore because we never pass None", "in a finding's thread: sets it aside"),
    ("ignore rule", "in a finding's thread: sets all findings of this kind aside"),
    ("ignore all", "sets everything aside that is open here"),
    ("ignore off", "takes that back; `ignore rule off` and `ignore all off` do, too"),
    ("explain", "in a finding's thread: says more about it"),
    ("ask why is the lock taken twice?", "answers from the change"),
    ("configuration", "shows what is configured, and by whom"),
)
