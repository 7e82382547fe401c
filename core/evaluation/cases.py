"""A case of a dataset: one change, and what is known to be wrong with it.

Only its form is judged here; the change itself is opened by the caller. Texts may be written as
lists of lines, which people can read and compare in a repository.
"""

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from core.context.languages import extension, language_of
from core.errors import UserError
from core.models import Severity, Side

MOST_PROBLEMS = 5
"""Told of one file; the rest shows up when these are corrected."""
SHOWN_CHARACTERS = 60
"""Of a wrong value that is repeated to the person."""
DIGEST_LENGTH = 16
DIALECTS: Mapping[str, str] = {"tsx": "typescript", "bash": "shell"}
"""Grammars that a table of figures calls by another name."""


def _joined(given: object) -> object:
    """Accept a list of lines where a text is meant; the last line ends too."""
    if isinstance(given, list) and all(isinstance(line, str) for line in given):
        return "".join(f"{line}\n" for line in given)
    return given


Text = Annotated[str, BeforeValidator(_joined)]
Named = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    """Refuses keys that it does not know, so that a slip of the pen is not taken for nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Golden(_Strict):
    """Something known to be wrong, where it stands, in words."""

    path: Named
    line: Annotated[int, Field(ge=1)]
    """Counted in the file after the change, before it for `LEFT`."""
    end_line: Annotated[int, Field(ge=1)] | None = None
    side: Side = Side.RIGHT
    severity: Severity
    kind: str = ""
    """Which kind of defect it is, in the dataset's own words."""
    text: Named

    @property
    def last(self) -> int:
        """Return the last line it is about."""
        return self.end_line or self.line

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.line:
            raise ValueError("`end_line` is before `line`")
        return self


class Repository(_Strict):
    """A range of a git repository on this machine."""

    path: Named
    """From the case's file, or absolute."""
    base: Named
    head: Named


class Case(_Strict):
    """One change with what is known of it; without any known issue it is a clean one."""

    id: str = ""
    title: str = ""
    body: str = ""
    language: str = ""
    """What the case counts as; empty: what its files are written in."""
    patch: Text = ""
    """A unified diff, as git prints it."""
    files: dict[str, Text] = Field(default_factory=dict)
    """Files after the change by path, and others of the repository that are to be known."""
    repository: Repository | None = None
    pull_request: str = ""
    """Address of a pull request on the configured GitHub."""
    golden: tuple[Golden, ...]

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        sources = [bool(self.patch), self.repository is not None, bool(self.pull_request)]
        if sum(sources) != 1:
            raise ValueError(
                "exactly one of `patch`, `repository` and `pull_request` has to be set"
            )
        if self.files and not self.patch:
            raise ValueError("`files` belong to a `patch`")
        return self

    @property
    def digest(self) -> str:
        """Return a hash of all it says; two runs are compared where it is the same."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:DIGEST_LENGTH]


def language_name(path: str) -> str:
    """Return the language of a file in one word, its extension where no grammar is known."""
    language = language_of(path)
    if language is None:
        return extension(path) or "other"
    return DIALECTS.get(language.grammar, language.grammar)


def read_case(content: bytes, source: str, name: str) -> Case:
    """Read the JSON of a case; `name` is its id where it gives none itself.

    Raises UserError, which names the place in `source` and what to do about it.
    """
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as cause:
        why = f"Line {cause.lineno}, column {cause.colno}: {cause.msg.lower()}."
        raise unusable(source, why) from cause
    except (ValueError, RecursionError) as cause:  # no UTF-8, or a number without end
        raise unusable(source, "It is not JSON in UTF-8.") from cause
    try:
        case = Case.model_validate(data)
    except ValidationError as cause:
        raise unusable(source, "; ".join(_problems(cause)) + ".") from cause
    return case if case.id else case.model_copy(update={"id": name})


def unusable(source: object, why: str) -> UserError:
    """Return what a person is told of a case that says something impossible."""
    return UserError(
        f"{source} is no case that can be evaluated.",
        why=why,
        next_step="Correct it; docs/evaluation.md describes the format.",
    )


class _Problem(NamedTuple):
    place: str
    words: str


def _problems(error: ValidationError) -> Iterable[str]:
    details = error.errors(include_url=False)
    problems = [_Problem(_place(d["loc"]), _words(d)) for d in details[:MOST_PROBLEMS]]
    yield from (f"`{p.place}`: {p.words}" if p.place else p.words for p in problems)
    if len(details) > MOST_PROBLEMS:
        yield f"and {len(details) - MOST_PROBLEMS} more"


def _place(path: tuple[str | int, ...]) -> str:
    """Return `golden[1].line`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _words(detail: Mapping[str, Any]) -> str:
    """Say what is wrong with a value, in the order a person corrects it."""
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        return f"is not known{_did_you_mean(detail['loc'])}"
    if detail["type"] == "missing":
        return "is missing"
    if detail["type"] == "value_error":
        return message
    given = json.dumps(detail["input"], ensure_ascii=False, default=str)[:SHOWN_CHARACTERS]
    return f"{message[:1].lower()}{message[1:]}, and {given} was given"


def _did_you_mean(path: tuple[str | int, ...]) -> str:
    known: Mapping[str, object] = Case.model_fields
    if path[0] == "golden" and len(path) > 1:
        known = Golden.model_fields
    elif path[0] == "repository" and len(path) > 1:
        known = Repository.model_fields
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    return f", did you mean `{close[0]}`?" if close else ""
