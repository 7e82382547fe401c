"""Configuration for people and programs: keys with values and origins, a file explained, history.

Pure, from values to text; what is shown is decided in `bot.cli.config`.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from bot.adapters.runtime_settings import Change, Setting
from bot.cli.formats.grid import printed
from bot.cli.formats.look import Look
from bot.cli.formats.prose import one_line
from core.models import Omission
from core.repo_config import Effective, Layer, LayerKind

SCHEMA: Final = "argus.configuration/1"
"""Fields are only ever added within a version."""


def table(effective: Effective, look: Look, *, origins: bool) -> str:
    """Return a line a key: what applies, and with `origins` who said it."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column("KEY", no_wrap=True)
    grid.add_column("VALUE", overflow="fold")
    if origins:
        grid.add_column("ORIGIN", overflow="fold")
    for key, value in effective.values():
        layer = effective.origin(key)
        style = "dim" if layer.kind is LayerKind.DEFAULTS else ""
        row = [Text(key, style=style), Text(shown(value), style=style)]
        grid.add_row(*row, *([Text(origin(layer), style=style)] if origins else []))
    return printed(grid, look)


def document(effective: Effective, notes: Sequence[str], **more: Any) -> str:
    """Return the same as one JSON document, always with origins."""
    values = {
        key: {"value": value, "origin": _origin_of(effective.origin(key))}
        for key, value in effective.values()
    }
    return _dumped({**more, "values": values, "notes": list(notes)})


def explained(
    path: str, where: str, omission: Omission | None, profiles: Sequence[str], words: Sequence[str]
) -> str:
    """Return in sentences whether a file is read, and what is said about it."""
    lines = [f"{one_line(path)} in {where}: {verdict(omission)}"]
    if profiles:
        lines.append(f"Profiles that apply: {', '.join(profiles)}.")
    lines += [f"Instructions: {one_line(each)}" for each in words]
    return "\n".join(lines) + "\n"


def verdict(omission: Omission | None) -> str:
    """Return whether a file is read, as far as its path tells."""
    if omission is None:
        return "it is read when it changes, unless its content rules it out (binary, generated)."
    detail = f" ({omission.detail})" if omission.detail else ""
    return f"it is not read: {omission.reason.value}{detail}."


def changes_table(changes: Sequence[Change], look: Look) -> str:
    """Return a line a change of the operator's settings, newest first."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("WHEN", "WHO", "FOR", "KEY"):
        grid.add_column(name, no_wrap=True)
    grid.add_column("FROM", overflow="fold")
    grid.add_column("TO", overflow="fold")
    for change in changes:
        cells = (
            f"{_moment(change.at):%Y-%m-%d %H:%M:%S} UTC",
            one_line(change.who),
            _scope(change.scope),
            change.key,
            setting(change.before),
            setting(change.after),
        )
        grid.add_row(*(Text(cell) for cell in cells))
    return printed(grid, look)


def changes_document(changes: Sequence[Change]) -> str:
    """Return changes as one JSON document; times are seconds since 1970."""
    return _dumped({"changes": [change.model_dump(mode="json") for change in changes]})


def setting(found: Setting | None) -> str:
    """Return a setting in a word or two."""
    if found is None:
        return "not set"
    return f"{shown(found.value)}{', locked' if found.locked else ''}"


def shown(value: object) -> str:
    """Return a value on one line, with nothing hidden in it."""
    return one_line(json.dumps(value, ensure_ascii=False))


def origin(layer: Layer) -> str:
    """Return who said something."""
    if layer.kind in {LayerKind.DEFAULTS, LayerKind.ENVIRONMENT}:
        return str(layer.kind)
    return f"{layer.kind}: {one_line(layer.name)}"


def _origin_of(layer: Layer) -> dict[str, str]:
    return {"layer": layer.kind.value, "name": layer.name}


def _scope(scope: str) -> str:
    kind, _, name = scope.partition(":")
    return one_line(name) or ("everybody" if kind == LayerKind.INSTANCE else kind)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _dumped(found: dict[str, Any]) -> str:
    return json.dumps({"schema": SCHEMA, **found}, indent=2, ensure_ascii=False) + "\n"
