"""What counts as generated, vendored or a lock file: linguist's attributes, paths, headers.

The attributes come from the base branch's `.gitattributes`, so that a pull request cannot take
its own files out of the review; the built-in lists apply where they say nothing.
https://github.com/github-linguist/linguist/blob/main/docs/overrides.md
"""

import re
from dataclasses import dataclass

from core.globs import Glob, InvalidGlob, check_glob, first_match
from core.models import FileChange, FileStatus, LineKind, OmissionReason

MAX_ATTRIBUTES_BYTES = 65_536
"""Bytes of a `.gitattributes` that are looked at."""

MAX_RULES = 100
"""Rules with a linguist attribute; each costs a match for every changed file."""

_HEADER_LINES = 20
"""Lines of a file in which a generator signs its work."""

_HEADER_CHARACTERS = 300
"""Characters of such a line that are looked at."""

_HEADER = re.compile(r"Code generated\b.{0,200}\bDO NOT EDIT|@generated\b", re.IGNORECASE)

_LOCK_FILES = frozenset(
    {
        "Cargo.lock",
        "Gemfile.lock",
        "Package.resolved",
        "Pipfile.lock",
        "Podfile.lock",
        "bun.lock",
        "bun.lockb",
        "composer.lock",
        "conda-lock.yml",
        "deno.lock",
        "flake.lock",
        "go.sum",
        "go.work.sum",
        "gradle.lockfile",
        "mix.lock",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "packages.lock.json",
        "pdm.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "pubspec.lock",
        "uv.lock",
        "yarn.lock",
    }
)

_VENDORED = tuple(
    Glob(text)
    for text in (
        "**/vendor/**",
        "**/node_modules/**",
        "**/third_party/**",
        "**/third-party/**",
        "**/bower_components/**",
        "**/Pods/**",
        "**/.yarn/releases/**",
        "**/.yarn/plugins/**",
    )
)

_GENERATED = tuple(
    Glob(text)
    for text in (
        "**/dist/**",
        "**/__snapshots__/**",
        "**/__generated__/**",
        "*.snap",
        "*.min.js",
        "*.min.css",
        "*.js.map",
        "*.css.map",
        "*.pb.go",
        "*.pb.cc",
        "*.pb.h",
        "*_pb2.py",
        "*_pb2.pyi",
        "*_pb2_grpc.py",
        "*_pb.js",
        "*.pb.dart",
        "*.g.dart",
        "*.freezed.dart",
        "*.designer.cs",
        "*.Designer.cs",
    )
)


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """One line of `.gitattributes`; None leaves an attribute to the other rules."""

    glob: Glob
    generated: bool | None = None
    vendored: bool | None = None


@dataclass(frozen=True, slots=True)
class Attributes:
    """The repository's linguist attributes; later rules win, as in git."""

    rules: tuple[AttributeRule, ...] = ()

    def ruled_out(self, file: FileChange) -> tuple[OmissionReason, str] | None:
        """Return why a file is nobody's to review and what tells so, or None."""
        if file.path.rpartition("/")[2] in _LOCK_FILES:
            return OmissionReason.LOCKFILE, ""
        vendored, generated = self._stated(file.path)
        if vendored:
            return OmissionReason.VENDORED, "linguist-vendored in .gitattributes"
        if generated:
            return OmissionReason.GENERATED, "linguist-generated in .gitattributes"
        if vendored is None and (glob := first_match(_VENDORED, file.path)):
            return OmissionReason.VENDORED, glob.text
        if generated is None and (sign := _sign_of_a_generator(file)):
            return OmissionReason.GENERATED, sign
        return None

    def _stated(self, path: str) -> tuple[bool | None, bool | None]:
        vendored: bool | None = None
        generated: bool | None = None
        parts = path.split("/")
        for rule in self.rules:
            if rule.glob.matches_parts(parts):
                vendored = vendored if rule.vendored is None else rule.vendored
                generated = generated if rule.generated is None else rule.generated
        return vendored, generated


def parse_gitattributes(text: str) -> Attributes:
    """Return the linguist attributes of a `.gitattributes`; what is not understood is skipped."""
    rules: list[AttributeRule] = []
    for line in text[:MAX_ATTRIBUTES_BYTES].splitlines():
        pattern, *words = line.split() or [""]
        if "linguist-" not in line or pattern.startswith("#"):
            continue
        try:
            glob = Glob(check_glob(pattern), whole_directories=False)
        except InvalidGlob:
            continue
        rule = AttributeRule(
            glob,
            generated=_value("linguist-generated", words),
            vendored=_value("linguist-vendored", words),
        )
        if rule.generated is not None or rule.vendored is not None:
            rules.append(rule)
    return Attributes(tuple(rules[-MAX_RULES:]))


def _value(name: str, words: list[str]) -> bool | None:
    """Read `name`, `-name`, `name=true` or `name=false`; the last one counts."""
    value: bool | None = None
    for word in words:
        if word in {name, f"{name}=true"}:
            value = True
        elif word in {f"-{name}", f"{name}=false"}:
            value = False
    return value


def _sign_of_a_generator(file: FileChange) -> str:
    glob = first_match(_GENERATED, file.path)
    if glob:
        return glob.text
    return "header says so" if _has_generated_header(file) else ""


def _has_generated_header(file: FileChange) -> bool:
    """Look for the header in a new file, or where an old file kept it.

    A header that the change itself adds to existing code would hide that code from the review.
    """
    trusted = {LineKind.CONTEXT}
    if file.status is FileStatus.ADDED:
        trusted.add(LineKind.ADDED)
    return any(
        _HEADER.search(line.text[:_HEADER_CHARACTERS])
        for hunk in (file.hunks or ())[:1]
        for line in hunk.lines[: 2 * _HEADER_LINES]
        if line.kind in trusted and line.new is not None and line.new <= _HEADER_LINES
    )
