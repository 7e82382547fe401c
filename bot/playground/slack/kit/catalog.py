"""The blocks and elements that a message may hold, with their limits in characters and items.

Left out, and so refused: inputs, pickers, rich text, video, files and tables, which only people
or other surfaces use here.
https://docs.slack.dev/reference/block-kit/blocks and …/block-elements, …/composition-objects
"""

from typing import Final

from bot.playground.slack.kit.rules import (
    Rule,
    boolean,
    choice,
    either,
    many,
    shape,
    text,
    typed,
    untyped,
    url,
)

MOST_BLOCKS: Final = 50
_ID: Final = text(255)


def _plain(most: int) -> Rule:
    return shape({"text": text(most)}, {"emoji": boolean})


def _mrkdwn(most: int) -> Rule:
    return shape({"text": text(most)}, {"verbatim": boolean})


def _plain_only(most: int) -> Rule:
    return typed(plain_text=_plain(most))


def _any_text(most: int) -> Rule:
    return typed(plain_text=_plain(most), mrkdwn=_mrkdwn(most))


_CONFIRM: Final = untyped(
    shape(
        {
            "title": _plain_only(100),
            "text": _any_text(300),
            "confirm": _plain_only(30),
            "deny": _plain_only(30),
        },
        {"style": choice("primary", "danger")},
    )
)
_OPTION_PARTS: Final = {"text": _any_text(75), "value": text(150)}
_SELECT_OPTION: Final = untyped(shape(_OPTION_PARTS, {"description": _any_text(75)}))
_OVERFLOW_OPTION: Final = untyped(
    shape(_OPTION_PARTS, {"description": _any_text(75), "url": url(3000)})
)
_BUTTON: Final = shape(
    {"text": _plain_only(75)},
    {
        "action_id": _ID,
        "url": url(3000),
        "value": text(2000),
        "style": choice("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": text(75),
    },
)
_OVERFLOW: Final = shape(
    {"options": many(_OVERFLOW_OPTION, 5)}, {"action_id": _ID, "confirm": _CONFIRM}
)
_SELECT: Final = shape(
    {"options": many(_SELECT_OPTION, 100)},
    {
        "action_id": _ID,
        "placeholder": _plain_only(150),
        "initial_option": _SELECT_OPTION,
        "confirm": _CONFIRM,
        "focus_on_load": boolean,
    },
)
_IMAGE_PARTS: Final = {"image_url": url(3000), "alt_text": text(2000)}
_SECTION: Final = either(
    "text",
    "fields",
    shape(
        {},
        {
            "text": _any_text(3000),
            "fields": many(_any_text(2000), 10),
            "accessory": typed(
                button=_BUTTON, overflow=_OVERFLOW, static_select=_SELECT, image=shape(_IMAGE_PARTS)
            ),
            "block_id": _ID,
            "expand": boolean,
        },
    ),
)
_CONTEXT_ELEMENT: Final = typed(
    plain_text=_plain(3000), mrkdwn=_mrkdwn(3000), image=shape(_IMAGE_PARTS)
)

BLOCKS: Final[Rule] = many(
    typed(
        section=_SECTION,
        divider=shape({}, {"block_id": _ID}),
        header=shape({"text": _plain_only(150)}, {"block_id": _ID}),
        context=shape({"elements": many(_CONTEXT_ELEMENT, 10)}, {"block_id": _ID}),
        actions=shape(
            {
                "elements": many(
                    typed(button=_BUTTON, overflow=_OVERFLOW, static_select=_SELECT), 25
                )
            },
            {"block_id": _ID},
        ),
        image=shape(_IMAGE_PARTS, {"title": _plain_only(2000), "block_id": _ID}),
        markdown=shape({"text": text(12_000)}, {"block_id": _ID}),
    ),
    MOST_BLOCKS,
    least=0,
)
