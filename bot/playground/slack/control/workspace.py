"""The workspace: the app and its credentials, people, channels, the clock and the knobs."""

from dataclasses import asdict, replace
from secrets import token_hex
from typing import Final

from bot.playground.slack import snapshot
from bot.playground.slack.control.hand import Hand, Handler
from bot.playground.slack.records import App, Channel, Json
from bot.playground.slack.world import World


async def register_app(hand: Hand) -> Json:
    """Register the app, or change what is given of it; there is one."""
    world, wanted = hand.world, hand.wanted
    app = world.app = world.app or _new_app(world, wanted)
    app.bot_token = wanted.get("bot_token", app.bot_token)
    app.signing_secret = wanted.get("signing_secret", app.signing_secret)
    app.app_token = wanted.get("app_token", app.app_token)
    app.request_url = wanted.get("request_url", app.request_url)
    world.enterprise_id = wanted.get("enterprise_id", world.enterprise_id)
    app.scopes = set(wanted.get("scopes", app.scopes))
    about = {"id": app.id, "user": app.bot.id, "bot_id": app.bot_id, "team": world.team_id}
    return {**about, "scopes": sorted(app.scopes)}


def _new_app(world: World, wanted: Json) -> App:
    token, secret, name = wanted["bot_token"], wanted["signing_secret"], wanted.get("name", "Argus")
    return App(
        id=world.new_id("A"),
        name=name,
        bot=world.add_person(name.lower(), bot=True, real_name=name),
        bot_id=world.new_id("B"),
        bot_token=token,
        signing_secret=secret,
        verification_token=token_hex(12),
    )


async def add_person(hand: Hand) -> Json:
    """Add a person; traits: real_name, team_id, guest, admin, deleted."""
    wanted = dict(hand.wanted)
    return asdict(hand.world.add_person(wanted.pop("name"), **wanted))


async def add_channel(hand: Hand) -> Json:
    """Make a channel with members; people it names are added by themselves."""
    world, wanted = hand.world, hand.wanted
    name = wanted["name"].removeprefix("#")
    if any(channel.name == name for channel in world.channels.values()):
        raise ValueError(f"there is a channel called {name}")
    members = {_known(world, member) for member in wanted.get("members", ())}
    if wanted.get("bot", True) and world.app is not None:
        members.add(world.app.bot.id)
    made = Channel(
        id=world.new_id("C"),
        name=name,
        created=int(world.now()),
        creator=min(members, default=""),
        private=bool(wanted.get("private", False)),
        external=bool(wanted.get("external", False)),
        members=members,
    )
    world.channels[made.id] = made
    return snapshot.shown(world, made)


async def change_channel(hand: Hand) -> Json:
    """Invite and remove people or the bot, archive, share."""
    world, wanted, channel = hand.world, hand.wanted, hand.channel
    channel.members |= {_known(world, name) for name in wanted.get("invite", ())}
    channel.members -= {_known(world, name) for name in wanted.get("kick", ())}
    channel.archived = bool(wanted.get("archived", channel.archived))
    channel.external = bool(wanted.get("external", channel.external))
    return snapshot.shown(world, channel)


async def clock(hand: Hand) -> Json:
    """Move the clock."""
    hand.world.advance(float(hand.wanted["advance"]))
    return {"now": hand.world.now()}


async def knobs(hand: Hand) -> Json:
    """Turn knobs and return all of them."""
    wanted = dict(hand.wanted)
    if "event_retries" in wanted:
        wanted["event_retries"] = tuple(wanted["event_retries"])
    hand.world.knobs = replace(hand.world.knobs, **wanted)
    return asdict(hand.world.knobs)


def _known(world: World, name: str) -> str:
    try:
        return world.person(name).id
    except KeyError:
        return world.add_person(name).id


HANDLERS: Final[dict[str, Handler]] = {
    "app": register_app,
    "people": add_person,
    "channels": add_channel,
    "channels/change": change_channel,
    "clock": clock,
    "knobs": knobs,
}
