"""The Slack channel: its messages as cards, who alone sees them, and the threads below them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.playground.page import blocks
from bot.playground.page.accounts import person
from bot.playground.page.blocks import Names, mrkdwn
from bot.playground.page.modals import modal_for
from bot.playground.page.slack_values import ChannelView, MessageView

Json = Mapping[str, Any]

BROADCAST = "thread_broadcast"
"""A reply in a thread that the channel is shown as well."""


def channel(
    snapshot: Json, name: str, resolve: Callable[[str], str | None], person: str = ""
) -> ChannelView:
    """Return a channel of a snapshot with what single people see in it, in order of time.

    `person` is the name of whoever looks: a modal stands before one alone.
    """
    people = {str(one["id"]): one for one in snapshot["people"]}
    names = Names(resolve, {key: _shown_name(one) for key, one in people.items()})
    shown = next((c for c in snapshot["channels"] if c.get("name") == name), None)
    if shown is None:
        return ChannelView(name, ())
    both = [*shown["messages"], *shown["ephemerals"]]
    rows = sorted(both, key=lambda message: float(message["ts"]))
    reader = next((key for key, one in people.items() if one["name"] == person), "")
    return ChannelView(
        name=name,
        messages=_threaded(rows, people, names),
        app=str((snapshot.get("app") or {}).get("user", "")),
        modal=modal_for(snapshot.get("views", ()), reader, names),
    )


def _shown_name(one: Json) -> str:
    """Return the name that mentions show: an app's own, and what people call themselves."""
    return str(one.get("real_name") or one["name"] if one.get("is_bot") else one["name"])


def _threaded(
    rows: Sequence[Json], people: Mapping[str, Json], names: Names
) -> tuple[MessageView, ...]:
    """Return the messages with their answers in threads below them."""

    def below(ts: str) -> tuple[MessageView, ...]:
        return tuple(
            _message(row, people, names, ())
            for row in rows
            if row.get("thread_ts") == ts and row["ts"] != ts
        )

    by_ts = {str(row["ts"]): row for row in rows}

    def shown() -> Iterator[MessageView]:
        for row in rows:
            if row.get("thread_ts") in {None, "", row["ts"]}:
                yield _message(row, people, names, below(str(row["ts"])))
            elif row.get("subtype") == BROADCAST:
                parent = by_ts.get(str(row["thread_ts"]), {})
                yield _broadcast(_message(row, people, names, ()), parent, names)

    return tuple(shown())


def _broadcast(view: MessageView, parent: Json, names: Names) -> MessageView:
    """Return a reply as it stands in the channel; the page has it twice, under keys of their own.

    https://docs.slack.dev/messaging/#threading
    """
    head = mrkdwn(str(parent.get("text") or "a message").partition("\n")[0], names)
    return replace(view, key=f"shown-{view.key}", replied_to=head)


def _message(
    row: Json, people: Mapping[str, Json], names: Names, replies: tuple[MessageView, ...]
) -> MessageView:
    author = people.get(str(row["user"]), {"name": row.get("author") or row["user"]})
    reader = str(row.get("seen_by", ""))
    return MessageView(
        key=f"message-{str(row['ts']).replace('.', '-')}",
        ts=str(row["ts"]),
        author=person(str(author["name"]), bot=bool(author.get("is_bot"))),
        at=datetime.fromtimestamp(float(row["ts"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        html=blocks.message(
            str(row.get("text", "")),
            row.get("blocks") or (),
            replace(names, pressed=str(row["ts"])),
        ),
        only_for=names.people.get(reader, reader),
        edited=bool(row.get("edited")),
        replies=replies,
    )
