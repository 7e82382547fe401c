"""The hand that moves the local Slack: people, channels, commands, buttons, faults, the clock.

It answers this machine alone, and takes JSON only, so that no web page can drive it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from secrets import token_hex
from typing import Any, Final

from bot.playground.github.wire import Call, Reply
from bot.playground.slack import outgoing, snapshot
from bot.playground.slack.arguments import JSON, json_object
from bot.playground.slack.content import content_of
from bot.playground.slack.courier import Courier, repeated
from bot.playground.slack.records import SCOPES, App, Channel, Json, Message, Sent
from bot.playground.slack.wire import Refused
from bot.playground.slack.world import World

PREFIX: Final = "/_control/"


@dataclass(frozen=True, slots=True)
class Hand:
    """What a handler is given."""

    world: World
    courier: Courier
    wanted: Json

    def channel(self) -> Channel:
        """Return the channel that is meant, by name or id."""
        return self.world.channel(self.wanted["channel"])


async def answer(hand: Hand, call: Call, *, local: bool) -> Reply:
    """Answer one request of the control."""
    try:
        _require_local_json(call, local=local)
        handler = HANDLERS[call.path.removeprefix(PREFIX)]
        wanted = {**call.query, **(json_object(call.body) if call.body else {})}
        return Reply(200, await handler(replace(hand, wanted=wanted)))
    except Refused as refused:
        return Reply(400, {"error": refused.error, "messages": list(refused.messages)})
    except (KeyError, TypeError, ValueError) as error:
        return Reply(400, {"error": f"{type(error).__name__}: {error}"})


def _require_local_json(call: Call, *, local: bool) -> None:
    if not local:
        raise Refused("the control answers this machine only")
    if call.body and not call.headers.get("content-type", "").startswith(JSON):
        raise Refused("the control takes application/json")


async def register_app(hand: Hand) -> Json:
    """Register the app, or change what is given of it; there is one."""
    world, wanted = hand.world, hand.wanted
    app = world.app
    if app is None:
        name = wanted.get("name", "Argus")
        bot = world.add_person(name.lower(), bot=True, real_name=name)
        app = world.app = App(
            id=world.new_id("A"),
            name=name,
            bot=bot,
            bot_id=world.new_id("B"),
            bot_token=wanted["bot_token"],
            signing_secret=wanted["signing_secret"],
            verification_token=token_hex(12),
        )
    for trait in ("bot_token", "signing_secret", "request_url"):
        setattr(app, trait, wanted.get(trait, getattr(app, trait)))
    app.scopes = set(wanted.get("scopes", app.scopes or SCOPES))
    about = {"id": app.id, "user": app.bot.id, "bot_id": app.bot_id, "team": world.team_id}
    return {**about, "scopes": sorted(app.scopes)}


async def verify(hand: Hand) -> Json:
    """Ask the request URL for its challenge, as Slack does when one is entered."""
    challenge = token_hex(12)
    sent = outgoing.verification(hand.world, challenge)
    await hand.courier.once(sent)
    return {"verified": challenge in sent.answer, **snapshot.request(sent)}


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
    world, wanted, channel = hand.world, hand.wanted, hand.channel()
    channel.members |= {_known(world, name) for name in wanted.get("invite", ())}
    channel.members -= {_known(world, name) for name in wanted.get("kick", ())}
    channel.archived = bool(wanted.get("archived", channel.archived))
    channel.external = bool(wanted.get("external", channel.external))
    return snapshot.shown(world, channel)


async def slash(hand: Hand) -> Json:
    """Type a command; `wait` returns only after the acknowledgement."""
    world, wanted, channel = hand.world, hand.wanted, hand.channel()
    user = world.person(wanted["user"])
    _require_member(channel, user.id)
    sent = outgoing.command(
        world,
        user,
        channel,
        wanted.get("text", ""),
        name=wanted.get("command", outgoing.COMMAND),
        changes=wanted.get("changes"),
    )
    return await _send_once(hand, sent)


async def resend(hand: Hand) -> Json:
    """Send a former command or interaction again: the same bytes, signed anew."""
    former = next(sent for sent in hand.world.sent if sent.id == hand.wanted["id"])
    again = repeated(former, hand.world.now(), former.attempt + 1, hand.wanted.get("reason", ""))
    return await _send_once(hand, again)


async def press(hand: Hand) -> Json:
    """Press a button of a message."""
    world, wanted = hand.world, hand.wanted
    user, message = world.person(wanted["user"]), _message(hand)
    _require_member(world.channels[message.channel], user.id)
    return await _send_once(hand, outgoing.press(world, user, message, wanted["action_id"]))


async def say(hand: Hand) -> Json:
    """Write as a person; a mention of the app reaches it as an event."""
    world, wanted, channel = hand.world, hand.wanted, hand.channel()
    user = world.person(wanted["user"])
    _require_member(channel, user.id)
    thread = str(wanted.get("thread_ts", ""))
    message = world.say(channel, content_of(wanted), user=user.id, thread_ts=thread, via="person")
    app = world.app
    if app and f"<@{app.bot.id}>" in message.text and app.bot.id in channel.members:
        _dispatch(hand, outgoing.mention(world, message))
    return snapshot.said(world, message)


async def event(hand: Hand) -> Json:
    """Send any event in its envelope."""
    return snapshot.request(_dispatch(hand, hand.wanted["event"]))


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


async def order_fault(hand: Hand) -> Json:
    """Order a fault for the next calls whose path matches."""
    return asdict(hand.world.faults.order(**hand.wanted))


async def clear_faults(hand: Hand) -> Json:
    """Cancel all faults."""
    hand.world.faults.waiting.clear()
    return {}


async def show(hand: Hand) -> Json:
    """Show everything, or one channel."""
    if "channel" in hand.wanted:
        return snapshot.shown(hand.world, hand.channel())
    return snapshot.whole(hand.world)


async def calls(hand: Hand) -> list[Json]:
    """List the calls to the Web API and to response URLs, oldest first."""
    return [snapshot.call(called) for called in hand.world.calls]


async def clear_calls(hand: Hand) -> Json:
    """Forget the calls so far."""
    hand.world.calls.clear()
    return {}


async def sent(hand: Hand) -> list[Json]:
    """List what the app was sent, oldest first."""
    return [snapshot.request(one) for one in hand.world.sent]


HANDLERS: Final[dict[str, Callable[[Hand], Awaitable[Any]]]] = {
    "app": register_app,
    "verify": verify,
    "people": add_person,
    "channels": add_channel,
    "channels/change": change_channel,
    "slash": slash,
    "resend": resend,
    "press": press,
    "say": say,
    "event": event,
    "clock": clock,
    "knobs": knobs,
    "faults": order_fault,
    "faults/clear": clear_faults,
    "snapshot": show,
    "calls": calls,
    "calls/clear": clear_calls,
    "sent": sent,
}


async def _send_once(hand: Hand, one: Sent) -> Json:
    secret, skew = hand.wanted.get("secret", ""), float(hand.wanted.get("skew", 0.0))
    sending = hand.courier.start(hand.courier.once(one, secret=secret, skew=skew))
    if hand.wanted.get("wait", True):
        await sending
    return snapshot.request(one)


def _dispatch(hand: Hand, inner: Json) -> Sent:
    one = outgoing.event(hand.world, inner)
    hand.courier.start(hand.courier.until_acknowledged(one))
    return one


def _message(hand: Hand) -> Message:
    found = hand.channel().holds(hand.wanted["ts"])
    if found is None:
        raise KeyError("there is no such message")
    return found


def _known(world: World, name: str) -> str:
    try:
        return world.person(name).id
    except KeyError:
        return world.add_person(name).id


def _require_member(channel: Channel, user: str) -> None:
    if user not in channel.members:
        raise ValueError("people act only in channels they are members of")
