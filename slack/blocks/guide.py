"""What `help` shows: every command with its arguments, its purpose and an example."""

from typing import Final

from core.commands import ARGUMENTS, Verb
from slack.blocks.message import Message, message
from slack.blocks.words import code, context, section

_USAGE: Final = 200
_GROUPS: Final = (
    ("Reviews", (Verb.REVIEW, Verb.STATUS, Verb.QUEUE, Verb.ASK, Verb.PAUSE, Verb.RESUME)),
    ("In the thread of a review's card, as `@Argus …`", (Verb.EXPLAIN, Verb.IGNORE)),
    ("This channel", (Verb.SUBSCRIBE, Verb.UNSUBSCRIBE, Verb.LIST, Verb.MUTE)),
    (
        "You and Argus",
        (
            Verb.CONNECT,
            Verb.DISCONNECT,
            Verb.CONFIGURATION,
            Verb.STATS,
            Verb.DOCTOR,
            Verb.HELP,
        ),
    ),
)
"""Verbs that belong together, in the order of their use."""
_PURPOSE: Final = {
    Verb.REVIEW: "reads a pull request now; `full` reads again what has its review",
    Verb.STATUS: "says where its review stands",
    Verb.QUEUE: "shows what is read now and what waits",
    Verb.ASK: "answers a question about the change",
    Verb.PAUSE: "stops automatic reviews of a pull request",
    Verb.RESUME: "takes them up again",
    Verb.EXPLAIN: "says more about a finding",
    Verb.IGNORE: "dismisses it, all that is open, or its rule; `off` takes that back",
    Verb.SUBSCRIBE: "shows automatic reviews of a repository here",
    Verb.UNSUBSCRIBE: "stops that",
    Verb.LIST: "shows what this channel follows and is spared",
    Verb.MUTE: "is quiet here about some of it, for a time",
    Verb.CONNECT: "links your GitHub account, for private repositories",
    Verb.DISCONNECT: "forgets it",
    Verb.CONFIGURATION: "shows what is configured, and where",
    Verb.STATS: "shows figures",
    Verb.DOCTOR: "checks that everything works",
    Verb.HELP: "shows this",
}


def help_text(web_url: str) -> Message:
    """Return the commands by what they are for, with examples."""
    home = web_url.rstrip("/")
    groups = [
        section("\n".join([f"*{title}*", *(_line(verb) for verb in verbs)]))
        for title, verbs in _GROUPS
    ]
    examples = (
        f"`/argus review {home}/owner/repo/pull/12 focus error handling`",
        "`/argus subscribe owner/repo min:important branch:main`",
        "`/argus mute bots for 1w`",
    )
    return message(
        "Argus reviews pull requests: /argus review owner/repo#12",
        [
            section("*Argus reviews pull requests.* Ask here, and follow the review here."),
            *groups,
            context("\n".join(examples), "A pull request may also be `owner/repo#12`."),
        ],
    )


def _line(verb: Verb) -> str:
    """Return a verb with its arguments; their brackets must not look like a link."""
    usage = f"{verb} {ARGUMENTS.get(verb, '')}".rstrip()
    return f"• {code(usage, _USAGE)} {_PURPOSE[verb]}"
