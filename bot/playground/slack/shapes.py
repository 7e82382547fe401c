"""People, channels and messages as the Web API shows them.

https://docs.slack.dev/reference/objects
"""

from bot.playground.slack.records import Channel, Json, Message, Person
from bot.playground.slack.world import World


def message_shape(world: World, message: Message) -> Json:
    """Return a message; what it lacks is left out."""
    shape: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": world.team_id,
        "text": message.text,
    }
    if message.bot_id and world.app is not None:
        shape |= {"bot_id": message.bot_id, "app_id": world.app.id}
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.attachments:
        shape["attachments"] = message.attachments
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
    if message.broadcast:
        # https://docs.slack.dev/reference/events/message/thread_broadcast
        shape["subtype"] = "thread_broadcast"
    if message.edited_ts:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    return shape


def person_shape(world: World, person: Person) -> Json:
    """Return a person; one of another organization is a stranger without an account here."""
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "tz": "Europe/Berlin",
        "profile": {
            "real_name": person.real_name,
            "display_name": person.name,
            "team": person.team_id,
        },
        "is_admin": person.admin,
        "is_owner": False,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
        "is_bot": person.bot,
        "is_stranger": person.team_id != world.team_id,
        "is_app_user": False,
    }


def channel_shape(world: World, channel: Channel, bot: str) -> Json:
    """Return a channel as the bot sees it."""
    direct = bool(channel.with_person)
    shape: Json = {
        "id": channel.id,
        "created": channel.created,
        "creator": channel.creator,
        "is_channel": not direct,
        "is_group": channel.private,
        "is_im": direct,
        "is_mpim": False,
        "is_private": channel.private or direct,
        "is_archived": channel.archived,
        "is_general": channel.name == "general",
        "is_shared": channel.external,
        "is_ext_shared": channel.external,
        "is_org_shared": False,
        "context_team_id": world.team_id,
        "is_member": bot in channel.members,
    }
    if direct:
        return {**shape, "user": channel.with_person}
    return {**shape, "name": channel.name, "num_members": len(channel.members)}
