"""Loads the Lua scripts and calls them; failures of Redis become TransientError.

Every script can be repeated: a call carries a token, an epoch or a delivery that makes the
second one recognisable. So a call whose connection broke is made once more.
"""

import hashlib
import re
from collections.abc import Awaitable, Mapping
from importlib.resources import files
from typing import Any, cast

from pydantic_core import to_json
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError

from bot.adapters import keys
from bot.adapters.ledger.policy import Policy
from bot.adapters.redis_lines import Lines
from core.errors import TransientError

LIBRARIES = ("base", "schedule", "rows", "endings")
SHEBANG = "#!lua\n"
"""With it the server refuses a script before its first write when memory or disk are full,
instead of in the middle: https://redis.io/docs/latest/develop/programmability/lua-api/"""
READ_ONLY = "#!lua flags=no-writes\n"
READ_ONLY_SCRIPTS = frozenset({"peek", "count"})
REFUSED = re.compile(r"\b(OOM|READONLY|MISCONF|NOREPLICAS|LOADING|MASTERDOWN|BUSY|UNKILLABLE)\b")
"""Words with which a server refuses a script that it may take later."""
RETRY_AFTER = 2.0
"""Seconds after which a caller may try a server that was away."""


class Scripts:
    """The scripts of one server, under one policy."""

    def __init__(self, redis: Redis, policy: Policy) -> None:
        self._lines = Lines(redis)
        self._policy = policy.arguments().encode()
        self._scripts: dict[str, _Script] = {}

    async def call(self, name: str, **ask: Any) -> Any:
        """Run a script. Raises TransientError when the server cannot answer."""
        if name not in self._scripts:
            self._scripts[name] = _Script(source(name))
        script, arguments = self._scripts[name], to_json(ask)
        try:
            return await self._run(script, arguments)
        except RedisConnectionError:
            return await answer(self._run(script, arguments))
        except (RedisError, OSError) as error:
            raise _translated(error) from error

    async def _run(self, script: "_Script", arguments: bytes) -> Any:
        """Run it by its hash, and by its text where the server does not know it yet."""
        try:
            return await self._lines.ask("EVALSHA", script.sha, 0, arguments, self._policy)
        except NoScriptError:
            return await self._lines.ask("EVAL", script.text, 0, arguments, self._policy)


class _Script:
    """A script's text, and the hash that names it on the server."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


async def answer(reply: object) -> Any:
    """Await the reply of a plain command. Raises TransientError."""
    try:
        return await cast("Awaitable[Any]", reply)
    except (RedisError, OSError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> Exception:
    """Return what a failure means; a mistake in a script is none of Redis's doing."""
    text = str(error)
    if isinstance(error, ResponseError) and "script" in text and not REFUSED.search(text):
        return error
    return TransientError(
        f"Redis did not answer ({type(error).__name__}).", retry_after=RETRY_AFTER
    )


def source(name: str) -> str:
    """Return a script's full text: key names, libraries, itself."""
    folder = files("bot.adapters") / "lua"
    parts = [keys.lua_names()]
    parts += [(folder / "lib" / f"{library}.lua").read_text() for library in LIBRARIES]
    parts.append((folder / f"{name}.lua").read_text())
    return (READ_ONLY if name in READ_ONLY_SCRIPTS else SHEBANG) + "\n".join(parts)


def pairs(flat: list[bytes]) -> Mapping[str, str]:
    """Return a hash that a script gave as a flat list."""
    texts = [item.decode() for item in flat]
    return dict(zip(texts[::2], texts[1::2], strict=True))
