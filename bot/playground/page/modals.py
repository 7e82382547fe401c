"""Modals as the page draws them, and what a person picked in one; pure.

https://docs.slack.dev/surfaces/modals
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.playground.page import blocks
from bot.playground.page.blocks import Names
from bot.playground.page.slack_values import ChoiceView, FieldView, ModalView

Json = Mapping[str, Any]
MULTIPLE: Final = "multi_static_select"
SINGLE: Final = "static_select"


class NotPickable(Exception):
    """What was sent is nothing that the modal offers; says why in words."""


def modal_for(views: Sequence[Json], person: str, names: Names) -> ModalView | None:
    """Return the modal before a person: the one that was opened last."""
    shown = [view for view in views if view["seen_by"] == person]
    return _modal(shown[-1], names) if shown else None


def picked(view: ModalView, form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return what was picked, by block and action. Raises NotPickable."""
    return {
        field.block: {field.action: _state(field, form.get(field.block, ()))}
        for field in view.fields
        if field.choices
    }


def _state(field: FieldView, wanted: Sequence[str]) -> dict[str, Any]:
    known = {choice.value: choice for choice in field.choices}
    if not set(wanted) <= set(known):
        raise NotPickable(f"“{field.label}” does not offer that.")
    if not wanted and not field.optional:
        raise NotPickable(f"Pick something for “{field.label}”.")
    if len(wanted) > field.most:
        raise NotPickable(f"Pick {field.most} at most for “{field.label}”.")
    options = [
        {"text": {"type": "plain_text", "text": known[value].text}, "value": value}
        for value in wanted
    ]
    if field.multiple:
        return {"type": MULTIPLE, "selected_options": options}
    return {"type": SINGLE, "selected_option": options[0] if options else None}


def _modal(view: Json, names: Names) -> ModalView:
    return ModalView(
        id=str(view["id"]),
        title=_plain(view["title"]),
        submit=_plain(view["submit"]) if view.get("submit") else "",
        close=_plain(view["close"]) if view.get("close") else "Cancel",
        fields=tuple(_field(block, names) for block in view["blocks"]),
    )


def _field(block: Json, names: Names) -> FieldView:
    """Return an input with its choices, or any other block as words."""
    element = block.get("element") or {}
    if block.get("type") != "input" or element.get("type") not in {MULTIPLE, SINGLE}:
        return FieldView(html=blocks.message("", [block], names))
    multiple = element["type"] == MULTIPLE
    first = element.get("initial_options") or [element.get("initial_option")]
    chosen = {option["value"] for option in first if option}
    return FieldView(
        block=str(block["block_id"]),
        action=str(element["action_id"]),
        label=_plain(block["label"]),
        multiple=multiple,
        optional=bool(block.get("optional")),
        most=int(element.get("max_selected_items", len(element["options"]))) if multiple else 1,
        choices=tuple(
            ChoiceView(str(each["value"]), _plain(each["text"]), each["value"] in chosen)
            for each in element["options"]
        ),
    )


def _plain(value: Json) -> str:
    return str(value.get("text", ""))
