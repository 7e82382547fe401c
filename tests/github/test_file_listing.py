"""The list of files and its traps, against a list that behaves as badly as GitHub's."""

from typing import Any

import httpx
import pytest

from core.errors import TransientError
from core.models import FileStatus
from github.file_listing import Row, list_files, to_change
from tests.github.wire import Wire, in_turn, json_answer

PATH = "/repos/acme/shop.api/pulls/7/files"
BLOB = "aa" * 20
EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def row(name: str, lines: int = 1, **more: Any) -> dict[str, Any]:
    """Return a row that adds so many lines."""
    patch = f"@@ -0,0 +1,{lines} @@\n" + "\n".join(["+x"] * lines)
    counts = {"additions": lines, "deletions": 0, "changes": lines}
    return {"filename": name, "status": "modified", "sha": BLOB, "patch": patch, **counts, **more}


def hollow(name: str, **more: Any) -> dict[str, Any]:
    counts = {"additions": 0, "deletions": 0, "changes": 0}
    made = row(name) | counts | more
    del made["patch"]
    return made


class Listing:
    """Serves rows in pages; once an answer holds too many patch lines, the rest is hollow."""

    def __init__(self, rows: list[dict[str, Any]], limit: int = 20_000) -> None:
        self.rows = rows
        self.limit = limit
        self.wire = Wire(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        size = int(request.url.params["per_page"])
        page = int(request.url.params.get("page", 1))
        last = -(-len(self.rows) // size)
        link = f'<https://api.github.test/x?per_page={size}&page={last}>; rel="last"'
        shown, lines = [], 0
        for entry in self.rows[(page - 1) * size : page * size]:
            lines += entry.get("changes", 0)
            full = lines <= self.limit or not entry.get("patch")
            shown.append(entry if full else hollow(entry["filename"], status=entry["status"]))
        return json_answer(shown, link=link)

    async def listed(self) -> list[Row]:
        return list(await list_files(self.wire.client(), PATH))


async def test_three_hundred_files_cost_three_requests():
    listing = Listing([row(f"f{n}.py") for n in range(300)])
    assert [r.filename for r in await listing.listed()] == [f"f{n}.py" for n in range(300)]
    assert len(listing.wire.requests) == 3


async def test_rows_that_come_back_hollow_are_asked_for_in_smaller_pages():
    listing = Listing([row(f"f{n}.py", lines=400) for n in range(150)])
    rows = await listing.listed()
    assert [r.filename for r in rows] == [f"f{n}.py" for n in range(150)]
    assert all(r.additions == 400 and r.patch for r in rows)
    # Two pages of a hundred, and five of twenty for the one that was hollow.
    assert len(listing.wire.requests) == 7


async def test_even_smaller_pages_where_twenty_are_too_heavy():
    listing = Listing([row(f"f{n}.py", lines=4_000) for n in range(21)])
    rows = await listing.listed()
    assert all(r.patch for r in rows)
    assert [r.filename for r in rows] == [f"f{n}.py" for n in range(21)]


async def test_a_renamed_file_behind_a_heavy_one_is_not_taken_for_unchanged():
    renamed = row("new.py", 600, status="renamed", previous_filename="old.py")
    listing = Listing([*(row(f"f{n}.py", lines=3_900) for n in range(5)), renamed])
    rows = await listing.listed()
    assert rows[-1].patch == renamed["patch"]


async def test_binary_files_and_plain_renames_cost_nothing_more():
    natural = [
        hollow("logo.png"),
        hollow("font.woff2", status="added"),
        hollow("pkg.tar.gz"),
        hollow("moved.py", status="renamed", previous_filename="old.py"),
        hollow("script.sh", status="changed"),
        hollow("__init__.py", status="added", sha=EMPTY),
    ]
    listing = Listing([row(f"f{n}.py") for n in range(50)] + natural)
    await listing.listed()
    assert len(listing.wire.requests) == 1


async def test_a_list_that_changed_meanwhile_is_left_as_it_was():
    def answer(request: httpx.Request) -> httpx.Response:
        first = request.url.params["per_page"] == "100"
        names = [f"{'old' if first else 'new'}{n}.py" for n in range(30)]
        return json_answer([hollow(name) for name in names])

    rows = await list_files(Wire(answer).client(), PATH)
    assert [r.filename for r in rows] == [f"old{n}.py" for n in range(30)]


async def test_no_more_than_three_thousand_are_read():
    listing = Listing([row(f"f{n}.py") for n in range(3_100)])
    assert len(await listing.listed()) == 3_000
    assert len(listing.wire.requests) == 30


@pytest.mark.parametrize("answer", [[{}], [None], [{"filename": 5, "status": "added"}], ["x"]])
async def test_rows_of_another_shape_are_githubs_trouble(answer: Any):
    with pytest.raises(TransientError):
        await list_files(Wire(in_turn(json_answer(answer))).client(), PATH)


def change(made: dict[str, Any]):
    return to_change(Row.model_validate(made))


def test_a_row_becomes_a_file_change():
    made = change(row("a.py", 2, status="renamed", previous_filename="b.py"))
    assert (made.path, made.previous_path, made.status) == ("a.py", "b.py", FileStatus.RENAMED)
    assert (made.additions, made.deletions, made.blob) == (2, 0, BLOB)
    assert made.hunks is not None
    assert [line.text for line in made.hunks[0].lines] == ["x", "x"]


@pytest.mark.parametrize(
    "made",
    [
        hollow("moved.py", status="renamed"),
        hollow("script.sh", status="changed"),
        hollow("empty.py", status="added", sha=EMPTY),
    ],
)
def test_what_changes_no_content_has_no_hunks(made: dict[str, Any]):
    assert (change(made).hunks, change(made).binary) == ((), False)


@pytest.mark.parametrize("name", ["logo.png", "a.pdf", "dump.gz", "movie.mp4", "font.ttf"])
def test_a_hollow_row_with_a_binarys_name_is_binary(name: str):
    assert (change(hollow(name)).hunks, change(hollow(name)).binary) == (None, True)


@pytest.mark.parametrize("name", ["main.py", "drawing.svg", "LICENSE", "a.ts", "data"])
def test_a_hollow_row_with_a_texts_name_is_not_taken_for_binary(name: str):
    assert (change(hollow(name)).hunks, change(hollow(name)).binary) == (None, False)


@pytest.mark.parametrize(
    "made",
    [
        {k: v for k, v in row("big.py", 30_000).items() if k != "patch"},
        row("a.py") | {"patch": "not a patch"},
        row("a.py", 3) | {"additions": 5},
        row("a.py", 3) | {"deletions": 1},
    ],
)
def test_a_missing_or_cut_patch_is_not_taken_for_the_whole(made: dict[str, Any]):
    assert change(made).hunks is None


@pytest.mark.parametrize(
    ("patch", "submodule"),
    [
        (f"@@ -1 +1 @@\n-Subproject commit {'a' * 40}\n+Subproject commit {'b' * 40}", True),
        (f"@@ -0,0 +1 @@\n+Subproject commit {'b' * 40}", True),
        (f"@@ -1,2 +1,2 @@\n x = 1\n-y\n+Subproject commit {'b' * 40}", False),
        ("@@ -1 +1 @@\n-a\n+b", False),
    ],
)
def test_a_submodule_is_told_by_its_patch(patch: str, submodule: bool):
    assert change(row("lib", patch=patch)).submodule == submodule


def test_a_status_github_invents_later_is_a_change():
    assert change(row("a.py", status="teleported")).status is FileStatus.CHANGED
