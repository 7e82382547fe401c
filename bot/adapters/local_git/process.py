"""Runs git on a repository that may belong to a stranger: bounded, quiet, and nobody's program.

A repository's configuration can name programs for git to start: pagers, hooks, file system
monitors, diff drivers, content filters, transports. Each of them is switched off here; what the
output means is for `bot.adapters.unified_diff` and `bot.adapters.local_git`.
"""

import asyncio
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from core.errors import PermanentError, UserError

TIMEOUT_SECONDS = 60.0
"""For one command; a cold diff of a large repository takes seconds, not minutes."""
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
"""About twenty times the largest diff that GitHub shows."""
MAX_STDERR_BYTES = 8 * 1024

QUIET_CONFIG = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.quotePath=true",
    "core.alternateRefsCommand=",
    "color.ui=false",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.suppressBlankEmpty=false",
    "diff.wsErrorHighlight=none",
    f"diff.orderFile={os.devnull}",
    "log.showSignature=false",
    "protocol.allow=never",
)
"""Settings that could start a program, reach the network, or change the form of the output."""

FILTER_KEY = re.compile(r"filter\..*\.(?:clean|smudge|process|required)", re.DOTALL)


class GitFailed(PermanentError):
    """Git ended with an error; `reason` holds its own words."""


class OutputTooLarge(PermanentError):
    """Git printed more than the caller was ready to hold."""


class Git:
    """Git in one folder. Build it with `open_git`, which learns what must be switched off."""

    def __init__(self, program: str, folder: Path, overrides: tuple[tuple[str, str], ...]) -> None:
        self._program = program
        self._folder = folder
        self._environment = _environment(overrides)

    async def run(self, *arguments: str | bytes, max_bytes: int = MAX_OUTPUT_BYTES) -> bytes:
        """Return what git prints. Raises GitFailed, OutputTooLarge."""
        process = await asyncio.create_subprocess_exec(
            self._program,
            "--no-pager",
            "--literal-pathspecs",
            *(part for setting in QUIET_CONFIG for part in ("-c", setting)),
            *arguments,
            cwd=self._folder,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                output, words = await _drain(process, max_bytes)
        except TimeoutError as cause:
            raise GitFailed(f"git took longer than {TIMEOUT_SECONDS:.0f} seconds.") from cause
        finally:
            await _end(process)
        if process.returncode:
            raise GitFailed(words.decode(errors="replace").strip() or "git failed.")
        return output

    async def line(self, *arguments: str | bytes) -> str:
        """Return one line of output, without its end. Raises GitFailed."""
        return (await self.run(*arguments)).decode(errors="replace").rstrip("\n")


async def open_git(folder: Path) -> Git:
    """Return git for a folder, with the repository's content filters switched off.

    Raises UserError when git is not installed.
    """
    program = shutil.which("git")
    if program is None:
        raise UserError(
            "git was not found.",
            why="Ranges and working trees are read with it.",
            next_step="Install git, or pipe a unified diff into `review -`.",
        )
    plain = Git(program, folder, ())
    try:
        listed = await plain.run("config", "--list", "--name-only", "-z")
    except GitFailed:
        return plain
    keys = sorted({key for key in listed.decode(errors="replace").split("\0") if key})
    return Git(program, folder, tuple((k, _off(k)) for k in keys if FILTER_KEY.fullmatch(k)))


def _off(key: str) -> str:
    """Return the value that switches a key of a content filter off."""
    return "false" if key.endswith(".required") else ""


def _environment(overrides: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return git's whole environment; nothing of ours, such as GIT_DIR or a token, goes in.

    Overrides travel here because a key may hold a `=`, which `-c` could not carry.
    """
    pairs = {f"GIT_CONFIG_KEY_{i}": key for i, (key, _) in enumerate(overrides)}
    pairs |= {f"GIT_CONFIG_VALUE_{i}": value for i, (_, value) in enumerate(overrides)}
    return {
        "PATH": os.defpath,
        "HOME": _home(),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(overrides)),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        **pairs,
    }


def _home() -> str:
    """Return where the person's own settings lie; a container's user may have no home at all."""
    try:
        return str(Path.home())
    except RuntimeError:
        return os.devnull


async def _drain(process: asyncio.subprocess.Process, max_bytes: int) -> tuple[bytes, bytes]:
    """Read both streams side by side, each within its bound, and wait for the end."""
    assert process.stdout is not None
    assert process.stderr is not None
    words = asyncio.create_task(_read(process.stderr, MAX_STDERR_BYTES))
    try:
        output, complete = await _read(process.stdout, max_bytes)
        if not complete:
            raise OutputTooLarge(f"git printed more than {max_bytes:,} bytes.")
        await process.wait()
        return output, (await words)[0]
    finally:
        words.cancel()


async def _read(stream: asyncio.StreamReader, max_bytes: int) -> tuple[bytes, bool]:
    """Return at most `max_bytes`, and whether that was all."""
    parts: list[bytes] = []
    size = 0
    while part := await stream.read(1 << 16):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            return b"".join(parts)[:max_bytes], False
    return b"".join(parts), True


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave no git behind, whatever happened."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
