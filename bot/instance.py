"""Argus as a whole, as people in Slack may see it: figures, parts, a repository's settings.

The words are the front end's; whoever asks was judged there.
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.adapters.ledger import RedisLedger
from bot.adapters.runtime_settings import RuntimeSettings
from bot.cli.places import open_place
from bot.metering import spent
from bot.probe import LedgerProbe
from core.feedback import proposals
from core.repo_config import Effective, LayerKind, RepoConfig
from core.repo_config.gathering import Sources, Subject, gather
from core.statistics import Statistics
from github.connect import Connections
from slack.blocks import Part

LONGEST_VALUE = 120
"""Characters of a setting that are shown."""


@dataclass(frozen=True)
class RunningInstance:
    """Implements `slack.commands.ports.Instance`."""

    ledger: RedisLedger
    probe: LedgerProbe
    connections: Connections
    runtime: RuntimeSettings
    environment: RepoConfig

    async def statistics(self) -> Statistics:
        """Return what happened since the first day. Raises TransientError."""
        return await statistics_of(self.ledger)

    async def checks(self) -> tuple[Part, ...]:
        """Look at every part now; never raises."""
        readiness = await self.probe.readiness()
        return tuple(
            Part(name, bool(entry["ok"]), str(entry.get("why", "")))
            for name, entry in readiness.components.items()
        )

    async def configuration(self, owner: str, repo: str) -> tuple[str, ...]:
        """Return what differs from the defaults on the default branch, and who says so."""
        place = await open_place(self.connections, owner, repo, "")
        sources = Sources(self.environment, self.runtime, place.organisation)
        gathered = await gather(place.read, Subject(place.ref, place.branch), sources)
        return (*_stated(gathered.configuration.stated), *gathered.notes)

    async def dismissed(self, repo_id: int) -> tuple[str, ...]:
        """Return the rules that people dismiss again and again. Raises TransientError."""
        return proposals(await self.ledger.feedback.counts(repo_id))


async def statistics_of(ledger: RedisLedger) -> Statistics:
    """Return what a ledger counted since its first day. Raises TransientError."""
    return Statistics(
        totals=await ledger.desk.totals(),
        spent=spent(await ledger.health.figures()),
        rules=await ledger.feedback.all_counts(),
    )


def _stated(effective: Effective) -> tuple[str, ...]:
    """Return a line for each key that somebody set."""
    lines = []
    for key, value in effective.values():
        layer = effective.origin(key)
        if layer.kind is not LayerKind.DEFAULTS:
            lines.append(f"{key}: {_shown(value)} ({layer.name or layer.kind})")
    return tuple(lines)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
