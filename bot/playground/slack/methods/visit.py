"""What every method is given, and the way in: method, token, scope, and who sees which channel."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.slack.arguments import Arguments
from bot.playground.slack.records import App, Channel, Json
from bot.playground.slack.wire import Refused
from bot.playground.slack.world import World


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call."""

    world: World
    app: App
    arguments: Arguments

    def channel(self, *, by_name: bool = False) -> Channel:
        """Return the channel of the call, if the bot may know of it. Raises Refused."""
        given = self.arguments.text("channel")
        channel = self.world.channels.get(given)
        if channel is None and by_name:
            channel = self._named(given)
        if channel is None or not self.sees(channel):
            raise Refused("channel_not_found")
        return channel

    def writable(self, *, by_name: bool = False) -> Channel:
        """Return the channel of the call, if the bot may write there. Raises Refused."""
        channel = self.channel(by_name=by_name)
        if channel.archived:
            raise Refused("is_archived")
        if not self.belongs(channel) and "chat:write.public" not in self.app.scopes:
            raise Refused("not_in_channel")
        return channel

    def belongs(self, channel: Channel) -> bool:
        """Tell whether the bot is a member."""
        return self.app.bot.id in channel.members

    def sees(self, channel: Channel) -> bool:
        """Tell whether a channel exists for the bot."""
        closed = channel.private or bool(channel.with_person)
        return not closed or self.belongs(channel)

    def _named(self, given: str) -> Channel | None:
        """Find a channel by its name, or the direct message with a person by the person's id."""
        person = self.world.people.get(given)
        if person is not None and not person.bot:
            return self.world.direct(person)
        wanted = given.removeprefix("#")
        named = (c for c in self.world.channels.values() if c.name and c.name == wanted)
        return next(named, None)


@dataclass(frozen=True, slots=True)
class Method:
    """A method's handler and the scope that its caller must have."""

    handler: Callable[[Visit], Json]
    scope: str = ""
    by_app: bool = False
    """Called with the app's own token, which has no other use, instead of the bot's."""


def enter(world: World, methods: dict[str, Method], name: str, arguments: Arguments) -> Json:
    """Admit a call and carry it out. Raises Refused."""
    method = methods.get(name)
    if method is None:
        raise Refused("unknown_method", req_method=name)
    app = _identify(world, arguments.token, by_app=method.by_app)
    if not method.by_app and method.scope and method.scope not in app.scopes:
        provided = ",".join(sorted(app.scopes))
        raise Refused("missing_scope", needed=method.scope, provided=provided)
    return method.handler(Visit(world, app, arguments))


def _identify(world: World, token: str, *, by_app: bool) -> App:
    if not token:
        raise Refused("not_authed")
    if world.app is None or token not in {world.app.bot_token, world.app.app_token}:
        raise Refused("invalid_auth")
    if token != (world.app.app_token if by_app else world.app.bot_token):
        raise Refused("not_allowed_token_type")
    return world.app
