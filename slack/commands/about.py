"""Verbs about Argus itself: `help`, `stats`, `doctor`, `configuration`, and people's accounts."""

from core.commands import ShowConfiguration, Verb
from core.errors import UserError
from slack import blocks
from slack.blocks import Message
from slack.commands.asked import Asked
from slack.commands.ports import Identities, Instance, Repositories


class About:
    """Says what there is to say; nothing here changes a review."""

    def __init__(
        self,
        *,
        instance: Instance,
        repositories: Repositories,
        identities: Identities,
        web_url: str,
    ) -> None:
        self._instance = instance
        self._repositories = repositories
        self._identities = identities
        self._web_url = web_url

    async def plain(self, verb: Verb, asked: Asked) -> Message:
        """Carry out a verb that stands alone. Raises UserError, TransientError."""
        match verb:
            case Verb.CONNECT:
                return await self._identities.connect(asked.command.team_id, asked.reply)
            case Verb.DISCONNECT:
                return await self._identities.disconnect(asked.user)
            case Verb.STATS:
                return blocks.stats(await self._instance.statistics())
            case Verb.DOCTOR:
                return blocks.doctor(await self._instance.checks())
            case Verb.CONFIGURATION:
                if asked.talk is None:
                    raise UserError(
                        "`configuration` does not say of which repository.",
                        next_step="Put `owner/repo` behind it.",
                    )
                return await self.configuration(ShowConfiguration(asked.talk.ref), asked)
            case _:
                return blocks.help_text(self._web_url)

    async def configuration(self, wish: ShowConfiguration, asked: Asked) -> Message:
        """Show what is configured for a repository that the asker may see, and what could be."""
        target = wish.target
        seen = await self._repositories.look_at_repository(target.owner, target.repo, asked.user)
        owner, _, repo = seen.name.partition("/")
        lines = await self._instance.configuration(owner, repo)
        dismissed = await self._instance.dismissed(seen.id)
        return blocks.configuration(seen.name, seen.url, lines, self._web_url, dismissed)
