"""The modal in which a person picks pull requests of a message."""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import (
    InputBlock,
    Option,
    PlainTextObject,
    StaticMultiSelectElement,
)
from slack_sdk.models.views import View

from core.errors import UserError
from core.models import PullRequestRef
from slack.blocks.answers import problem
from slack.blocks.message import Message
from slack.blocks.words import one_line

OPTION, VALUE = 75, 150
"""Characters that are shown, and that come back.

https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""


def picker(
    refs: Sequence[PullRequestRef], callback: str, metadata: str, *, most: int
) -> dict[str, Any]:
    """Return the modal; what is picked comes back under `callback`, with the metadata."""
    options = [Option(text=_short(ref), value=str(ref)) for ref in refs if len(str(ref)) <= VALUE]
    select = StaticMultiSelectElement(
        action_id="pulls",
        placeholder="Pull requests",
        options=options,
        initial_options=options[:1],
        max_selected_items=most,
    )
    view = View(
        type="modal",
        callback_id=callback,
        private_metadata=metadata,
        title=PlainTextObject(text="Review"),
        submit=PlainTextObject(text="Review"),
        close=PlainTextObject(text="Cancel"),
        blocks=[InputBlock(block_id="pulls", label="Which of them?", element=select)],
    )
    return dict(view.to_dict())


def no_link(web_url: str, request_id: str) -> Message:
    """Return that a message names no pull request."""
    home = web_url.rstrip("/")
    return problem(
        UserError(
            "That message names no pull request.",
            why=f"Argus looks for addresses such as `{home}/owner/repo/pull/12`.",
            next_step="Use it on a message with one, or type `/argus review owner/repo#12`.",
        ),
        request_id,
    )


def _short(ref: PullRequestRef) -> str:
    """Return a name as it is shown: its end tells it from others."""
    name = one_line(str(ref))
    return name if len(name) <= OPTION else "…" + name[1 - OPTION :]
