"""What a layer of configuration may say: a strict schema, and the defaults below all layers.

Reading YAML safely and wording its problems is done beside it, in `loading`; how layers come
together in `layers` and `configuration`.
"""

from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from core.globs import MAX_LENGTH, check_glob
from core.models import Category
from core.repo_config.templates import check_template

MAX_PATTERNS = 100
"""Globs in one list; every changed file is held against each of them."""

MAX_TEXT = 4_000
"""Characters of one instruction; it travels in every prompt."""

MAX_INLINE_FINDINGS = 30
"""Comments in one review call; above 32 GitHub has answered 502 after posting them."""

MAX_PROFILES = 20
"""Profiles of one layer."""

MAX_PLACES = 200
"""Globs of all entries of `paths` and all profiles of one layer together."""

MAX_TEAMS = 10
"""Teams of one profile; each is a question to GitHub."""

_WORD = r"^[a-z][a-z0-9_-]{0,39}$"
_SLUG = r"^[a-z0-9][a-z0-9_-]{0,99}$"
_CHANNEL = r"^(#[^\s#@<>]{1,80}|[CG][A-Z0-9]{5,20}|)$"

PATTERN_WORDS = {
    _WORD: "should be a word of lower-case letters, digits, `-` and `_`, a letter first",
    _SLUG: "should be the slug of a team, the last part of its address, without the organisation",
    _CHANNEL: "should be a channel of Slack as `#name`, or its id",
}
"""What expressions ask for, in words."""

Pattern = Annotated[str, Field(max_length=MAX_LENGTH), AfterValidator(check_glob)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=MAX_PATTERNS)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Template = Annotated[Text, AfterValidator(check_template)]
Names = Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=100)]
Word = Annotated[str, Field(pattern=_WORD)]
"""A name that the configuration gives; it can be a part of a dotted key."""
Team = Annotated[str, Field(pattern=_SLUG)]
"""The slug of a team, the last part of its address."""
Channel = Annotated[str, Field(pattern=_CHANNEL)]
"""A channel of Slack by name, or by id. https://docs.slack.dev/reference/objects/channel-object"""
Event = Literal["opened", "reopened", "ready_for_review", "synchronize"]


class Section(BaseModel):
    """A mapping of the file: frozen, and unknown keys are problems."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FileRules(Section):
    """The rules that may differ from file to file."""

    include: Patterns = ("**/*",)
    """Files that are read."""
    ignore: Patterns = ("**/node_modules/**", "**/vendor/**")
    """Files that are left out all the same."""
    max_lines_per_file: Annotated[int, Field(ge=1, le=20_000)] = 1_000
    """Changed lines of a file beyond which it is left out, and the summary says so."""
    min_severity: Literal["important", "nit"] = "important"
    """What gets a comment on its line; the rest is listed in the summary."""
    categories: tuple[Category, ...] = tuple(Category)
    """Kinds of findings that are reported."""


class ReviewRules(FileRules):
    """`review`: whether, what and how much."""

    enabled: bool = True
    """False turns reviews off, those that people ask for too."""
    events: tuple[Event, ...] = ("opened", "reopened", "ready_for_review", "synchronize")
    """What starts a review without anybody asking; the operator may allow fewer."""
    drafts: bool = False
    """Also review drafts without being asked."""
    max_files: Annotated[int, Field(ge=1, le=3_000)] = 50
    """Files of one review, those most at risk first; the rest is listed as not read."""
    max_findings: Annotated[int, Field(ge=0, le=MAX_INLINE_FINDINGS)] = 5
    """Comments on lines in one review; the rest is listed in the summary."""
    gate: bool = False
    """True: open important findings fail the check."""

    def at(self, path: str) -> FileRules:  # noqa: ARG002 - these are the same for every path
        """Return the rules for a file."""
        return self


class PathRules(Section):
    """One entry of `paths`: what to mind in files that match, and rules of their own."""

    glob: Pattern
    """Files that it is about."""
    instructions: Text = ""
    """What reviewers are to mind in them."""
    review: FileRules = FileRules()
    """Rules for these files; a later entry wins."""


class PromptChoice(Section):
    """What a prompt says beside our own instructions."""

    template: Word = "default"
    """`default`, `security`, or one of `prompt.templates`."""
    instructions: Text = ""
    """The team's own words; where they stand is up to the template."""


class PromptRules(PromptChoice):
    """`prompt`: the template by name, the team's own words, and templates of its own."""

    templates: Annotated[dict[Word, Template], Field(max_length=10)] = {}
    """Templates by name; `$instructions` and a few other variables are filled in."""


class NotifyRules(Section):
    """`notify`: where an automatic review is announced."""

    slack: Channel = ""
    """A channel, as `#name` or by its id."""


class CommandRules(Section):
    """`commands`: what people may tell Argus on a pull request."""

    access: Literal["write", "triage", "read"] = "write"
    """The access to the repository that somebody needs."""


class Condition(Section):
    """When a profile applies: all that is given holds; of a list one is enough."""

    paths: Patterns = ()
    """A changed file matches. Rules of files and instructions then count for those files alone."""
    base: Patterns = ()
    """The branch that it is to be merged into."""
    labels: Names = ()
    """It carries this label."""
    teams: Annotated[tuple[Team, ...], Field(max_length=MAX_TEAMS)] = ()
    """Its author belongs to this team of the organisation."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.paths or self.base or self.labels or self.teams):
            raise ValueError("one of `paths`, `base`, `labels` and `teams` has to be given")
        return self


class Profile(Section):
    """Settings for some pull requests, or for some files of them."""

    when: Condition
    review: ReviewRules = ReviewRules()
    prompt: PromptChoice = PromptChoice()
    notify: NotifyRules = NotifyRules()

    @model_validator(mode="after")
    def _decides_in_time(self) -> Self:
        early = sorted({"enabled", "events", "drafts"} & self.review.model_fields_set)
        if self.when.paths and early:
            raise ValueError(
                f"a profile with `when.paths` cannot set `review.{early[0]}`, which is decided "
                "before the files are listed"
            )
        return self


class RepoConfig(Section):
    """The whole of `.argus.yaml`; `model_fields_set` tells what a layer says itself."""

    review: ReviewRules = ReviewRules()
    paths: Annotated[tuple[PathRules, ...], Field(max_length=MAX_PATTERNS)] = ()
    """What to mind in which files."""
    prompt: PromptRules = PromptRules()
    notify: NotifyRules = NotifyRules()
    commands: CommandRules = CommandRules()
    ignore_authors: Names = ()
    """Logins whose pull requests are reviewed only when somebody asks."""
    ignore_labels: Names = ()
    """Labels with which a pull request is reviewed only when somebody asks."""
    profiles: Annotated[dict[Word, Profile], Field(max_length=MAX_PROFILES)] = {}
    """Settings by name, each with the condition under which they apply."""

    @model_validator(mode="after")
    def _looks_at_few_places(self) -> Self:
        globs = len(self.paths) + sum(len(each.when.paths) for each in self.profiles.values())
        if globs > MAX_PLACES:
            raise ValueError(
                f"`paths` and all `when.paths` may have at most {MAX_PLACES} patterns together"
            )
        return self


def section_at(path: tuple[str | int, ...]) -> type[Section] | None:
    """Return the section that a place of the file holds, None where it holds a plain value."""
    found: Any = RepoConfig
    for part in path:
        if isinstance(found, type) and issubclass(found, Section):
            field = found.model_fields.get(str(part))
            found = None if field is None else field.annotation
        else:
            found = _entry(found)
    return found if isinstance(found, type) and issubclass(found, Section) else None


def _entry(annotation: Any) -> Any:
    """Return what a list or a mapping by name holds."""
    kinds = get_args(annotation)
    holds_entries = get_origin(annotation) in {tuple, dict}
    return kinds[0 if get_origin(annotation) is tuple else 1] if holds_entries else None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that editors check `.argus.yaml` with."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **RepoConfig.model_json_schema(),
        "title": "Argus repository configuration",
    }
