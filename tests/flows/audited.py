"""Runs a command of Argus under an audit hook and writes down what the process did.

`python -m tests.flows.audited <report> <canary> review <address> --post`: a hook cannot be taken
off again, so it lives in a process of its own. https://docs.python.org/3/library/audit_events.html
"""

import json
import os
import sys
from pathlib import Path
from types import CodeType
from typing import Any

STARTS = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.fork", "os.forkpty", "pty.spawn"),
)
CHANGES = (
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod"),
    *("os.truncate", "shutil.copyfile", "shutil.move", "shutil.rmtree"),
    *("tempfile.mkstemp", "tempfile.mkdtemp"),
)
UNPACKS = ("pickle.find_class", "shutil.unpack_archive")
MEETS = ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Collects the events that a test asks about."""

    def __init__(self, canary: str) -> None:
        self.found: dict[str, list[Any]] = {}
        self._canary = canary

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an event; a hook must not raise."""
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, _, flags = arguments
            self._note("written" if (flags or 0) & WRITES else "read", os.fsdecode(path))
        elif event == "compile":
            source, name = arguments
            text = source.decode(errors="replace") if isinstance(source, bytes) else source
            if isinstance(text, str) and self._canary in text:
                self._note("compiled", str(name))
        elif event == "exec":
            self._executed(arguments[0])
        elif event in {*STARTS, *CHANGES, *UNPACKS, *MEETS}:
            self._note(event, [_plain(argument) for argument in arguments])

    def _executed(self, code: object) -> None:
        if isinstance(code, CodeType):
            self._note("executed", code.co_filename)
            if self._canary in repr((code.co_consts, code.co_names)):
                self._note("compiled", code.co_filename)

    def _note(self, what: str, about: Any) -> None:
        self.found.setdefault(what, []).append(about)


def _plain(argument: object) -> object:
    if isinstance(argument, str | int | float | bool | None):
        return argument
    if isinstance(argument, bytes | os.PathLike):
        return os.fsdecode(argument)
    if isinstance(argument, list | tuple):
        return [_plain(each) for each in argument]
    return repr(argument)


def main() -> None:
    """Run the command; the report is written whatever comes of it."""
    report, canary, *arguments = sys.argv[1:]
    watch = Watch(canary)
    sys.addaudithook(watch)
    sys.argv = ["argus", *arguments]
    try:
        from bot.cli.app import main as command

        command()
    finally:
        found, watch.found = watch.found, {}
        Path(report).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
