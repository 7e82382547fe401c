"""What the base branch says about reviews: configuration, attributes, guidance for reviewers.

Always read at the base branch's tip: nothing in a pull request configures its own review.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.attributes import MAX_ATTRIBUTES_BYTES, Attributes, parse_gitattributes
from core.errors import ConfigurationInvalid
from core.globs import Glob
from core.models import FileChange, PullRequest
from core.ports import Host
from core.repo_config import FILENAMES, RepoConfig, layered, not_built_yet, parse
from core.together import together

GUIDANCE_FILES = ("AGENTS.md", "CLAUDE.md", "REVIEW.md", ".github/copilot-instructions.md")
"""Where repositories tell agents and reviewers how they work."""

MAX_GUIDANCE_CHARACTERS = 8_000
"""Characters of one guidance file; it travels in every prompt."""

_MAX_ALL_GUIDANCE = 16_000
"""Characters of all of them."""

_READS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class BaseFiles:
    """Attributes, and guidance by the file it comes from."""

    attributes: Attributes
    guidance: Mapping[str, str]


async def read_configuration(
    host: Host, pull: PullRequest, defaults: RepoConfig
) -> tuple[RepoConfig, tuple[str, ...]]:
    """Return the configuration that applies, and sentences about what of it does not."""
    found = await _texts(host, pull.base, FILENAMES)
    if not found:
        return defaults, ()
    source, raw = next(iter(found.items()))
    notes = [f"{other} is not used, {source} is." for other in list(found)[1:]]
    try:
        config = layered(defaults, parse(_strict_text(raw, source), source))
    except ConfigurationInvalid as error:
        ignored = f"{source} on `{pull.base_branch}` was ignored as a whole"
        notes += [f"{ignored}: {_ended(problem)}" for problem in error.problems]
        return defaults, tuple(notes)
    return config, (*notes, *not_built_yet(config))


async def read_base_files(host: Host, pull: PullRequest) -> BaseFiles:
    """Return what else the base branch says."""
    found = await _texts(host, pull.base, (".gitattributes", *GUIDANCE_FILES))
    attributes = found.pop(".gitattributes", b"")[:MAX_ATTRIBUTES_BYTES]
    guidance: dict[str, str] = {}
    room = _MAX_ALL_GUIDANCE
    for path, raw in found.items():
        text = raw.decode(errors="replace").strip()[: min(MAX_GUIDANCE_CHARACTERS, room)]
        if text and text not in guidance.values():  # one is often a link to another
            guidance[path] = text
            room -= len(text)
    return BaseFiles(parse_gitattributes(attributes.decode(errors="replace")), guidance)


def instructions(
    config: RepoConfig, files: Sequence[FileChange], guidance: Mapping[str, str]
) -> str:
    """Return the team's wishes for these files as one text; all of it is untrusted guidance."""
    parts: list[str] = []
    if config.prompt.instructions.strip():
        parts.append(_part("From the configuration", config.prompt.instructions))
    for rule in config.paths:
        glob = Glob(rule.glob)
        if rule.instructions.strip() and any(glob.matches(file.path) for file in files):
            parts.append(_part(f"For files that match {rule.glob}", rule.instructions))
    parts += [_part(f"From {path} on the base branch", text) for path, text in guidance.items()]
    return "\n\n".join(parts)


async def _texts(host: Host, commit: str, paths: Iterable[str]) -> dict[str, bytes]:
    """Return those of the files that exist, in this order."""
    paths = tuple(paths)
    texts = await together([partial(host.text, path, commit) for path in paths], _READS_AT_ONCE)
    return {path: raw for path, raw in zip(paths, texts, strict=True) if raw is not None}


def _strict_text(raw: bytes, source: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationInvalid(source, ("it is not UTF-8 text",)) from error


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _part(title: str, text: str) -> str:
    return f"{title}:\n{text.strip()}"
