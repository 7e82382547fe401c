"""What `.argus.yaml` may say: a strict schema with the defaults that apply without a file.

Reading YAML safely and wording its problems is done beside it, in `loading`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.models import Category, Severity

MAX_PATTERNS = 100
"""Globs in one list; with the bounds below, matching stays linear and under a millisecond."""

MAX_PATTERN_LENGTH = 256
"""Characters of one glob."""

MAX_DOUBLE_STARS = 5
"""`**` in one glob; each multiplies the ways in which a path can be split."""

MAX_TEXT = 4_000
"""Characters of one instruction; it travels in every prompt."""

MAX_INLINE_FINDINGS = 30
"""Comments in one review call; above 32 GitHub has answered 502 after posting them."""


def check_glob(glob: str) -> str:
    """Return a glob that is cheap to match; raises ValueError with a sentence otherwise."""
    if not glob.strip():
        raise ValueError("a pattern may not be empty")
    if len(glob) > MAX_PATTERN_LENGTH:
        raise ValueError(f"a pattern may have at most {MAX_PATTERN_LENGTH} characters")
    if glob.count("**") > MAX_DOUBLE_STARS:
        raise ValueError(f"a pattern may have at most {MAX_DOUBLE_STARS} `**`")
    if any(ord(character) < ord(" ") for character in glob):
        raise ValueError("a pattern may not hold control characters")
    return glob


Glob = Annotated[str, AfterValidator(check_glob)]
Globs = Annotated[tuple[Glob, ...], Field(max_length=MAX_PATTERNS)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Names = Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=100)]


class Section(BaseModel):
    """A mapping of the file: frozen, and unknown keys are problems."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReviewRules(Section):
    """`review`: whether, what and how much."""

    enabled: bool = True
    events: tuple[Literal["opened", "reopened", "ready_for_review", "synchronize"], ...] = (
        "opened",
        "reopened",
        "ready_for_review",
        "synchronize",
    )
    drafts: bool = False
    max_files: Annotated[int, Field(ge=1, le=3_000)] = 50
    max_lines_per_file: Annotated[int, Field(ge=1, le=20_000)] = 1_000
    include: Globs = ("**/*",)
    ignore: Globs = ("**/node_modules/**", "**/vendor/**")
    min_severity: Literal[Severity.IMPORTANT, Severity.NIT] = Severity.IMPORTANT
    max_findings: Annotated[int, Field(ge=0, le=MAX_INLINE_FINDINGS)] = 5
    gate: bool = False
    categories: tuple[Category, ...] = tuple(Category)


class PathRules(Section):
    """One entry of `paths`: what to mind in files that match."""

    glob: Glob
    instructions: Text


class PromptRules(Section):
    """`prompt`: the template by name, and the team's own words."""

    template: Literal["default"] = "default"
    instructions: Text = ""


class NotifyRules(Section):
    """`notify`: where an automatic review is announced."""

    slack: Annotated[str, Field(max_length=100)] = ""


class RepoConfig(Section):
    """The whole of `.argus.yaml`; `model_fields_set` tells what a layer says itself."""

    review: ReviewRules = ReviewRules()
    paths: Annotated[tuple[PathRules, ...], Field(max_length=MAX_PATTERNS)] = ()
    prompt: PromptRules = PromptRules()
    notify: NotifyRules = NotifyRules()
    ignore_authors: Names = ()
    ignore_labels: Names = ()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that editors check `.argus.yaml` with."""
    return RepoConfig.model_json_schema() | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Argus repository configuration",
    }
