"""The length of blocks that passed the rules, and the ids that Slack gives to those without.

Nothing here refuses anything but ids used twice.
"""

from collections.abc import Iterator
from copy import deepcopy
from secrets import token_hex
from typing import Any

from bot.playground.slack.kit.rules import Faults

INTERACTIVE = frozenset({"button", "overflow", "static_select"})


def characters(blocks: Any) -> int:
    """Return how many characters of text stand in blocks, at any depth."""
    return sum(len(node["text"]) for node in _nodes(blocks) if isinstance(node.get("text"), str))


def named(blocks: list[dict[str, Any]], faults: Faults) -> list[dict[str, Any]]:
    """Return the blocks with an id each, as Slack keeps them; report ids used twice."""
    whole = deepcopy(blocks)
    seen: set[str] = set()
    for index, block in enumerate(whole):
        block.setdefault("block_id", token_hex(3))
        if block["block_id"] in seen:
            faults.add("`block_id` already exists", f"/blocks/{index}/block_id")
        seen.add(block["block_id"])
        _name_elements(block, f"/blocks/{index}", faults)
    return whole


def _name_elements(block: dict[str, Any], at: str, faults: Faults) -> None:
    seen: set[str] = set()
    for node in _nodes(block):
        if node.get("type") not in INTERACTIVE:
            continue
        node.setdefault("action_id", token_hex(3))
        if node["action_id"] in seen:
            faults.add("`action_id` already exists", f"{at}/elements")
        seen.add(node["action_id"])


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in list(value.values()):
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)
