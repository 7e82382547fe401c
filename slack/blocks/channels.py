"""What a channel follows and is spared, and what became of people's wishes for it."""

from collections.abc import Sequence
from typing import Final

from core.following import Hushed, Taken
from core.models import Muted, Subscription
from slack.blocks.lists import listed
from slack.blocks.message import Message, message
from slack.blocks.words import code, context, count, foreign, link, section

NAME, FILTER, WHY = 220, 120, 400
"""Characters of a repository's name, of a filter, of why something is not told."""
_UNITS: Final = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


def subscribed(subscription: Subscription, taken: Taken, web_url: str) -> Message:
    """Return what the channel will be told."""
    name, filters = foreign(subscription.repository, NAME), _filters(subscription)
    state = "follows" if taken is Taken.NEW else "follows now with these filters"
    waits = "" if subscription.minimum is None else " once a finding matters that much"
    small = (
        f"Each pull request gets one card here{waits}; pushes edit it quietly. If I am not in "
        "this channel yet: `/invite @Argus`."
    )
    blocks = [
        section(f"🔔 This channel {state} *{_linked(subscription, web_url)}*{filters}."),
        context(small, f"{code(f'/argus unsubscribe {subscription.repository}', 250)} ends it."),
    ]
    return message(f"This channel {state} {name}.", blocks)


def unsubscribed(name: str, stopped: int) -> Message:
    """Return what the channel is told no longer."""
    if not stopped:
        what = f"This channel did not follow {foreign(name, NAME) or 'anything'}."
        return message(what, [section(what), context("`/argus list` shows what it follows.")])
    of = foreign(name, NAME) or count(stopped, "repository").replace("ys", "ies")
    return message(
        f"This channel does not follow {of} any more.",
        [section(f"🔕 This channel does not follow *{of}* any more.")],
    )


def follows_no_more() -> Message:
    """Return that a subscription ended with its subscriber's sight; the repository is private."""
    said = "This channel follows one repository less."
    why = "Whoever subscribed it may not see it on GitHub any more."
    back = "Somebody who may can `/argus subscribe` it again."
    return message(f"{said} {why} {back}", [section(f"🔕 *{said}*\n{why} {back}")])


def subscriptions(
    visible: Sequence[Subscription],
    *,
    hidden: int,
    mutes: Sequence[Muted],
    web_url: str,
    untold: str = "",
) -> Message:
    """Return what the channel follows and is spared; `untold` says why some of it is not known."""
    followed = [f"🔔 {_linked(each, web_url)}{_filters(each)}" for each in visible]
    spared = [f"🔕 {foreign(each.shown, NAME)}{_until(each)}" for each in mutes]
    lines = followed + spared
    small = [f"{hidden} more that you do not see here"] if hidden else []
    small += [foreign(untold, WHY)] if untold else []
    small.append("`/argus subscribe owner/repo min:important` follows one more.")
    many = len(visible)
    nothing = "nothing that you see" if hidden else "nothing"
    told = nothing if not many else f"{many} {'repository' if many == 1 else 'repositories'}"
    said = f"This channel follows {told}."
    return message(said, [section(f"*{said}*"), *(listed(lines) if lines else ()), context(*small)])


def muted(mute: Muted, done: Hushed, seconds: int | None) -> Message:
    """Return what the channel is spared, or is not any more."""
    what = foreign(mute.shown, NAME)
    match done:
        case Hushed.OFF:
            said, small = f"This channel hears of {what} again.", ""
        case Hushed.UNKNOWN:
            said, small = f"{what} was not muted in this channel.", "`/argus list` shows what is."
        case _:
            said = f"This channel is spared {what} {_for(seconds)}."
            undo = code(f"/argus mute {mute.shown} off", 250)
            small = f"Cards that stand here are still kept up to date. {undo} ends it."
    symbol = "🔕" if done is Hushed.MUTED else "🔔"
    return message(said, [section(f"{symbol} {said}"), *([context(small)] if small else ())])


def _linked(subscription: Subscription, web_url: str) -> str:
    url = f"{web_url.rstrip('/')}/{subscription.repository}"
    return link(url, foreign(subscription.repository, NAME), web_url)


def _filters(subscription: Subscription) -> str:
    minimum = subscription.minimum
    given = {
        "min": minimum.value if minimum else "",
        "branch": subscription.branch,
        "label": subscription.label,
    }
    said = [code(f"{key}:{value}", FILTER) for key, value in given.items() if value]
    return f" {' '.join(said)}" if said else ""


def _until(mute: Muted) -> str:
    """Return the end in the reader's own time.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    if not mute.ends:
        return ""
    return f" until <!date^{int(mute.ends)}^{{date_short_pretty}} {{time}}|a later time>"


def _for(seconds: int | None) -> str:
    if not seconds:
        return "until you say otherwise"
    size, unit = next((each for each in _UNITS if seconds % each[0] == 0), (1, "second"))
    return f"for {count(seconds // size, unit)}"
