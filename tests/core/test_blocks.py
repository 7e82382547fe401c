"""Change blocks, with git as the judge of what a rebase or an edit elsewhere does to a diff."""

import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from core.blocks import blocks_of, unread
from core.diff import parse_patch
from core.models import FileChange, FileStatus

BASE = """import os


def first(items):
    total = 0
    for item in items:
        total += item
    return total


def second(items):
    if not items:
        return None
    return items[0]


def third(items):
    return sorted(items)
"""


def changed(
    old: str, new: str, folder: Path, path: str = "shop.py", context: int = 3
) -> FileChange:
    """Return the change of a file as git shows it."""
    (folder / "old").write_bytes(old.encode())
    (folder / "new").write_bytes(new.encode())
    command = ["git", "diff", "--no-index", "--text", "--no-color", f"-U{context}", "old", "new"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=30)
    _, _, hunks = done.stdout.partition(b"\n@@ ")
    patch = (b"@@ " + hunks).decode().removesuffix("\n") if hunks else ""
    return FileChange(path, FileStatus.MODIFIED, 0, 0, parse_patch(patch))


def keys(old: str, new: str, folder: Path, **more: int) -> list[str]:
    file = changed(old, new, folder, **more)
    return [block.key for block in blocks_of(file, new.split("\n"))]


def test_a_block_is_a_run_of_changed_lines_with_its_place_on_both_sides(tmp_path: Path) -> None:
    new = BASE.replace("    total = 0\n", "    total = 0.0\n    count = 0\n").replace(
        "    return sorted(items)\n", ""
    )
    first, second = blocks_of(changed(BASE, new, tmp_path), new.split("\n"))
    assert (first.removed, first.added, first.size) == ((5, 5), (5, 6), 3)
    assert (second.removed, second.added, second.size) == ((18, 18), None, 1)


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("import os\n", "import os\nimport sys\n"),
        ("def first(items):\n", "def zeroth():\n    pass\n\n\ndef first(items):\n"),
        ("        total += item\n", ""),
        ("    return items[0]\n", "    return items[-1]\n"),
    ],
)
def test_an_edit_elsewhere_changes_no_key(elsewhere: tuple[str, str], tmp_path: Path) -> None:
    edit = ("    return sorted(items)\n", "    return sorted(items, reverse=True)\n")
    alone = keys(BASE, BASE.replace(*edit), tmp_path)
    moved_base = BASE.replace(*elsewhere)
    rebased = keys(moved_base, moved_base.replace(*edit), tmp_path)
    beside = keys(BASE, moved_base.replace(*edit), tmp_path)
    assert alone == rebased
    assert set(alone) < set(beside)


def test_windows_line_ends_are_the_same_lines(tmp_path: Path) -> None:
    new = BASE.replace("return None", "return 0")
    windows = keys(BASE.replace("\n", "\r\n"), new.replace("\n", "\r\n"), tmp_path)
    assert keys(BASE, new, tmp_path) == windows


@pytest.mark.parametrize("seed", range(60))
def test_more_or_less_context_makes_the_same_keys(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 repeatable, not secret
    old = [chance.choice(["a", "b", "c", "    d", "}", ""]) for _ in range(30)]
    new = list(old)
    for _ in range(3):
        at = chance.randrange(len(new))
        new[at : at + chance.choice((0, 1, 3))] = [
            chance.choice(["a", "b", "c", "    d", "}", ""]) for _ in range(chance.choice((0, 2)))
        ]
    texts = ["\n".join(lines) + "\n" for lines in (old, new)]
    shown = [keys(*texts, tmp_path, context=context) for context in (0, 1, 3, 10, 40)]
    assert all(each == shown[0] for each in shown)


def test_a_block_that_can_stand_in_several_places_has_one_key(tmp_path: Path) -> None:
    old = "x\n\na\nb\n\nz\n"
    new = "x\n\na\nb\n\na\nb\n\nz\n"
    file = changed(old, new, tmp_path)
    [git] = blocks_of(file, new.split("\n"))
    hunk = (file.hunks or ())[0]
    # the same change as another tool shows it: three lines further up
    patch = "@@ -1,6 +1,9 @@\n x\n+\n+a\n+b\n \n a\n b\n \n z"
    other = replace(file, hunks=parse_patch(patch))
    assert hunk != (other.hunks or ())[0]
    [slid] = blocks_of(other, new.split("\n"))
    assert git.key == slid.key


def test_a_block_slides_over_windows_line_ends(tmp_path: Path) -> None:
    old, new = "a\nb\nend\n", "a\nb\na\nb\nend\n"
    windows = keys(old.replace("\n", "\r\n"), new.replace("\n", "\r\n"), tmp_path, context=0)
    assert keys(old, new, tmp_path) == windows


def test_any_other_byte_function_or_file_is_another_block(tmp_path: Path) -> None:
    new = BASE.replace("    return None\n", "    return 0\n")
    [one] = keys(BASE, new, tmp_path)
    others = {
        *keys(BASE, new.replace("return 0", "return 1"), tmp_path),
        *keys(BASE, new.replace("return 0", "return  0"), tmp_path),
        *(b.key for b in blocks_of(changed(BASE, new, tmp_path, "other.py"), new.split("\n"))),
        *keys(BASE.replace("second", "fourth"), new.replace("second", "fourth"), tmp_path),
        *keys(new, BASE, tmp_path),
    }
    assert len(others) == 5
    assert one not in others


def test_the_order_of_lines_matters(tmp_path: Path) -> None:
    old = "top\nend\n"
    one = keys(old, "top\ncheck()\npay()\nend\n", tmp_path)
    other = keys(old, "top\npay()\ncheck()\nend\n", tmp_path)
    assert one != other


def test_a_renamed_file_keeps_its_blocks(tmp_path: Path) -> None:
    new = BASE.replace("return None", "return 0")
    file = changed(BASE, new, tmp_path)
    renamed = replace(file, path="store.py", previous_path="shop.py", status=FileStatus.RENAMED)
    lines = new.split("\n")
    assert [b.key for b in blocks_of(file, lines)] == [b.key for b in blocks_of(renamed, lines)]


def test_of_equal_blocks_those_beyond_the_read_ones_are_unread(tmp_path: Path) -> None:
    old = "def f():\n    a\n    b\n    c\n"
    new = "def f():\n    check()\n    a\n    check()\n    b\n    check()\n    c\n"
    blocks = blocks_of(changed(old, new, tmp_path), new.split("\n"))
    key = blocks[0].key
    assert [block.key for block in blocks] == [key, key, key]
    assert blocks[2:] == unread(blocks, {key: 2})
    assert unread(blocks, {key: 3}) == ()
    assert unread(blocks, {"another": 5}) == blocks


def test_without_the_text_of_the_file_the_hunk_is_enough(tmp_path: Path) -> None:
    new = BASE.replace("    return None\n", "    return 0\n")
    file = changed(BASE, new, tmp_path)
    assert [b.key for b in blocks_of(file, None)] == [
        b.key for b in blocks_of(file, new.split("\n"))
    ]
