"""What people do that the app hears of: commands, buttons, messages; and events made by hand."""

from secrets import token_hex
from typing import Final

from bot.playground.slack import outgoing, snapshot
from bot.playground.slack.content import Content, content_of
from bot.playground.slack.control.hand import Hand, Handler
from bot.playground.slack.courier import repeated
from bot.playground.slack.records import Json, Sent

OK: Final = 200


async def slash(hand: Hand) -> Json:
    """Type a command; `wait` returns only after the acknowledgement."""
    wanted = hand.wanted
    one = outgoing.command(
        hand.world,
        hand.member,
        hand.channel,
        wanted.get("text", ""),
        name=wanted.get("command", outgoing.COMMAND),
        changes=wanted.get("changes"),
    )
    return await _send_once(hand, one)


async def resend(hand: Hand) -> Json:
    """Send a former command or interaction again: the same bytes, signed anew."""
    former = [one for one in hand.world.sent if one.id == hand.wanted["id"]]
    if not former:
        raise KeyError("nothing was sent under this id")
    again = repeated(former[-1], hand.world.now(), former[-1].attempt + 1, "")
    return await _send_once(hand, again)


async def press(hand: Hand) -> Json:
    """Press a button of a message, or choose an option of a menu."""
    wanted = hand.wanted
    one = outgoing.press(
        hand.world, hand.member, hand.message, wanted["action_id"], wanted.get("option", "")
    )
    return await _send_once(hand, one)


async def shortcut(hand: Hand) -> Json:
    """Choose a shortcut on a message."""
    one = outgoing.shortcut(hand.world, hand.member, hand.message, hand.wanted["callback_id"])
    return await _send_once(hand, one)


async def views(hand: Hand) -> list[Json]:
    """List the modals that are open, with who sees each."""
    return snapshot.views(hand.world)


async def submit(hand: Hand) -> Json:
    """Send a modal off with these values; it closes when the app has nothing against them.

    https://docs.slack.dev/surfaces/modals#close_current_view
    """
    world, wanted = hand.world, hand.wanted
    user, view = world.views[wanted["view"]]
    one = outgoing.submit(world, world.person(user), view, wanted["values"])
    shown = await _send_once(hand, one)
    if one.status == OK and not one.answer.strip():
        world.views.pop(view["id"], None)
    return shown


async def close(hand: Hand) -> Json:
    """Close a modal unsent; the app hears of it only where it asked to, and this one does not."""
    _, view = hand.world.views.pop(hand.wanted["view"])
    return dict(view)


async def drop_sockets(hand: Hand) -> Json:
    """Have the app's sockets replaced."""
    await hand.world.sockets.drop()
    return {}


async def say(hand: Hand) -> Json:
    """Write as a person; a mention of the app reaches it as an event.

    What has attachments is as another app says it: it may be without words.
    """
    world, channel, app = hand.world, hand.channel, hand.world.app
    attached = list(hand.wanted.get("attachments", ()))
    message = world.say(
        channel,
        Content(str(hand.wanted["text"])) if attached else content_of(hand.wanted),
        user=hand.member.id,
        thread_ts=str(hand.wanted.get("thread_ts", "")),
        via="person",
    )
    message.attachments = attached
    if app and f"<@{app.bot.id}>" in message.text and app.bot.id in channel.members:
        _dispatch(hand, outgoing.mention(world, message))
    return snapshot.said(world, message)


async def event(hand: Hand) -> Json:
    """Send any event in its envelope."""
    return snapshot.request(_dispatch(hand, hand.wanted["event"]))


async def verify(hand: Hand) -> Json:
    """Ask the request URL for its challenge, as Slack does when one is entered."""
    challenge = token_hex(12)
    sent = outgoing.verification(hand.world, challenge)
    await hand.courier.once(sent)
    return {"verified": challenge in sent.answer, **snapshot.request(sent)}


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


HANDLERS: Final[dict[str, Handler]] = {
    "slash": slash,
    "resend": resend,
    "press": press,
    "shortcut": shortcut,
    "views": views,
    "views/submit": submit,
    "views/close": close,
    "sockets/drop": drop_sockets,
    "say": say,
    "event": event,
    "verify": verify,
}
