"""What `.argus.yaml` may say: a strict schema with the defaults that apply without a file.

Reading YAML safely and wording its problems is done beside it, in `loading`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.globs import check_glob
from core.models import Category

MAX_PATTERNS = 100
"""Globs in one list; every changed file is held against each of them."""

MAX_TEXT = 4_000
"""Characters of one instruction; it travels in every prompt."""

MAX_INLINE_FINDINGS = 30
"""Comments in one review call; above 32 GitHub has answered 502 after posting them."""

Pattern = Annotated[str, AfterValidator(check_glob)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=MAX_PATTERNS)]
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
    include: Patterns = ("**/*",)
    ignore: Patterns = ("**/node_modules/**", "**/vendor/**")
    min_severity: Literal["important", "nit"] = "important"
    max_findings: Annotated[int, Field(ge=0, le=MAX_INLINE_FINDINGS)] = 5
    gate: bool = False
    categories: tuple[Category, ...] = tuple(Category)


class PathRules(Section):
    """One entry of `paths`: what to mind in files that match."""

    glob: Pattern
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


SECTIONS: dict[str, type[Section]] = {
    "review": ReviewRules,
    "paths": PathRules,
    "prompt": PromptRules,
    "notify": NotifyRules,
}
"""What the keys at the top hold; `paths` holds a list of them."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that editors check `.argus.yaml` with."""
    return RepoConfig.model_json_schema() | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Argus repository configuration",
    }
