"""Where pull requests stand, and what became of people's decisions about them."""

from collections.abc import Sequence
from typing import Final

from core.coverage import verdict
from core.desk import JobView, QueueView, Resumed, Standing
from core.following import Talk
from core.models import (
    DismissalScope,
    Dismissed,
    Paused,
    PullRequest,
    PullRequestRef,
    Severity,
    Stage,
)
from slack.blocks.controls import undo_button
from slack.blocks.lists import listed
from slack.blocks.message import Message, message
from slack.blocks.words import code, context, count, foreign, is_home, link, section, somebody

NAME, TITLE, REASON, WHY = 220, 150, 240, 400
"""Characters of a pull request's name, of its title, of a reason."""
SHORT_SHA: Final = 7
_FOLLOWS: Final = "The check and the summary on the pull request follow."
_STAGES: Final = {
    Stage.RUNNING: ("👀", "Being reviewed"),
    Stage.WAITING: ("⏳", "Queued"),
    Stage.DEAD: ("⚠️", "Given up; whoever runs Argus can retry it"),
}
_OPEN: Final = {
    Severity.IMPORTANT: "important",
    Severity.PRE_EXISTING: "pre-existing",
    Severity.NIT: "minor",
}


def standing(pull: PullRequest, found: Standing, web_url: str) -> Message:
    """Return where a pull request stands."""
    state = _state(found.job)
    small = [
        _open(found),
        f"commit {code(pull.head[:SHORT_SHA], SHORT_SHA + 2)}",
        _stale(found, pull),
    ]
    if found.paused:
        small.append(f"automatic reviews are paused by {somebody(found.paused.who)}")
    return message(
        f"{foreign(str(pull.ref), NAME)}: {state}",
        [
            section(f"{_heading(pull, web_url)}\n{state}"),
            context(*(part for part in small if part)),
        ],
        url=pull.url if is_home(pull.url, web_url) else "",
    )


def paused(pull: PullRequest, pause: Paused, *, first: bool, web_url: str) -> Message:
    """Return that automatic reviews of a pull request are paused."""
    state = "are paused" if first else f"were paused already, by {somebody(pause.who)}"
    return message(
        f"Automatic reviews of {foreign(str(pull.ref), NAME)} {state}.",
        [
            section(f"⏸️ {_heading(pull, web_url)}\nAutomatic reviews {state}."),
            context(f"`/argus resume {pull.ref}` takes them up again; `review` still works."),
        ],
    )


def resumed(pull: PullRequest, done: Resumed, web_url: str) -> Message:
    """Return that they are not paused any more, or never were, and whether one begins now."""
    state = "were not paused."
    if done.before:
        state = f"run again; {somebody(done.before.who)} had paused them."
    small = f"The next push is reviewed; `/argus review {pull.ref}` does it now."
    if done.reviewed_now:
        state += " The latest commit is reviewed now."
        small = "The check on the pull request follows."
    return message(
        f"Automatic reviews of {foreign(str(pull.ref), NAME)} {state}",
        [
            section(f"▶️ {_heading(pull, web_url)}\nAutomatic reviews {state}"),
            context(small),
        ],
    )


def dismissed(pull: PullRequest, said: Dismissed, finding_id: str, web_url: str) -> Message:
    """Return what will not be said any more, with a button that takes it back.

    `finding_id` is the finding that it was said of, empty where it was said of all.
    """
    about = Talk(ref=pull.ref, repo_id=pull.repo_id, finding_id=finding_id)
    how_many = count(len(said.findings), "finding")
    what = {
        DismissalScope.FINDING: "Dismissed: it is not said again."
        if said.findings
        else "That was settled already; nothing changed.",
        DismissalScope.PULL_REQUEST: f"Dismissed what is open: {how_many}.",
        DismissalScope.RULE: f"Dismissed its rule in this repository: {how_many} here.",
    }[said.scope]
    titles = [f"• {foreign(each.title, TITLE)}" for each in said.findings]
    return message(
        f"{foreign(str(pull.ref), NAME)}: {what}",
        [
            section(f"🔕 {_heading(pull, web_url)}\n{what}"),
            *(listed(titles) if titles else ()),
            *([undo_button(about, said.scope)] if said.findings else ()),
            context(_FOLLOWS),
        ],
    )


def taken_back(pull: PullRequest, said: Dismissed, web_url: str) -> Message:
    """Return what is open again after a dismissal was taken back."""
    what = f"Open again: {count(len(said.findings), 'finding')}."
    if not said.findings:
        what = "Nothing was dismissed by that; nothing changed."
    elif said.scope is DismissalScope.RULE:
        what += " Its rule is said again in this repository."
    titles = [f"• {foreign(each.title, TITLE)}" for each in said.findings]
    return message(
        f"{foreign(str(pull.ref), NAME)}: {what}",
        [
            section(f"🔔 {_heading(pull, web_url)}\n{what}"),
            *(listed(titles) if titles else ()),
            *([context(_FOLLOWS)] if said.findings else ()),
        ],
    )


def queue(
    view: QueueView, visible: Sequence[JobView], web_url: str, *, untold: str = ""
) -> Message:
    """Return what is read and what waits; what the asker may not see is only counted.

    `untold` says why of some of it it is not known whether they may.
    """
    total = f"{count(view.running, 'review')} under way, {view.waiting:,} waiting"
    lines = [_job(job, web_url) for job in visible]
    hidden = len(view.jobs) - len(visible)
    small = [f"{hidden} of the next {len(view.jobs)} are of repositories that you do not see here"]
    small += [foreign(untold, WHY)] if untold else []
    return message(
        f"{total}.",
        [
            section(f"*{total}.*"),
            *(listed(lines) if lines else ()),
            *([context(*small)] if hidden else ()),
        ],
    )


def question_taken(pull: PullRequest, web_url: str) -> Message:
    """Return that a question will be answered."""
    return message(
        f"Looking at {foreign(str(pull.ref), NAME)}; the answer comes here.",
        [section(f"🔎 {_heading(pull, web_url)}\nThe answer comes here.")],
    )


def question_known(pull: PullRequest, web_url: str) -> Message:
    """Return that this was asked here before, and how to ask once more."""
    said = "That was asked here before; the answer stands in this thread, or comes there."
    again = "To have it once more, reply `@Argus explain` or `@Argus ask …` in the thread."
    return message(said, [section(f"🔎 {_heading(pull, web_url)}\n{said}"), context(again)])


def _state(job: JobView | None) -> str:
    """Return how far a review got, in words."""
    if job is None:
        return "⚪ Not reviewed yet; nobody asked"
    if job.outcome is not None and job.stage is Stage.IDLE:
        judged = verdict(job.outcome)
        reason = foreign(job.outcome.reason, REASON)
        return f"☑️ {foreign(judged.title, TITLE)}" + (f"\n{reason}" if reason else "")
    symbol, words = _STAGES.get(job.stage, ("⚪", "Not reviewed at this commit"))
    if job.stage is Stage.WAITING:
        words += f", {count(job.ahead, 'review')} before it" if job.ahead else ", it is next"
    return f"{symbol} {words}"


def _open(found: Standing) -> str:
    parts = [f"{found.open[each]} {word}" for each, word in _OPEN.items() if found.open.get(each)]
    return f"open: {', '.join(parts)}" if parts else ""


def _stale(found: Standing, pull: PullRequest) -> str:
    job = found.job
    behind = job is not None and job.head and job.head != pull.head
    return f"the last one asked for was {code(job.head[:SHORT_SHA], 9)}" if job and behind else ""


def _job(job: JobView, web_url: str) -> str:
    symbol, words = _STAGES.get(job.stage, ("⚪", ""))
    if job.stage is Stage.WAITING and job.ahead:
        words += f", {count(job.ahead, 'review')} before it"
    return f"{symbol} {_named(job.ref, web_url)} {words.lower()}"


def _heading(pull: PullRequest, web_url: str) -> str:
    named = link(pull.url, foreign(str(pull.ref), NAME), web_url)
    return f"*{named}* {foreign(pull.title, TITLE)}"


def _named(ref: PullRequestRef, web_url: str) -> str:
    url = f"{web_url.rstrip('/')}/{ref.repository}/pull/{ref.number}"
    return link(url, foreign(str(ref), NAME), web_url)
