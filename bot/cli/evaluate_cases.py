"""A dataset on the disk → its cases, and each case's change as the review core reads changes.

What a case says is judged in `core.evaluation.cases`; here it is held against its own patch.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.local_git import LocalChange, open_local
from bot.adapters.local_git.change import Story, local_change
from bot.adapters.local_git.diff import DiffFile, NotADiff, parse_diff
from bot.adapters.local_git.targets import NO_COMMIT
from bot.cli.review import Remote, Tools
from core.errors import UserError
from core.evaluation import Case, read_case, unusable
from core.models import RepositoryText

MAX_CASE_BYTES = 64 * 1024 * 1024
"""As much as is taken of git."""
SHA_LENGTH = 40


@dataclass(frozen=True, slots=True)
class FiledCase:
    """A case and the file it came from."""

    file: Path
    case: Case


@dataclass(frozen=True, slots=True)
class Dataset:
    """What can be evaluated, in the order of the files' names, and what cannot, with the reason."""

    name: str
    cases: tuple[FiledCase, ...]
    broken: tuple[UserError, ...] = ()


def read_dataset(path: Path, limit: int | None = None) -> Dataset:
    """Read a folder of cases, or one. Raises UserError when there is none at all."""
    cases: dict[str, FiledCase] = {}
    broken: list[UserError] = []
    for file in _files(path):
        if limit is not None and len(cases) >= limit:
            break
        try:
            case = _read(file)
            if case.id in cases:
                raise unusable(file, f"Its id {case.id} is that of {cases[case.id].file} too.")
        except UserError as error:
            broken.append(error)
        else:
            cases[case.id] = FiledCase(file, case)
    return Dataset(path.resolve().name, tuple(cases.values()), tuple(broken))


async def open_case(filed: FiledCase, tools: Tools) -> Remote:
    """Return the change of a case. Raises UserError, TransientError, PermanentError."""
    case = filed.case
    if case.repository is not None:
        folder = filed.file.parent / case.repository.path
        if not folder.is_dir():
            raise unusable(filed.file, f"`repository.path`: {folder} is no folder.")
        span = f"{case.repository.base}..{case.repository.head}"
        return Remote(await open_local(span, folder=folder))
    if case.pull_request:
        return await tools.connect(tools.pull_request(case.pull_request))
    return Remote(patched(case, filed.file))


def patched(case: Case, file: Path) -> LocalChange:
    """Return the change that a case's patch makes. Raises UserError where it contradicts itself."""
    changed = _parsed(case, file)
    problem = next(_contradictions(case, changed), "")
    if problem:
        raise unusable(file, problem)
    head = hashlib.sha256(case.digest.encode()).hexdigest()[:SHA_LENGTH]

    async def read(path: str, commit: str) -> bytes | None:
        text = case.files.get(path) if commit == head else None
        return None if text is None else text.encode(errors="replace")

    async def code() -> RepositoryText:
        return RepositoryText(case.files)

    story = Story(case.id, case.title, head=head, base=NO_COMMIT, body=case.body)
    return local_change(story, [each.change for each in changed], read, code)


def _files(path: Path) -> list[Path]:
    """Return the files of cases, by name."""
    files = [path] if path.is_file() else sorted(path.glob("*.json"))
    if not files:
        raise UserError(
            f"There is no dataset at {path}.",
            why="It is no folder with cases in files that end in .json."
            if path.exists()
            else "Nothing of that name exists.",
            next_step="docs/evaluation.md describes the format; without a name the one that "
            "comes with Argus is taken.",
        )
    return files


def _read(file: Path) -> Case:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_CASE_BYTES + 1)
    except OSError as cause:
        raise unusable(file, f"It cannot be read: {cause.strerror or cause}.") from cause
    if len(content) > MAX_CASE_BYTES:
        raise unusable(file, f"It has more than {MAX_CASE_BYTES:,} bytes.")
    case = read_case(content, str(file), file.stem)
    if case.patch:
        patched(case, file)
    return case


def _parsed(case: Case, file: Path) -> tuple[DiffFile, ...]:
    try:
        return parse_diff(case.patch.encode(errors="replace"))
    except NotADiff as cause:
        raise unusable(file, f"`patch`: it is not a unified diff, {cause}.") from cause


def _contradictions(case: Case, changed: tuple[DiffFile, ...]) -> Iterator[str]:
    """Yield what of a case cannot be true at once."""
    paths = {each.change.path for each in changed}
    for number, golden in enumerate(case.golden):
        if golden.path not in paths:
            yield f"`golden[{number}].path`: {golden.path} is not changed by the patch."
    for each in changed:
        text = case.files.get(each.change.path)
        lines = None if text is None else text.split("\n")
        for hunk in each.change.hunks or ():
            for line in hunk.lines:
                if lines is None or line.new is None:
                    continue
                if line.new > len(lines) or lines[line.new - 1] != line.text:
                    yield (
                        f"`files`: line {line.new} of {each.change.path} is not the one that the "
                        "patch shows."
                    )
