"""An archive of a repository: read in memory, bounded, and nothing odd taken from it."""

import gzip
import io
import tarfile
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context.archive import Limits, texts_of, wanted

TOP = "octo-shop-abc1234"


def packed(
    files: dict[str, bytes], *odd: tarfile.TarInfo, top: str = TOP, zipped: bool = True
) -> bytes:
    """Return an archive as GitHub makes one, with odd members in front."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for member in odd:
            tar.addfile(member)
        for path, content in files.items():
            member = tarfile.TarInfo(f"{top}/{path}" if top else path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(stream.getvalue()) if zipped else stream.getvalue()


def odd(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(f"{TOP}/{name}")
    member.type, member.linkname = kind, target
    return member


def test_code_is_returned_by_its_path_in_the_repository() -> None:
    archive = packed({"src/a.py": b"x = 1\n", "README.md": b"# shop\n", "logo.png": b"\x89PNG"})
    assert texts_of(archive) == {"src/a.py": "x = 1\n"}


def test_plain_archive_without_a_folder_of_its_own_is_read_too() -> None:
    archive = packed({"src/a.py": b"x = 1\n"}, top="", zipped=False)
    assert texts_of(archive, top=False) == {"src/a.py": "x = 1\n"}


def test_path_of_hundreds_of_characters_is_kept() -> None:
    path = "/".join(["a" * 60] * 8) + "/b.py"
    assert texts_of(packed({path: b"x\n"})) == {path: "x\n"}


def test_links_devices_and_folders_are_passed_over() -> None:
    members = [
        odd("link.py", tarfile.SYMTYPE, "/etc/passwd"),
        odd("hard.py", tarfile.LNKTYPE, "/etc/passwd"),
        odd("device.py", tarfile.CHRTYPE),
        odd("pipe.py", tarfile.FIFOTYPE),
        odd("folder.py", tarfile.DIRTYPE),
    ]
    assert texts_of(packed({"a.py": b"x\n"}, *members)) == {"a.py": "x\n"}


@pytest.mark.parametrize(
    "path",
    [
        "../a.py",
        "a/../b.py",
        "/etc/a.py",
        "./a.py",
        "a//b.py",
        "a\\b.py",
        "a\x1b.py",
        "a\u202e.py",
        "x" * 2_000 + ".py",
        "node_modules/x/a.js",
        "lib/vendor/a.go",
        "dist/a.min.js",
        "a.pb.go",
        "LICENSE",
        "data.json",
    ],
)
def test_path_that_is_odd_or_no_code_of_theirs_is_not_wanted(path: str) -> None:
    assert not wanted(path)


def test_binary_and_oversized_files_are_passed_over() -> None:
    limits = Limits(file=100)
    files = {"a.py": b"\0", "b.py": b"\xff\xfe", "c.py": b"x" * 101, "d.py": b"ok\n"}
    assert texts_of(packed(files), limits) == {"d.py": "ok\n"}


def test_what_is_kept_is_bounded_in_files_members_and_bytes() -> None:
    files = {f"f{n:03}.py": b"x = 1\n" for n in range(100)}
    assert len(texts_of(packed(files), Limits(files=7))) == 7
    assert len(texts_of(packed(files), Limits(members=9))) == 9
    assert sum(map(len, texts_of(packed(files), Limits(kept=60)).values())) == 60


def test_archive_that_breaks_off_gives_what_was_read() -> None:
    archive = packed({"a.py": b"x = 1\n", "b.py": bytes(range(1, 128)) * 3_000})
    assert texts_of(archive[: len(archive) // 2]).get("a.py") in {None, "x = 1\n"}
    plain = packed({"a.py": b"x = 1\n", "b.py": b"y" * 9_000}, zipped=False)
    assert texts_of(plain[:3_000]) == {"a.py": "x = 1\n"}


def a_bomb() -> bytes:
    """Return a few hundred kilobytes that unpack to one code file of gigabytes."""
    member = tarfile.TarInfo(f"{TOP}/a.py")
    member.size = 8 * 1024**3
    return gzip.compress(member.tobuf() + b"x" * 200_000_000, compresslevel=1)


def test_bomb_is_stopped_by_what_it_unpacks_to() -> None:
    bomb = a_bomb()
    started = time.process_time()
    assert texts_of(bomb) == {}
    assert time.process_time() - started < 5


def test_bomb_takes_no_memory() -> None:
    bomb = a_bomb()
    tracemalloc.start()
    assert texts_of(bomb, Limits(unpacked=40_000_000)) == {}
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_member_that_claims_an_endless_name_is_stopped() -> None:
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 8 * 1024**3
    assert texts_of(gzip.compress(member.tobuf() + b"y" * 4_096)) == {}


@given(st.binary(max_size=2_000))
def test_any_bytes_are_taken(raw: bytes) -> None:
    texts_of(raw)
    texts_of(gzip.compress(raw))
    texts_of(b"\x1f\x8b" + raw)
