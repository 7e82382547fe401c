"""The Slack channel: its messages as cards, who alone sees them, and the threads below them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.playground.page import blocks
from bot.playground.page.accounts import person
from bot.playground.page.blocks import Names
from bot.playground.page.values import ChannelView, MessageView

Json = Mapping[str, Any]


def channel(snapshot: Json, name: str, resolve: Callable[[str], str | None]) -> ChannelView:
    """Return a channel of a snapshot with what single people see in it, in order of time."""
    users = {str(user["id"]): user for user in snapshot["users"]}
    names = Names(resolve, {key: str(user["name"]) for key, user in users.items()})
    shown = next((c for c in snapshot["channels"] if c["name"] == name), None)
    if shown is None:
        return ChannelView(name, ())
    aside = [m for m in snapshot["ephemerals"] if m["channel"] == shown["id"]]
    rows = sorted([*shown["messages"], *aside], key=lambda message: float(message["ts"]))
    return ChannelView(name, _threaded(rows, users, names))


def _threaded(
    rows: Sequence[Json], users: Mapping[str, Json], names: Names
) -> tuple[MessageView, ...]:
    """Return the messages with their answers in threads below them."""

    def below(ts: str) -> tuple[MessageView, ...]:
        return tuple(
            _message(row, users, names, ())
            for row in rows
            if row.get("thread_ts") == ts and row["ts"] != ts
        )

    return tuple(
        _message(row, users, names, below(str(row["ts"])))
        for row in rows
        if row.get("thread_ts") in {None, "", row["ts"]}
    )


def _message(
    row: Json, users: Mapping[str, Json], names: Names, replies: tuple[MessageView, ...]
) -> MessageView:
    author = users.get(str(row["user"]), {})
    return MessageView(
        key=f"message-{str(row['ts']).replace('.', '-')}",
        author=person(str(author.get("name", row["user"])), bot=bool(author.get("bot"))),
        at=datetime.fromtimestamp(float(row["ts"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        html=blocks.message(str(row.get("text", "")), row.get("blocks") or (), names),
        only_for=names.people.get(str(row.get("seen_by", "")), str(row.get("seen_by", ""))),
        edited=bool(row.get("edited")),
        replies=replies,
    )
