"""Speaks to Slack: posts, edits, answers; and says in our errors what Slack's refusals mean.

Attempts, their order and what to do instead are the callers'; nothing here tries twice, because
the outbox owns the retries.
"""

import json
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from core.errors import ArgusError, PermanentError, TransientError
from slack.blocks import Message
from slack.errors import PASSING, TOO_FAST, SlackLimited, SlackRefused
from slack.replies import is_answerable
from slack.workspace import Person, person_from, shared_from

TIMEOUT: Final = 10
"""Seconds for one call, all in all."""
PAUSE: Final = 1.0
"""Seconds to wait when Slack limits the rate without saying for how long: its own pace of one
message a second and channel. https://docs.slack.dev/apis/web-api/rate-limits"""
PAGE, MOST_PAGES = 1_000, 20
"""Channels of one answer, which is the most that Slack gives, and answers of one question.

https://docs.slack.dev/reference/methods/conversations.list"""
_CODE_LENGTH: Final = 60


class SlackClient:
    """The bot's voice; connects on first use, `close` when done."""

    def __init__(self, token: str, api_url: str = AsyncWebClient.BASE_URL) -> None:
        self._api_url = api_url
        self._web = AsyncWebClient(
            token=token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[]
        )
        # The library takes a proxy from the environment, which is not its to read.
        self._web.proxy = None
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, channel: str, message: Message, *, thread: str = "", broadcast: bool = False
    ) -> str:
        """Post in a channel, or in a thread of it, and return `channel:ts`.

        With `broadcast` the channel shows what is said in the thread.
        Raises SlackRefused, TransientError.
        """
        answer = await self._call(
            self._open().chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=list(message.blocks) or None,
                thread_ts=thread or None,
                reply_broadcast=broadcast or None,
                link_names=False,
                parse="none",
                # A preview would fetch what the message names and show it to the channel.
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return f"{answer.get('channel') or channel}:{answer['ts']}"

    async def edit(self, channel: str, ts: str, message: Message) -> None:
        """Bring a message to a new state, silently. Raises SlackRefused, TransientError."""
        await self._call(
            self._open().chat_update(
                channel=channel,
                ts=ts,
                text=message.text,
                blocks=list(message.blocks),
                link_names=False,
                parse="none",
            )
        )

    async def whisper(self, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        """Show a message to one person, in a thread if one is given.

        Raises SlackRefused, TransientError.
        """
        await self._call(
            self._open().chat_postEphemeral(
                channel=channel,
                user=user,
                text=message.text,
                blocks=list(message.blocks) or None,
                thread_ts=thread or None,
                link_names=False,
                parse="none",
            )
        )

    async def respond(self, url: str, message: Message, *, thread: str = "") -> None:
        """Answer through a `response_url`: at most five times within half an hour.

        What was pressed in a thread is answered in the channel, unless the thread is named.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        Raises SlackRefused, TransientError.
        """
        if not is_answerable(url, self._api_url):
            raise SlackRefused("foreign_response_url")
        body: dict[str, Any] = {
            "response_type": "ephemeral",
            "replace_original": False,
            "text": message.text,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        body |= {"blocks": list(message.blocks)} if message.blocks else {}
        body |= {"thread_ts": thread} if thread else {}
        self._open()
        assert self._session is not None
        try:
            # A redirect would carry what Argus knows to wherever it points.
            async with self._session.post(url, json=body, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
                if answer.status != 200 or _not_ok(text):
                    raise _refusal(answer.status, answer.headers, _code_of(text))
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise _away(failure) from failure

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a modal, within three seconds of what triggers it.

        Raises SlackRefused, TransientError.
        """
        await self._call(self._open().views_open(trigger_id=trigger_id, view=view))

    async def home(self) -> tuple[str, str]:
        """Return the ids of the bot's own workspace and organisation, the latter often empty."""
        answer = await self._call(self._open().auth_test())
        return str(answer.get("team_id") or ""), str(answer.get("enterprise_id") or "")

    async def person(self, user: str) -> Person:
        """Return somebody as the workspace sees them. Raises SlackRefused, TransientError."""
        answer = await self._call(self._open().users_info(user=user))
        return person_from(answer.get("user") or {})

    async def is_shared(self, channel: str) -> bool:
        """Tell whether other companies read a channel. Raises SlackRefused, TransientError."""
        answer = await self._call(self._open().conversations_info(channel=channel))
        return shared_from(answer.get("channel") or {})

    async def channels(self) -> Mapping[str, str]:
        """Return the ids of the channels that the bot can see, by name.

        Raises SlackRefused, TransientError.
        """
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = await self._call(
                self._open().conversations_list(
                    types="public_channel,private_channel",
                    exclude_archived=True,
                    limit=PAGE,
                    cursor=cursor,
                )
            )
            listed = answer.get("channels") or ()
            found |= {str(each.get("name")): str(each.get("id")) for each in listed}
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
        self._session = None

    def _open(self) -> AsyncWebClient:
        """Connect on first use, because a session belongs to a running loop."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT), trust_env=False
            )
            self._web.session = self._session
        return self._web

    async def _call(self, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except SlackApiError as failure:
            raise _from_api(failure) from failure
        except (TimeoutError, aiohttp.ClientError, json.JSONDecodeError) as failure:
            raise _away(failure) from failure
        except AttributeError as failure:
            # The library fails so on an answer that is no JSON object, such as a proxy's page.
            raise TransientError("Slack answered in an unknown form.") from failure


def _from_api(failure: SlackApiError) -> ArgusError:
    response: Any = failure.response
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, Mapping) else ""
    return _refusal(int(status or 0), getattr(response, "headers", {}), code)


def _refusal(status: int, headers: Mapping[str, str], code: str) -> ArgusError:
    """Return what an answer other than `ok` means."""
    if status == 429 or code in TOO_FAST:
        return SlackLimited(
            f"Slack asks to wait: {code or status}.", retry_after=_retry_after(headers)
        )
    if code in PASSING:
        return TransientError(f"Slack is in trouble: {code}.", retry_after=_retry_after(headers))
    if status >= 500 or not code:
        return TransientError(f"Slack answered {status}.")
    return SlackRefused(code)


def _retry_after(headers: Mapping[str, str]) -> float:
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "")
    return float(value) if value.isdigit() else PAUSE


def _not_ok(text: str) -> bool:
    return text.lstrip().startswith("{") and '"ok":false' in text.replace(" ", "")


def _code_of(text: str) -> str:
    """Return Slack's word for a refusal, from JSON or from a bare line."""
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = text
    found = parsed.get("error", "") if isinstance(parsed, dict) else parsed
    word = str(found).strip()[:_CODE_LENGTH]
    return word if word.replace("_", "").isalnum() else ""


def _away(failure: Exception) -> ArgusError:
    """Say that Slack is away; the words of the failure may hold an address, so only its name."""
    if isinstance(failure, aiohttp.InvalidURL):
        return PermanentError("The answer's address is no address.")
    return TransientError(f"Slack cannot be reached ({type(failure).__name__}).")
