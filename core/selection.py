"""Which files are read, most at risk first, and which are not, with the reason for each.

Pure: it sees the change set, the rules and the attributes. Three thousand files take less than
a second, so no cut is ever made by the order in which the platform lists them.
"""

import math
import re
import zlib
from collections.abc import Iterable

from core.attributes import Attributes
from core.globs import Glob, first_match
from core.models import ChangeSet, FileChange, FileStatus, LineKind, Omission, OmissionReason, Scope
from core.repo_config import FileRules, Rules

MAX_FILE_CHARACTERS = 400_000
"""Characters of one file's hunks; beyond it lies what nobody wrote by hand."""

MAX_ASIDE_LINES = 40
"""Changed lines of a file that may be shown although it is not reviewed."""

_SHOWN_ASIDE = frozenset({OmissionReason.LOCKFILE, OmissionReason.GENERATED})

_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
"""What git calls a file without content."""

_LOOKED_AT = 20_000
"""Characters of a file's changed lines that the ranking looks at."""

_CODE = (
    "c cc cjs cpp cs cts cxx dart ex exs go h hpp java js jsx kt kts lua m mjs mm mts php pl py pyi"
    " rb rs scala sh sql svelte swift ts tsx vue"
)
CODE_SUFFIXES = frozenset(f".{name}" for name in _CODE.split())
"""Extensions of programming languages."""

_DOCUMENT_SUFFIXES = frozenset({".adoc", ".md", ".mdx", ".rst", ".svg", ".txt"})

_TEST_PATH = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testdata|fixtures|e2e)/"
    r"|(^|/)(test_[^/]*|[^/]*[._-](test|tests|spec)\.\w+|[^/]*Tests?\.\w+|conftest\.py)$"
)

_RISKY_PATHS = tuple(
    (weight, re.compile(expression, re.IGNORECASE))
    for weight, expression in (
        (6.0, r"auth|login|session|password|passwd|oauth|saml|token|secret|crypt|permission|acl\b"),
        (5.0, r"pay(ment|out)?s?\b|billing|invoice|checkout|charge|refund|wallet|ledger|money"),
        (5.0, r"migrat|schema\.(sql|rb|prisma)$|(^|/)(alembic|flyway)/"),
        (4.0, r"(^|/)\.github/(workflows|actions)/|(^|/)\.gitlab-ci|jenkinsfile|(^|/)\.circleci/"),
        (3.0, r"dockerfile|\.tf$|(^|/)(deploy|infra|k8s|helm|terraform|ansible)/"),
        (3.0, r"concurren|thread|mutex|lock(?!file)|queue|worker|schedul|transaction"),
        (2.0, r"(^|/)(api|server|handlers?|controllers?|routes?|middleware|core|db|models?)/"),
    )
)

_WORD = re.compile(r"[a-z]+")

_RISKY_WORDS = tuple(
    (weight, frozenset(words.split()))
    for weight, words in (
        (4.0, "eval exec execsync system popen subprocess getruntime shell spawn"),
        (4.0, "password passwd secret token credential credentials authorize isadmin permission"),
        (3.0, "select insert update delete drop alter truncate query cursor rawquery"),
        (3.0, "innerhtml dangerouslysetinnerhtml pickle deserialize unmarshal unsafe verify"),
        (
            3.0,
            "mutex lock unlock atomic synchronized threading volatile asyncio transaction",
        ),
        (2.0, "md5 sha random rand crypto cipher hmac ssl tls"),
        (2.0, "open unlink remove rmtree chmod chown readfile writefile path"),
        (1.0, "except catch rescue recover panic unwrap retry timeout"),
    )
)


def select(changes: ChangeSet, rules: Rules, attributes: Attributes) -> Scope:
    """Return what will be read, most at risk first, and why the rest will not be."""
    globs = _Globs()
    reviewable: list[FileChange] = []
    omitted: list[Omission] = []
    aside: list[FileChange] = []
    for file in changes.files:
        of_file = rules.at(file.path)
        omission = (
            _without_text(file)
            or _ignored(file, globs.of(of_file.include), globs.of(of_file.ignore))
            or _not_written_by_hand(file, attributes)
            or _unreadable(file, of_file)
        )
        if omission is None:
            reviewable.append(file)
        else:
            omitted.append(omission)
            aside += [file] if omission.reason in _SHOWN_ASIDE and _is_small(file) else []
    ranked = ranked_by_risk(reviewable)
    limit = rules.max_files
    omitted += [
        Omission(path=file.path, reason=OmissionReason.TOO_MANY_FILES, detail=f"limit {limit}")
        for file in ranked[limit:]
    ]
    if changes.unlisted:
        omitted.append(
            Omission(path=f"{changes.unlisted:,} more files", reason=OmissionReason.UNLISTED)
        )
    return Scope(files=ranked[:limit], omitted=tuple(omitted), aside=tuple(aside))


def ranked_by_risk(files: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """Return the files with the riskiest first, in an order that is stable and not the names'."""
    return tuple(
        sorted(files, key=lambda file: (-risk(file), -_size(file), zlib.crc32(file.path.encode())))
    )


def risk(file: FileChange) -> float:
    """Rate how much a mistake in this file would cost; only the order of ratings means anything."""
    rating = 2.0 * math.log2(1 + min(_size(file), 500))
    rating += max((weight for weight, hint in _RISKY_PATHS if hint.search(file.path)), default=0.0)
    words = set(_WORD.findall(_changed_text(file).lower()))
    rating += sum(weight for weight, hints in _RISKY_WORDS if not hints.isdisjoint(words))
    if suffix(file.path) in CODE_SUFFIXES:
        rating += 4.0
    if file.status is FileStatus.REMOVED:
        rating /= 4
    if _TEST_PATH.search(file.path):
        return rating - 100
    return rating - 200 if suffix(file.path) in _DOCUMENT_SUFFIXES else rating


def suffix(path: str) -> str:
    """Return the extension in lower case with its dot, empty when there is none."""
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return f".{extension.lower()}" if dot and stem else ""


def _is_small(file: FileChange) -> bool:
    return bool(file.hunks) and _size(file) <= MAX_ASIDE_LINES


def _size(file: FileChange) -> int:
    return file.additions + file.deletions


def _changed_text(file: FileChange) -> str:
    texts: list[str] = []
    room = _LOOKED_AT
    for hunk in file.hunks or ():
        for line in hunk.lines:
            if line.kind is not LineKind.CONTEXT:
                texts.append(line.text[:room])
                room -= len(texts[-1])
            if room <= 0:
                return "\n".join(texts)
    return "\n".join(texts)


def _without_text(file: FileChange) -> Omission | None:
    if file.submodule:
        return Omission(path=file.path, reason=OmissionReason.SUBMODULE)
    if file.binary:
        return Omission(path=file.path, reason=OmissionReason.BINARY)
    return None


class _Globs:
    """Patterns prepared once for all the files that they count for."""

    def __init__(self) -> None:
        self._prepared: dict[tuple[str, ...], tuple[Glob, ...]] = {}

    def of(self, texts: tuple[str, ...]) -> tuple[Glob, ...]:
        """Return the patterns of these texts."""
        if texts not in self._prepared:
            self._prepared[texts] = tuple(Glob(text) for text in texts)
        return self._prepared[texts]


def _ignored(
    file: FileChange, include: tuple[Glob, ...], ignore: tuple[Glob, ...]
) -> Omission | None:
    glob = first_match(ignore, file.path)
    if glob is None and first_match(include, file.path) is not None:
        return None
    detail = "not in `include`" if glob is None else f"`{glob.text}`"
    return Omission(path=file.path, reason=OmissionReason.IGNORED, detail=detail)


def _not_written_by_hand(file: FileChange, attributes: Attributes) -> Omission | None:
    ruled_out = attributes.ruled_out(file)
    if ruled_out is None:
        return None
    return Omission(path=file.path, reason=ruled_out[0], detail=ruled_out[1])


def _unreadable(file: FileChange, rules: FileRules) -> Omission | None:
    lines = _size(file)
    if not file.hunks and _has_no_content_change(file):
        return Omission(path=file.path, reason=OmissionReason.NO_CONTENT_CHANGE)
    if lines > rules.max_lines_per_file:
        detail = f"{lines:,} changed lines, the limit is {rules.max_lines_per_file:,}"
        return Omission(path=file.path, reason=OmissionReason.TOO_LARGE, detail=detail)
    if not file.hunks:
        return Omission(path=file.path, reason=OmissionReason.NO_PATCH)
    characters = sum(len(line.text) for hunk in file.hunks for line in hunk.lines)
    if characters > MAX_FILE_CHARACTERS:
        detail = f"{characters:,} characters, the limit is {MAX_FILE_CHARACTERS:,}"
        return Omission(path=file.path, reason=OmissionReason.TOO_LARGE, detail=detail)
    return None


def _has_no_content_change(file: FileChange) -> bool:
    """Tell a rename, a mode or an empty file from rows that GitHub left without their counts.

    Past some 20,000 lines in one answer the remaining rows have no patch and counts of zero.
    https://github.com/orgs/community/discussions/213491
    """
    if _size(file):
        return False
    if file.hunks is not None or file.blob == _EMPTY_BLOB:
        return True
    return file.status not in {FileStatus.MODIFIED, FileStatus.ADDED, FileStatus.REMOVED}
