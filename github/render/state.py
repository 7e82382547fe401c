"""The line that a finding's comment carries once its state has changed."""

import re
from typing import Final

from core.models import CommentState, FindingState
from github.render.words import SHORT_SHA, by
from github.sanitise import Home

_LINE: Final = re.compile(
    r"\A_(?:Addressed in|Open again in|Dismissed|Accepted)\b[^_\n]*_[^\n]*\r?\n\r?\n"
)


def with_state(body: str, state: CommentState, home: Home) -> str:
    """Return a comment's body with the state on top, in place of an earlier one."""
    bare = _LINE.sub("", body)
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
