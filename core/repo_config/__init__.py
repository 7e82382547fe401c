"""Configuration: the schema and its defaults, safe reading, layers, profiles, what they rule out.

Files are always read from the base branch, never the head, so that a pull request cannot
configure its own review; `gathering` reads them and stays out of here, as it needs ports.
"""

from core.repo_config.configuration import Configuration, Rules, Situation, teams_named
from core.repo_config.layers import DEFAULTS, Effective, Layer, LayerKind, stacked
from core.repo_config.loading import checked, parse, parse_bytes, sentences
from core.repo_config.ruling import ruled_out
from core.repo_config.schema import (
    CommandRules,
    FileRules,
    NotifyRules,
    PathRules,
    PromptRules,
    RepoConfig,
    ReviewRules,
    json_schema,
)

FILENAMES = (".argus.yaml", ".github/argus.yaml")
"""Looked for in this order; the first that exists counts."""

__all__ = [
    "DEFAULTS",
    "FILENAMES",
    "CommandRules",
    "Configuration",
    "Effective",
    "FileRules",
    "Layer",
    "LayerKind",
    "NotifyRules",
    "PathRules",
    "PromptRules",
    "RepoConfig",
    "ReviewRules",
    "Rules",
    "Situation",
    "checked",
    "json_schema",
    "parse",
    "parse_bytes",
    "ruled_out",
    "sentences",
    "stacked",
    "teams_named",
]
