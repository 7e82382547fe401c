"""What a suggestion may touch and hold: one click commits it in the reader's name.

Whether it applies and parses is judged in `core.findings.suggestions`; what is posted passes the
same rules once more where it is rendered.
"""

import re
from typing import Final

from core.prompts.visible import reveal

_GUARDED: Final = re.compile(
    r"""(?:^|/)(?:
        \.github/.*|\.gitea/.*|\.forgejo/.*|\.circleci/.*|\.buildkite/.*|\.woodpecker/.*
        |\.teamcity/.*|\.husky/.*|\.githooks/.*|\.devcontainer/.*|\.vscode/.*|\.idea/.*|\.cargo/.*
        |\.gitlab-ci\.ya?ml|\.travis\.ya?ml|\.drone\.ya?ml|azure-pipelines.*\.ya?ml
        |bitbucket-pipelines\.ya?ml|appveyor\.ya?ml|cloudbuild\.ya?ml|buildspec\.ya?ml
        |jenkinsfile[^/]*|action\.ya?ml|codeowners|renovate\.json5?|dependabot\.ya?ml
        |\.pre-commit-config\.ya?ml|lefthook\.ya?ml|\.?argus\.ya?ml|\.envrc
        |\.gitmodules|\.gitattributes|\.npmrc|\.pnpmfile\.c?js|\.yarnrc(?:\.ya?ml)?|\.pypirc
        |pip\.conf|package\.json|composer\.json|pyproject\.toml|setup\.(?:py|cfg)|conftest\.py
        |sitecustomize\.py|noxfile\.py|tox\.ini|requirements[^/]*\.txt|pipfile
        |cargo\.toml|build\.rs|gemfile|rakefile|[^/]*\.gemspec|go\.mod|pom\.xml|build\.sbt
        |[^/]*\.gradle(?:\.kts)?|[^/]*\.csproj|directory\.build\.(?:props|targets)|nuget\.config
        |(?:pre|post)?install(?:\.[a-z]+)?|extconf\.rb|binding\.gyp|makefile|[^/]*\.mk|justfile
        |cmakelists\.txt|dockerfile(?:[.-][^/]*)?|[^/]*\.dockerfile|(?:docker-)?compose[^/]*\.ya?ml
        |vagrantfile|procfile|[^/]*\.(?:sh|bash|zsh|ps1|bat|cmd)
        |[^/]*\.lock|[^/]*\.lockb|[^/]*\.lockfile|[^/]*[-.]lock\.(?:json|ya?ml)
        |npm-shrinkwrap\.json|packages\.lock\.json|go\.sum|pnpm-lock\.yaml
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Workflows, owners, lock files, install hooks, manifests, scripts: one click there runs code."""
_ADDRESS: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://[^\s\"'`<>)]+|\bwww\.[^\s\"'`<>)]+"
    r"|(?<=[\"'`(=])//[\w-]+\.[^\s\"'`<>)]+",
    re.IGNORECASE,
)
_RUNS_REMOTE_CODE: Final = re.compile(
    r"(?:curl|wget|iwr|irm|fetch)\b[^\n]*\|\s*(?:sudo\s+)?[\w/]*(?:sh|python\d?|node|perl|ruby|iex)\b"
    r"|(?:\bsh|\bbash|\bzsh|\beval|\bsource|\.)\s+(?:-c\s+)?[\"']?(?:<\(|\$\(|`)\s*(?:curl|wget)\b"
    r"|\$\{\{",
    re.IGNORECASE,
)


def is_guarded(path: str) -> bool:
    """Tell whether a change of this file runs with somebody's rights."""
    return _GUARDED.search(path) is not None


def is_harmless(new: str, old: str) -> bool:
    """Tell whether a text that replaces another brings nothing but code that can be seen.

    An address that stands there already may stay.
    """
    return (
        reveal(new) == new
        and set(_ADDRESS.findall(new)) <= set(_ADDRESS.findall(old))
        and not _RUNS_REMOTE_CODE.search(new)
    )
