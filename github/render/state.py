"""The line that a finding's comment carries once its state has changed."""

import re
from typing import Final

from core.models import CommentState, FindingState
from github.render.words import SHORT_SHA, by
from github.sanitise import Home

_STATES: Final = {
    "Addressed": FindingState.ADDRESSED,
    "Open again": FindingState.REGRESSED,
    "Dismissed": FindingState.DISMISSED,
    "Accepted": FindingState.ACCEPTED,
}
_LINE: Final = re.compile(rf"\A_({'|'.join(_STATES)})(?![a-z])[^_\n]*_[^\n]*\r?\n\r?\n")


def with_state(body: str, state: CommentState, home: Home) -> str:
    """Return a comment's body with the state on top, in place of an earlier one."""
    _, bare = state_of(body)
    match state.state:
        case FindingState.ADDRESSED:
            line = f"_Addressed in {state.head[:SHORT_SHA]}._"
        case FindingState.REGRESSED:
            line = f"_Open again in {state.head[:SHORT_SHA]}._"
        case FindingState.DISMISSED:
            line = f"_Dismissed_{by(state.who, state.reason, home)}"
        case FindingState.ACCEPTED:
            line = f"_Accepted_{by(state.who, state.reason, home)}"
        case FindingState.OPEN:
            return bare
    return f"{line}\n\n{bare}"


def state_of(body: str) -> tuple[FindingState, str]:
    """Return the state that a comment's body carries, and the body without it."""
    line = _LINE.match(body)
    return (_STATES[line[1]], body[line.end() :]) if line else (FindingState.OPEN, body)
