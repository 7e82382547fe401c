"""What a person types in Slack, as Slack keeps it; pure.

https://docs.slack.dev/messaging/formatting-message-text#how_slack_works
"""

import re
from typing import Final

COMMAND: Final = "/argus"
_LINK: Final = re.compile(r"https?://[^\s<>|]+")
_NAME: Final = re.compile(r"(?<![\w@])@argus\b", re.IGNORECASE)


def command_in(line: str) -> str | None:
    """Return what follows Argus's slash command, None for a line that is no command of Argus."""
    command, _, text = line.partition(" ")
    return text.strip() if command == COMMAND else None


def kept(line: str, app: str) -> str:
    """Return a message as Slack keeps it; `app` is the id of the user that `@Argus` names."""
    made: list[str] = []
    at = 0
    for link in _LINK.finditer(line):
        made += [_prose(line[at : link.start()], app), f"<{_escaped(link[0])}>"]
        at = link.end()
    return "".join([*made, _prose(line[at:], app)])


def _prose(text: str, app: str) -> str:
    return _NAME.sub(f"<@{app}>", _escaped(text)) if app else _escaped(text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
