"""`.argus.yaml`: the schema and its defaults, safe reading, layers, and what they rule out.

Which files hold it and from which commit they come is in `FILENAMES` and in `core.review`:
always the base branch, never the head, so that a pull request cannot configure its own review.
"""

from core.repo_config.layers import instructions_for, layered, not_built_yet, ruled_out
from core.repo_config.loading import parse
from core.repo_config.schema import (
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
    "FILENAMES",
    "NotifyRules",
    "PathRules",
    "PromptRules",
    "RepoConfig",
    "ReviewRules",
    "instructions_for",
    "json_schema",
    "layered",
    "not_built_yet",
    "parse",
    "ruled_out",
]
