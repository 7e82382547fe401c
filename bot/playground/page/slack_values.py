"""The values of the Slack pane: a channel, its messages, and the modal before a person.

As in `values`, a field named `html` was escaped by `blocks`; all others are plain text.
"""

from dataclasses import dataclass

from bot.playground.page.accounts import Person


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message in the channel."""

    key: str
    ts: str
    author: Person
    at: str
    html: str
    only_for: str = ""
    """Who alone sees it; empty when everybody does."""
    edited: bool = False
    replied_to: str = ""
    """The beginning of what a reply answers that the channel is shown as well, as safe HTML."""
    replies: tuple["MessageView", ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One of the things that can be picked."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    """A part of a modal: words, or something to pick from."""

    html: str = ""
    block: str = ""
    action: str = ""
    label: str = ""
    multiple: bool = False
    optional: bool = False
    most: int = 1
    choices: tuple[ChoiceView, ...] = ()


@dataclass(frozen=True, slots=True)
class ModalView:
    """A modal that stands before the person at the page."""

    id: str
    title: str
    submit: str
    """The words of its button; empty where there is nothing to send."""
    close: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A Slack channel, and what stands before the person who looks at it."""

    name: str
    messages: tuple[MessageView, ...]
    app: str = ""
    """The user that mentions of Argus name."""
    modal: ModalView | None = None
