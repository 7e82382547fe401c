"""Comments on the diff as threads, with the severity that Argus gave each finding."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.playground.page import markdown
from bot.playground.page.accounts import user
from bot.playground.page.reactions import reactions
from bot.playground.page.values import CommentView, ThreadView
from core.models import FindingState
from github.render.state import state_of

Json = Mapping[str, Any]
Resolve = Callable[[str], str | None]
Replaced = Callable[[Json], Sequence[str]]
"""A comment's shape → the lines it stands on."""

_PROVENANCE = re.compile(
    r"^<sub>(Important|Nit|Pre-existing) · ([^·<]+?)(?: · static rule `+ ?([^`]+?) ?`+)?</sub>$",
    re.MULTILINE,
)
"""The last line of a finding, as `github.render` writes it; shown as chips instead."""


def threads(
    shapes: Sequence[Json], resolve: Resolve, replaced: Replaced
) -> dict[int, tuple[int, ThreadView]]:
    """Return threads by their first comment, each with the review it belongs to."""
    grouped: dict[int, list[Json]] = defaultdict(list)
    for shape in shapes:
        grouped[shape.get("in_reply_to_id") or shape["id"]].append(shape)
    return {
        first: (int(group[0]["pull_request_review_id"]), _thread(group, resolve, replaced))
        for first, group in grouped.items()
    }


def place(shape: Json) -> tuple[str, str, int | None]:
    """Return where a comment stands now: path, L or R, line."""
    side = "L" if shape.get("side") == "LEFT" else "R"
    return str(shape["path"]), side, shape.get("line")


def _thread(group: Sequence[Json], resolve: Resolve, replaced: Replaced) -> ThreadView:
    first = group[0]
    comments = tuple(_comment(shape, resolve, replaced) for shape in group)
    state, body = state_of(_PROVENANCE.sub("", str(first["body"])))
    claim = re.match(r"\*\*(.+?)\*\*", body)
    return ThreadView(
        id=int(first["id"]),
        path=str(first["path"]),
        label=_label(first),
        outdated=bool(first.get("outdated")) and first.get("subject_type") != "file",
        comments=comments,
        severity=comments[0].severity,
        state="" if state is FindingState.OPEN else str(state),
        title=markdown.plain(claim[1] if claim else body.partition("\n")[0]),
    )


def _comment(shape: Json, resolve: Resolve, replaced: Replaced) -> CommentView:
    author, body = user(shape["user"]), str(shape["body"])
    said = _PROVENANCE.search(body) if author.bot else None
    return CommentView(
        anchor=f"discussion_r{shape['id']}",
        author=author,
        at=str(shape["created_at"]),
        html=markdown.render(
            _PROVENANCE.sub("", body) if said else body, resolve, replaced=replaced(shape)
        ),
        severity=said[1] if said else "",
        category=said[2] if said else "",
        rule=(said[3] or "") if said else "",
        pending=bool(shape.get("pending")),
        reactions=reactions(shape),
    )


def _label(shape: Json) -> str:
    line = shape.get("line") or shape.get("original_line")
    start = shape.get("start_line") or shape.get("original_start_line")
    if not line:
        return ""
    return f"Lines {start} to {line}" if start and start != line else f"Line {line}"
