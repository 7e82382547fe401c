"""Two snapshots in, one page out; pure, and nothing here speaks to anybody."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.playground.page import markdown
from bot.playground.page.accounts import addresses, user
from bot.playground.page.channel import channel
from bot.playground.page.checks import check_of
from bot.playground.page.conversation import conversation
from bot.playground.page.diffs import Places, anchors, files
from bot.playground.page.progress import progress, reader
from bot.playground.page.threads import place, threads
from bot.playground.page.values import PageView, Phase, PullView, ThreadView

Json = Mapping[str, Any]
Resolve = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the page knows besides the snapshots."""

    channel: str
    follow_up: str
    """The message of the commit that the button pushes."""
    person: str = ""
    """Who looks at the channel."""


def page(github: Json, slack: Json, setting: Setting) -> PageView:
    """Return everything on the page."""
    resolve = addresses(github["pull"], anchors(github["files"]))
    shown = progress(github)
    messages = {str(commit["commit"]["message"]).strip() for commit in github["commits"]}
    pushed = setting.follow_up in messages
    talk = channel(slack, setting.channel, resolve, setting.person)
    return PageView(
        progress=shown,
        pull=pull_request(github, resolve),
        channel=talk,
        reader=reader(github),
        pushed=pushed,
        suggestion=_suggestion(shown.phase, pushed=pushed, talked=bool(talk.messages)),
        ask=f"/argus review {github['pull']['html_url']}",
    )


def pull_request(snapshot: Json, resolve: Resolve) -> PullView:
    """Return the pull request of a snapshot."""
    pull = snapshot["pull"]
    lines = _texts(snapshot["files"])
    found = threads(snapshot["review_comments"], resolve, lambda shape: _replaced(shape, lines))
    by_review: dict[int, list[ThreadView]] = defaultdict(list)
    for review, thread in found.values():
        by_review[review].append(thread)
    return PullView(
        repository=str(pull["base"]["repo"]["full_name"]),
        number=int(pull["number"]),
        title=str(pull["title"]),
        author=user(pull["user"]),
        state=_state(pull),
        base=str(pull["base"]["ref"]),
        head=str(pull["head"]["ref"]),
        head_sha=str(pull["head"]["sha"]),
        opened_at=str(pull["created_at"]),
        labels=tuple(str(label["name"]) for label in pull["labels"]),
        description_html=markdown.render(str(pull["body"] or ""), resolve),
        commits=int(pull["commits"]),
        additions=int(pull["additions"]),
        deletions=int(pull["deletions"]),
        check=check_of(snapshot["checks"], str(pull["head"]["sha"]), resolve),
        conversation=conversation(snapshot, by_review, resolve),
        files=files(snapshot["files"], _places(snapshot["review_comments"], found)),
        findings=sum(not thread.outdated for _, thread in found.values()),
    )


def _state(pull: Json) -> str:
    if pull.get("merged"):
        return "merged"
    return "draft" if pull["draft"] and pull["state"] == "open" else str(pull["state"])


def _places(shapes: Sequence[Json], found: Mapping[int, tuple[int, ThreadView]]) -> Places:
    """Return where each thread stands now; outdated ones stand nowhere in the diff."""
    places: dict[tuple[str, str, int | None], list[ThreadView]] = defaultdict(list)
    for shape in shapes:
        if shape["id"] in found and not found[shape["id"]][1].outdated:
            places[place(shape)].append(found[shape["id"]][1])
    return places


def _texts(shapes: Sequence[Json]) -> dict[tuple[str, int], str]:
    """Return the text of each line of the head that the diff shows."""
    return {
        (shape["path"], line["new"]): line["text"]
        for shape in shapes
        for hunk in shape["hunks"]
        for line in hunk["lines"]
        if line["kind"] != "-"
    }


def _replaced(shape: Json, lines: Mapping[tuple[str, int], str]) -> list[str]:
    """Return the lines that a comment stands on, as far as the diff shows them."""
    last = shape.get("line")
    if last is None or shape.get("side") == "LEFT":
        return []
    numbers = range(shape.get("start_line") or last, last + 1)
    return [lines[shape["path"], n] for n in numbers if (shape["path"], n) in lines]


def _suggestion(phase: Phase, *, pushed: bool, talked: bool) -> str:
    """Return one sentence on what a person may try next."""
    if phase is not Phase.DONE:
        return "The review is on its way; this page follows it by itself."
    if not pushed:
        return "Push the follow-up commit: it fixes most findings and brings in a new one."
    if not talked:
        return "Ask for a review from the channel, as a colleague would."
    return "Try /argus help, or ask for the same review again with “full” at the end."
