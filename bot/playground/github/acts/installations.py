"""Installations of the App: made, suspended, removed, pointed at other repositories."""

from collections.abc import Callable
from typing import Final

from bot.playground.github.records import Installation
from bot.playground.github.shapes.accounts import installation, user
from bot.playground.github.shapes.repositories import minimal
from bot.playground.github.world import World, reaches


def announce(world: World, record: Installation, action: str) -> None:
    """Send an `installation` event."""
    covered = [repo for repo in world.repos.values() if reaches(record, repo)]
    payload = {
        "installation": installation(world, record),
        "repositories": [minimal(repo) for repo in covered],
        "requester": None,
        "sender": user(world.site, record.account),
    }
    world.emit("installation", action, None, payload)


def choose(world: World, record: Installation, ids: set[int] | None) -> None:
    """Cover other repositories; None covers all."""
    before = {repo.id for repo in world.repos.values() if reaches(record, repo)}
    record.repo_ids = ids
    after = {repo.id for repo in world.repos.values() if reaches(record, repo)}
    for action, changed in (("added", after - before), ("removed", before - after)):
        if not changed:
            continue
        rows = [minimal(world.repos[number]) for number in sorted(changed)]
        payload = {
            "installation": installation(world, record),
            "repository_selection": "all" if ids is None else "selected",
            "repositories_added": rows if action == "added" else [],
            "repositories_removed": rows if action == "removed" else [],
            "requester": None,
            "sender": user(world.site, record.account),
        }
        world.emit("installation_repositories", action, None, payload)


def suspend(world: World, record: Installation) -> None:
    """Suspend: its tokens are refused, its events are not sent."""
    record.suspended_at = world.now()
    announce(world, record, "suspend")


def unsuspend(world: World, record: Installation) -> None:
    """Undo a suspension."""
    record.suspended_at = None
    announce(world, record, "unsuspend")


def uninstall(world: World, record: Installation) -> None:
    """Remove the App: its tokens are worthless from now on."""
    announce(world, record, "deleted")
    world.installations.pop(record.id, None)


ACTIONS: Final[dict[str, Callable[[World, Installation], None]]] = {
    "suspend": suspend,
    "unsuspend": unsuspend,
    "uninstall": uninstall,
}
