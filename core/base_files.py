"""What the base branch says about reviews beside its configuration: attributes, guidance.

Always read at the base branch's tip: nothing in a pull request tells how it is to be reviewed.
The configuration itself is gathered in `core.repo_config.gathering`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.attributes import MAX_ATTRIBUTES_BYTES, Attributes, parse_gitattributes
from core.globs import Glob, first_match
from core.models import FileChange, PullRequest
from core.ports import Host
from core.repo_config import Configuration
from core.repo_config.templates import BUILT_IN, built_in, fill_in
from core.selection import suffix
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
    configuration: Configuration,
    pull: PullRequest,
    files: Sequence[FileChange],
    guidance: Mapping[str, str],
) -> str:
    """Return the team's wishes for these files as one text; all of it is untrusted guidance."""
    parts: list[str] = []
    wishes = _wishes(configuration, pull, files)
    if wishes:
        parts.append(_part("From the configuration", wishes))
    for whose, patterns, words in configuration.instructions_by_files():
        globs = tuple(Glob(text) for text in patterns)
        if any(first_match(globs, file.path) for file in files):
            parts.append(_part(f"For files that match {', '.join(patterns)}{whose}", words))
    parts += [_part(f"From {path} on the base branch", text) for path, text in guidance.items()]
    return "\n\n".join(parts)


def _wishes(configuration: Configuration, pull: PullRequest, files: Sequence[FileChange]) -> str:
    """Fill in the template; one that is not there has been told of and gives way to the default."""
    config = configuration.config
    own = config.prompt.templates.get(config.prompt.template)
    name = config.prompt.template if config.prompt.template in BUILT_IN else BUILT_IN[0]
    extensions = Counter(suffix(file.path).removeprefix(".") for file in files)
    return fill_in(
        built_in(name) if own is None else own,
        {
            "instructions": config.prompt.instructions,
            "repository": pull.ref.repository,
            "base_branch": pull.base_branch,
            "languages": ", ".join(each for each, _ in extensions.most_common() if each),
            "categories": ", ".join(config.review.categories),
            "max_findings": str(config.review.max_findings),
        },
    )


async def _texts(host: Host, commit: str, paths: Iterable[str]) -> dict[str, bytes]:
    """Return those of the files that exist, in this order."""
    paths = tuple(paths)
    texts = await together([partial(host.text, path, commit) for path in paths], _READS_AT_ONCE)
    return {path: raw for path, raw in zip(paths, texts, strict=True) if raw is not None}


def _part(title: str, text: str) -> str:
    return f"{title}:\n{text.strip()}"
