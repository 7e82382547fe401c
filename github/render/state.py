"""The line that a finding's comment carries once its state has changed."""

import re
from typing import Final

from core.models import CommentState, FindingState
from github.render.words import SHORT_SHA

_LINE: Final = re.compile(r"\A_(?:Addressed|Open again) in [0-9a-f]{7,40}\._\r?\n\r?\n")


def with_state(body: str, state: CommentState) -> str:
    """Return a comment's body with the state on top, in place of an earlier one."""
    bare = _LINE.sub("", body)
    match state.state:
        case FindingState.ADDRESSED:
            return f"_Addressed in {state.head[:SHORT_SHA]}._\n\n{bare}"
        case FindingState.REGRESSED:
            return f"_Open again in {state.head[:SHORT_SHA]}._\n\n{bare}"
        case _:
            return bare
