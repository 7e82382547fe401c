"""What people can press: the elements, the values they send back, and what these mean.

A button means a command of the one grammar, said where its message stands; so it does what the
words would do, with the rights of whoever presses it.
"""

import re
from dataclasses import dataclass
from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    InteractiveElement,
    Option,
    PlainTextObject,
    StaticSelectElement,
)

from core.following import Talk
from core.models import Delivery, DismissalScope, PullRequestRef, RowKind
from slack.blocks.words import is_home

AGAIN, MUTE, EXPLAIN, DISMISS, UNDO = "again", "mute", "explain", "dismiss", "undo"
"""Ids of what acts here."""
CHOOSE: Final = "choose_"
"""What the ids begin with of buttons that say a command of one finding."""
LONGEST_WORDS: Final = 1_500
"""Characters of a command that a button says; its value has at most 2,000.
https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
OPEN: Final = "open_"
"""What the ids of that begin with which only leads elsewhere."""
SHORT: Final = 12
"""Digits of a commit: they tell the states of a pull request apart."""
_NO_COMMIT: Final = "0"
_AGAIN: Final = re.compile(
    r"(?P<ref>[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+#\d+) (?P<state>[0-9a-f]{1,12}\.\d{1,9})"
    r"(?: (?P<card>[A-Za-z0-9_.:-]{1,500}))?"
)
_REF: Final = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+#\d+")
_ABOUT: Final = (
    r"(?P<owner>[A-Za-z0-9_-]+)/(?P<repo>[A-Za-z0-9_.-]+)#(?P<number>\d{1,9})"
    r" (?P<repo_id>\d{1,19})"
)
_FINDING: Final = r"(?P<finding>[A-Za-z0-9_-]{1,64})"
_UNDO: Final = re.compile(rf"{_ABOUT} (?P<scope>this|all|rule)(?: {_FINDING})?")
_CHOICE: Final = re.compile(
    rf"{_ABOUT} {_FINDING} (?P<words>explain|ignore(?: .{{1,{LONGEST_WORDS}}})?)"
)
_SCOPES: Final = {
    DismissalScope.FINDING: ("this", "ignore off"),
    DismissalScope.PULL_REQUEST: ("all", "ignore all off"),
    DismissalScope.RULE: ("rule", "ignore rule off"),
}
"""What is sent back to undo a dismissal, and the command that it means."""
_DISMISSALS: Final = {
    "this": ("Dismiss", "ignore"),
    "wrong": ("Dismiss: it is wrong", "ignore because it is wrong"),
    "intended": ("Dismiss: it is intended", "ignore because it is intended"),
    "minor": ("Dismiss: not worth a change", "ignore because it is not worth a change"),
    "all": ("Dismiss all in this pull request", "ignore all"),
    "rule": ("Dismiss this rule in the repository", "ignore rule"),
}
"""By the value that is sent back: what the menu says, and the command that it means."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a press means."""

    words: str
    """A command."""
    once: str = ""
    """The same for presses that mean the same thing twice; empty where that does no harm."""
    card: str = ""
    """The row whose message shows the answer; empty for one of its own."""
    about: Talk | None = None
    """What it is about, where the message alone does not tell."""
    seen: str = ""
    """The beginning of the commit that the card shows, where it shows one."""


def meaning(action_id: str, value: str) -> Meant | None:
    """Return what a press means, None for what this version does not know."""
    match action_id:
        case "again":
            found = _AGAIN.fullmatch(value)
            if found is None:
                return None
            seen = found["state"].partition(".")[0]
            return Meant(
                f"review {found['ref']} full",
                once=found["state"],
                card=found["card"] or "",
                seen="" if seen == _NO_COMMIT else seen,
            )
        case "mute":
            return Meant(f"mute {value}") if _REF.fullmatch(value) else None
        case "explain":
            return Meant("explain", "explain")
        case "dismiss":
            known = _DISMISSALS.get(value)
            return Meant(known[1]) if known else None
        case "undo":
            return _undoing(value)
        case _ if action_id.startswith(CHOOSE):
            return _chosen(value)
        case _:
            return None


def card_buttons(
    delivery: Delivery, review_url: str, web_url: str, *, ended: bool, aside: bool
) -> ActionsBlock:
    """Return the buttons of a card."""
    buttons: list[InteractiveElement] = []
    if review_url and is_home(review_url, web_url):
        buttons.append(
            ButtonElement(
                text="Open review", url=review_url, action_id=f"{OPEN}review", style="primary"
            )
        )
    pull = pull_url(delivery, web_url)
    buttons.append(ButtonElement(text="Open pull request", url=pull, action_id=f"{OPEN}pull"))
    if ended:
        value = _again_value(delivery, aside=aside)
        buttons.append(ButtonElement(text="Re-review", value=value, action_id=AGAIN))
    if not aside:
        buttons.append(ButtonElement(text="Mute", value=str(delivery.ref), action_id=MUTE))
    return ActionsBlock(elements=buttons)


def finding_controls() -> ActionsBlock:
    """Return what can be done about a finding that is open."""
    options = [
        Option(value=value, text=PlainTextObject(text=text))
        for value, (text, _) in _DISMISSALS.items()
    ]
    return ActionsBlock(
        elements=[
            ButtonElement(text="Explain", value="explain", action_id=EXPLAIN),
            StaticSelectElement(placeholder="Dismiss …", options=options, action_id=DISMISS),
        ]
    )


def undo_button(about: Talk, scope: DismissalScope) -> ActionsBlock:
    """Return what takes a dismissal back; it names what was dismissed, wherever it stands."""
    parts = (str(about.ref), str(about.repo_id), _SCOPES[scope][0], about.finding_id)
    value = " ".join(part for part in parts if part)
    return ActionsBlock(elements=[ButtonElement(text="Undo", value=value, action_id=UNDO)])


def choice_button(about: Talk, words: str, number: int) -> ButtonElement:
    """Return what says a command of one finding; it names it, wherever it stands."""
    value = f"{about.ref} {about.repo_id} {about.finding_id} {words[:LONGEST_WORDS]}"
    return ButtonElement(text=_label(words), value=value, action_id=f"{CHOOSE}{number}")


def takes_back(words: str) -> bool:
    """Tell whether a command is one that undoes a dismissal."""
    return any(words == undoing for _, undoing in _SCOPES.values())


def pull_url(delivery: Delivery, web_url: str) -> str:
    """Return the address of the pull request."""
    return f"{web_url.rstrip('/')}/{delivery.ref.repository}/pull/{delivery.ref.number}"


def _label(words: str) -> str:
    """Return what a button says that says a command."""
    if takes_back(words):
        return "Undo"
    if words == EXPLAIN:
        return "Explain"
    return "Dismiss its rule" if words.startswith("ignore rule") else "Dismiss"


def _undoing(value: str) -> Meant | None:
    found = _UNDO.fullmatch(value)
    if found is None:
        return None
    return Meant(dict(_SCOPES.values())[found["scope"]], about=_talk(found))


def _chosen(value: str) -> Meant | None:
    found = _CHOICE.fullmatch(value)
    if found is None:
        return None
    # An explanation is asked for once; being quiet twice does no harm.
    once = f"{EXPLAIN} {found['finding']}" if found["words"] == EXPLAIN else ""
    return Meant(found["words"], once=once, about=_talk(found))


def _talk(found: re.Match[str]) -> Talk:
    ref = PullRequestRef(owner=found["owner"], repo=found["repo"], number=int(found["number"]))
    return Talk(ref=ref, repo_id=int(found["repo_id"]), finding_id=found["finding"] or "")


def _again_value(delivery: Delivery, *, aside: bool) -> str:
    """Name the state from which it is pressed, so that pressing twice asks once."""
    state = f"{delivery.ref} {delivery.head[:SHORT] or _NO_COMMIT}.{delivery.ordinal}"
    own = delivery.row.kind is RowKind.SLACK and not aside
    return f"{state} {delivery.row.target}" if own else state
