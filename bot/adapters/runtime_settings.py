"""What the operator set for everybody, an owner or a repository: kept in Redis, asked each time.

Implements `core.repo_config.gathering.RuntimeSettings`. Every change is kept with who made it and
when; what a value may be is judged in `core.repo_config.settings`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.policy import Policy
from bot.adapters.ledger.scripts import Scripts, answer
from core.models import PullRequestRef
from core.models.value import Value
from core.repo_config import Layer, LayerKind
from core.repo_config.safe_yaml import Data
from core.repo_config.settings import as_config, check_key, usable

KEPT: Final = 1_000
"""Changes that are remembered."""
_NAME: Final = {
    LayerKind.INSTANCE: "everybody",
    LayerKind.ORGANISATION: "the owner",
    LayerKind.REPOSITORY: "the repository",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a setting counts."""

    kind: LayerKind = LayerKind.INSTANCE
    name: str = ""
    """`owner`, or `owner/repo`."""

    @property
    def id(self) -> str:
        """Return what its key ends in; GitHub's names do not differ by case."""
        return f"{self.kind}:{self.name.lower()}"

    def __str__(self) -> str:
        return self.name or _NAME[self.kind]


class Setting(Value):
    """A value, and whether nobody else's word counts against it."""

    value: Data
    locked: bool = False


class Change(Value):
    """One entry of the history; None stands for no setting."""

    at: float
    """Seconds since 1970, by the clock of the server."""
    who: str
    scope: str
    key: str
    before: Setting | None
    after: Setting | None


class _Who(Value):
    who: str
    scope: str
    key: str


class RuntimeSettings:
    """The settings of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, policy: Policy) -> None:
        self._redis = redis
        self._scripts = Scripts(redis, policy)

    async def layers(self, ref: PullRequestRef) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """Return what counts for a repository, and sentences about what cannot be used."""
        return await self.layers_of(ref.owner, ref.repo)

    async def layers_of(
        self, owner: str = "", repo: str = ""
    ) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """Return the same for an owner, or for everybody."""
        pipe = self._redis.pipeline(transaction=False)
        scopes = _scopes(owner, repo)
        for scope in scopes:
            pipe.hgetall(keys.lasting("settings", scope.id))
        layers: list[Layer] = []
        notes: list[str] = []
        for scope, stored in zip(scopes, await answer(pipe.execute()), strict=True):
            settings, unreadable = _read(stored)
            for layer, problems in _layers(scope, settings):
                layers.append(layer)
                unreadable += problems
            notes += [f"The operator's setting for {scope}: {each}." for each in unreadable]
        return tuple(layers), tuple(notes)

    async def of(self, scope: Scope) -> Mapping[str, Setting]:
        """Return what is set in one scope."""
        return _read(await answer(self._redis.hgetall(keys.lasting("settings", scope.id))))[0]

    async def set(self, scope: Scope, key: str, setting: Setting, *, who: str) -> Setting | None:
        """Set it, and return what stood there. Raises ConfigurationInvalid."""
        known, _ = usable({name: each.value for name, each in (await self.of(scope)).items()})
        as_config({**known, check_key(key): setting.value})
        return await self._change(scope, key, setting, who)

    async def unset(self, scope: Scope, key: str, *, who: str) -> Setting | None:
        """Remove it, and return what stood there, None where nothing did."""
        return await self._change(scope, key, None, who)

    async def history(self, scope: Scope | None, limit: int) -> tuple[Change, ...]:
        """Return the newest changes, of one scope or of all."""
        rows = await answer(self._redis.lrange(keys.lasting("settings_log"), 0, KEPT - 1))
        changes = (change for row in rows if (change := _change_from(row)))
        mine = (each for each in changes if scope is None or each.scope == scope.id)
        return tuple(each for each, _ in zip(mine, range(limit), strict=False))

    async def _change(
        self, scope: Scope, key: str, setting: Setting | None, who: str
    ) -> Setting | None:
        change = _Who(who=who[:100], scope=scope.id, key=key).model_dump_json()
        says = setting.model_dump_json() if setting else ""
        _, before = await self._scripts.call(
            "setting", scope=scope.id, key=key, says=says, change=change, kept=KEPT
        )
        return _setting_from(before.decode())


def _scopes(owner: str, repo: str) -> tuple[Scope, ...]:
    """Return the scopes that count, the widest first."""
    everybody, whole = Scope(), Scope(LayerKind.ORGANISATION, owner)
    one = Scope(LayerKind.REPOSITORY, f"{owner}/{repo}")
    return (everybody, *([whole] if owner else []), *([one] if repo else []))


def _layers(
    scope: Scope, settings: Mapping[str, Setting]
) -> Iterator[tuple[Layer, tuple[str, ...]]]:
    """Return a scope's settings as a layer, and those that are locked as another."""
    for locked in (False, True):
        values = {key: each.value for key, each in settings.items() if each.locked is locked}
        if values:
            good, problems = usable(values)
            kind = LayerKind.LOCK if locked else scope.kind
            name = f"{'locked' if locked else 'set'} for {scope}"
            yield Layer(kind, name, as_config(good)), problems


def _read(stored: Mapping[bytes, bytes]) -> tuple[dict[str, Setting], list[str]]:
    """Return settings by key, and a sentence for each that this version cannot read."""
    found: dict[str, Setting] = {}
    problems: list[str] = []
    for raw_key, raw in sorted(stored.items()):
        key = raw_key.decode(errors="replace")
        setting = _setting_from(raw.decode(errors="replace"))
        if setting is None:
            problems.append(f"`{key}` cannot be read and was ignored")
        else:
            found[key] = setting
    return found, problems


def _setting_from(text: str) -> Setting | None:
    try:
        return Setting.model_validate_json(text) if text else None
    except ValidationError:
        return None


def _change_from(row: bytes) -> Change | None:
    at, change, before, after = row.decode(errors="replace").split("\n", 3)
    try:
        made = _Who.model_validate_json(change)
    except ValidationError:
        return None
    return Change(
        at=int(at) / 1000,
        who=made.who,
        scope=made.scope,
        key=made.key,
        before=_setting_from(before),
        after=_setting_from(after),
    )
