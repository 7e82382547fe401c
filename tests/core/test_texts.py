"""Text at the head: whole where it is code, by its hunks where lines are enough."""

from core.models import FileStatus
from core.texts import MAX_TEXT_BYTES, checkable, read_texts
from tests.fakes.core import HEAD, FakeHost, a_file, a_new_file

PATCH = "@@ -3,2 +3,3 @@\n three\n+four\n five"


async def test_a_new_file_is_rebuilt_from_its_patch_and_never_fetched():
    host = FakeHost()
    texts = await read_texts(host, [a_new_file("a.py", "x = 1\n\ny = 2\n")], HEAD)
    assert texts == {"a.py": "x = 1\n\ny = 2\n"}
    assert host.reads == []


async def test_text_that_is_known_is_not_fetched_if_git_calls_it_the_same():
    files = [
        a_file("same.py", PATCH, blob="7d4290a117a4ddcc11daae7ea675841033830c8f"),
        a_file("other.py", PATCH, blob="0" * 40),
        a_file("unnamed.py", PATCH),
    ]
    host = FakeHost(at_head={"other.py": b"git's\n", "unnamed.py": b"git's\n"})
    known = {file.path: "x = 1\n" for file in files}
    texts = await read_texts(host, files, HEAD, known)
    assert texts == {"same.py": "x = 1\n", "other.py": "git's\n", "unnamed.py": "git's\n"}
    assert [path for path, _ in host.reads] == ["other.py", "unnamed.py"]


async def test_what_is_no_text_or_too_large_is_left_out():
    files = [a_file(name, PATCH) for name in ("a.py", "b.py", "c.py", "d.py", "e.py")]
    host = FakeHost(
        at_head={
            "a.py": b"ok\n",
            "b.py": b"\xff\xfe",
            "c.py": b"nul\0",
            "d.py": b"x" * (MAX_TEXT_BYTES + 1),
        }
    )
    assert await read_texts(host, files, HEAD) == {"a.py": "ok\n"}


def test_data_is_checked_by_its_hunks_at_the_right_lines():
    found = checkable([a_file("conf.yml", PATCH)], {})
    (source,) = found.files
    assert source.added == frozenset({4})
    assert [source.line(number) for number in range(1, 7)] == ["", "", "three", "four", "five", ""]


def test_code_without_its_text_cannot_be_checked_and_is_named():
    found = checkable([a_file("a.py", PATCH), a_file("b.py", PATCH)], {"b.py": "x\n"})
    assert [source.path for source in found.files] == ["b.py"]
    assert found.unreadable == ("a.py",)


def test_nothing_is_checked_where_nothing_was_added():
    removed = a_file("a.py", "@@ -1 +0,0 @@\n-x", status=FileStatus.REMOVED)
    assert checkable([removed], {}).files == ()
    assert checkable([removed], {}).unreadable == ()
