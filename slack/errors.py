"""Slack's refusals as values that a caller can act on; nothing here speaks to Slack.

The codes are those of https://docs.slack.dev/reference/methods/chat.postMessage#errors and of
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors.
"""

from typing import Final

from core.errors import ArgusError, PermanentError, Withheld

TOO_FAST: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
"""Nothing was done, and the same will be taken later."""
PASSING: Final = frozenset(
    {
        "internal_error",
        "fatal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "rollup_error",
    }
)
"""Another attempt may succeed."""
BLOCKS_REFUSED: Final = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "invalid_attachments",
    }
)
"""The words may pass where their blocks do not."""
OUT_OF_REACH: Final = frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "no_permission",
        "missing_scope",
        "access_denied",
    }
)
"""The bot may not write in the channel, but the asker can still be answered."""
TOKEN_REFUSED: Final = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
)
"""The bot is not let in any more; an address that a command brought works without it."""
NOT_THERE: Final = frozenset({"user_not_in_channel"})
"""The asker left the channel, where nothing can be whispered to them any more."""
MESSAGE_LOST: Final = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"}
)
"""The message is gone or closed; a new one takes its place."""
THREAD_LOST: Final = "thread_not_found"
"""The message is gone under which something was to be said."""
NO_BROADCAST: Final = "cant_broadcast_message"
"""The channel shows no replies of its threads."""


class SlackRefused(PermanentError):
    """Slack said no, and would again; `code` is its own word for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"Slack refused the message: {code}.")


class CardGone(PermanentError):
    """The card was taken away, and does not come back for this commit."""

    def __init__(self) -> None:
        super().__init__("The card was taken away.")


class SlackLimited(Withheld):
    """Slack asks to wait for `retry_after` seconds; it did nothing."""


class SealBroken(ArgusError):
    """The text was not sealed with any of our keys, or was altered."""
