"""`config`: what applies where and who said it, and the operator's settings without a restart.

How it looks is decided in `formats.configuration`; what counts over what in `core.repo_config`.
"""

import json
import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bot.adapters.runtime_settings import RuntimeSettings, Scope, Setting
from bot.cli.configuration import unreadable
from bot.cli.exits import ConfigurationUnusable, ExitCode
from bot.cli.formats import configuration as render
from bot.cli.terminal import Terminal
from core.attributes import Attributes, parse_gitattributes
from core.commands.references import parse_repository
from core.errors import ConfigurationInvalid, UserError
from core.models import ChangeSet, FileChange, FileStatus, Hunk, Omission, PullRequestRef
from core.repo_config import (
    Configuration,
    Layer,
    LayerKind,
    RepoConfig,
    json_schema,
    parse_bytes,
)
from core.repo_config.gathering import (
    Gathered,
    Organisation,
    Read,
    Sources,
    Subject,
    gather,
    shortcomings,
)
from core.repo_config.settings import check_key, read_value
from core.selection import select

CHANGES: Final = 100
"""Changes that the history shows at most."""
HERE: Final = "this folder"


@dataclass(frozen=True, slots=True)
class Place:
    """A repository's files on one branch, and its owner."""

    ref: PullRequestRef
    branch: str
    read: Read
    organisation: Organisation | None


class Opens(Protocol):
    """Opens a repository on GitHub."""

    async def __call__(self, owner: str, repo: str, branch: str) -> Place:
        """Return it at a branch, the default one where none is named. Raises UserError."""
        ...


@dataclass(frozen=True, slots=True)
class Office:
    """What the commands work with."""

    environment: RepoConfig
    runtime: RuntimeSettings | None
    """None where no Redis is named."""
    opens: Opens
    terminal: Terminal
    folder: Path
    """Where files are read from when no repository is named."""
    who: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """For which repository and which kind of pull request something is asked."""

    owner: str = ""
    repo: str = ""
    branch: str = ""
    labels: tuple[str, ...] = ()
    teams: frozenset[str] = frozenset()

    @property
    def scope(self) -> Scope:
        """Return for whom a setting counts that is made for this."""
        if self.repo:
            return Scope(LayerKind.REPOSITORY, f"{self.owner}/{self.repo}")
        return Scope(LayerKind.ORGANISATION, self.owner) if self.owner else Scope()


def operator() -> str:
    """Return who runs this command, by the operating system."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


async def show(office: Office, asked: Asked, *, as_json: bool, origins: bool) -> ExitCode:
    """Print every key that applies. Raises UserError, TransientError."""
    gathered = await _gathered(office, asked)
    effective = gathered.configuration.stated
    if as_json:
        where = {"repository": f"{asked.owner}/{asked.repo}" if asked.repo else None}
        office.terminal.data(render.document(effective, gathered.notes, **where))
    else:
        office.terminal.data(render.table(effective, office.terminal.look, origins=origins))
    _say_notes(office, gathered)
    return ExitCode.CLEAN


async def explain(office: Office, path: str, asked: Asked, *, as_json: bool) -> ExitCode:
    """Print whether a file is read, why, and with which settings."""
    place = await _place(office, asked)
    gathered = await _gathered(office, asked, place)
    configuration = gathered.configuration.over([path])
    attributes = await place.read(".gitattributes") or b""
    stated = parse_gitattributes(attributes.decode(errors="replace"))
    omission = _omission(path, configuration, stated)
    words = [configuration.config.prompt.instructions]
    words += [each for _, _, each in configuration.instructions_by_files()]
    effective = configuration.for_file(path)
    if as_json:
        told = {
            "path": path,
            "read": omission is None,
            "why": render.verdict(omission),
            "profiles": list(configuration.profiles),
        }
        office.terminal.data(render.document(effective, gathered.notes, **told))
    else:
        where = str(asked.scope) if asked.repo else HERE
        said = [each for each in words if each.strip()]
        text = render.explained(path, where, omission, configuration.profiles, said)
        look = office.terminal.look
        office.terminal.data(f"{text}\n{render.table(effective, look, origins=True)}")
    _say_notes(office, gathered)
    return ExitCode.CLEAN


async def set_(office: Office, key: str, text: str, asked: Asked, *, lock: bool) -> ExitCode:
    """Set a key for everybody, an owner or a repository. Raises UserError, TransientError."""
    with _in_words():
        setting = Setting(value=read_value(check_key(key), text), locked=lock)
        before = await _runtime(office).set(asked.scope, key, setting, who=office.who())
    office.terminal.data(
        f"Set for {asked.scope}: {key} = {render.setting(setting)} "
        f"(before: {render.setting(before)}). The next review obeys it."
    )
    return ExitCode.CLEAN


async def unset(office: Office, key: str, asked: Asked) -> ExitCode:
    """Remove a setting. Raises UserError where there is none, TransientError."""
    before = await _runtime(office).unset(asked.scope, key, who=office.who())
    if before is None:
        raise UserError(
            f"`{key[:100]}` is not set for {asked.scope}.",
            next_step="`python -m bot config show --origin` tells what is set where.",
        )
    office.terminal.data(f"Unset for {asked.scope}: {key} (before: {render.setting(before)}).")
    return ExitCode.CLEAN


async def history(office: Office, asked: Asked, *, as_json: bool) -> ExitCode:
    """Print who changed what and when, of one scope, or of all where none is named."""
    scope = asked.scope if asked.owner else None
    changes = await _runtime(office).history(scope, CHANGES)
    if as_json:
        office.terminal.data(render.changes_document(changes))
    elif changes:
        office.terminal.data(render.changes_table(changes, office.terminal.look))
    else:
        office.terminal.say("Nothing was changed.")
    return ExitCode.CLEAN


def read_file(file: Path, most_bytes: int) -> bytes:
    """Return the beginning of a file. Raises ConfigurationUnusable."""
    try:
        with file.open("rb") as opened:
            return opened.read(most_bytes)
    except OSError as cause:
        raise unreadable(file, cause) from cause


def validate(name: str, raw: bytes, terminal: Terminal) -> ExitCode:
    """Print every problem of a file, one a line; 3 when there is any."""
    try:
        config = parse_bytes(raw, name)
    except ConfigurationInvalid as error:
        terminal.data("\n".join(f"{name}: {problem}" for problem in error.problems))
        return ExitCode.CONFIGURATION
    terminal.data(f"{name}: valid")
    for note in shortcomings(Configuration((Layer(LayerKind.REPOSITORY, name, config),))):
        terminal.say(note)
    return ExitCode.CLEAN


def schema() -> str:
    """Return the JSON Schema that is published for editors."""
    return json.dumps(json_schema(), indent=2) + "\n"


def named(text: str, web_url: str) -> tuple[str, str]:
    """Return owner and repository of a name or an address. Raises UserError."""
    found = parse_repository(text, web_url=web_url)
    return found.owner, found.repo


async def _gathered(office: Office, asked: Asked, place: Place | None = None) -> Gathered:
    """Return what applies; without a repository, what the operator says to all of them."""
    if not asked.repo and place is None:
        return await _of_operator(office, asked)
    place = place or await _place(office, asked)
    subject = Subject(place.ref, asked.branch or place.branch, asked.labels, teams=asked.teams)
    sources = Sources(office.environment, office.runtime, place.organisation)
    return await gather(place.read, subject, sources)


async def _of_operator(office: Office, asked: Asked) -> Gathered:
    layers = [Layer(LayerKind.ENVIRONMENT, "environment", office.environment)]
    notes: tuple[str, ...] = ()
    if office.runtime is not None:
        stored, notes = await office.runtime.layers_of(asked.owner)
        layers += stored
    return Gathered(Configuration(tuple(layers)), notes)


async def _place(office: Office, asked: Asked) -> Place:
    if asked.repo:
        return await office.opens(asked.owner, asked.repo, asked.branch)

    async def read(path: str) -> bytes | None:
        file = office.folder / path
        return file.read_bytes() if file.is_file() else None

    return Place(PullRequestRef(owner="", repo="", number=1), asked.branch, read, None)


def _omission(path: str, rules: Configuration, attributes: Attributes) -> Omission | None:
    """Return why a small text file of this path is left out, None when it is read."""
    hunk = Hunk(0, 0, 0, 0, "", ())
    file = FileChange(path, FileStatus.MODIFIED, additions=1, deletions=0, hunks=(hunk,))
    scope = select(ChangeSet((file,)), rules, attributes)
    return scope.omitted[0] if scope.omitted else None


@contextmanager
def _in_words() -> Iterator[None]:
    """Say what is wrong with a setting; it comes from no file and no branch."""
    try:
        yield
    except ConfigurationInvalid as cause:
        raise ConfigurationUnusable(
            "The setting was not taken.",
            why="; ".join(cause.problems) + ".",
            next_step="`python -m bot config show` lists the keys and what they hold.",
        ) from cause


def _runtime(office: Office) -> RuntimeSettings:
    if office.runtime is None:
        raise ConfigurationUnusable(
            "There is no server to keep settings in.",
            why="REDIS_URL is not set.",
            next_step="Set it to the server that web and worker use.",
        )
    return office.runtime


def _say_notes(office: Office, gathered: Gathered) -> None:
    if office.runtime is None:
        office.terminal.say("REDIS_URL is not set: settings made at run time are not shown.")
    for note in gathered.notes:
        office.terminal.say(note)
