"""Who told Argus what, and where; and which pull request they mean."""

from dataclasses import dataclass

from core.commands import Verb
from core.errors import UserError
from core.following import Talk
from core.models import Origin, OriginKind, PullRequest, PullRequestRef
from slack.replies import Reply, sealed
from slack.requests import SlashCommand
from slack.seal import Seal


@dataclass(frozen=True, slots=True)
class Asked:
    """One command, with what its place tells."""

    command: SlashCommand
    request_id: str
    talk: Talk | None = None
    """What the thread is about in which it was said."""

    @property
    def user(self) -> str:
        """Return the id of whoever said it."""
        return self.command.user_id

    @property
    def channel(self) -> str:
        """Return the id of where they said it."""
        return self.command.channel_id

    @property
    def who(self) -> str:
        """Return the person as others than Slack name them."""
        return f"slack:{self.user}"

    @property
    def reply(self) -> Reply:
        """Return where an answer goes."""
        return Reply(
            channel=self.channel,
            user=self.user,
            response_url=self.command.response_url,
            thread=self.command.thread_ts,
        )

    def origin(self, pull: PullRequest, seal: Seal, *, aside: bool) -> Origin:
        """Return the asker of a job or of an order; the way back is sealed."""
        reply = self.reply.about(pull).model_copy(update={"aside": aside})
        return Origin(
            kind=OriginKind.SLACK,
            id=self.command.origin_id,
            person=self.user,
            reply=sealed(reply, seal),
        )

    def meant(self, ref: PullRequestRef | None, verb: Verb) -> PullRequestRef:
        """Return the pull request that was named, else that of the thread. Raises UserError."""
        found = ref or (self.talk.ref if self.talk else None)
        if found is None:
            raise UserError(
                f"`{verb}` does not say which pull request.",
                next_step="Put its address or `owner/repo#12` behind it.",
            )
        return found

    def finding_of(self, ref: PullRequestRef) -> str:
        """Return the finding that the thread is about, empty where it is about none of `ref`."""
        talk = self.talk
        same = talk is not None and str(talk.ref).lower() == str(ref).lower()
        return talk.finding_id if talk is not None and same else ""
