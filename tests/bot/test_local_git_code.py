"""The code around a local change: of a commit, of a working tree, of a folder without git."""

from pathlib import Path

import pytest

from bot.adapters.local_git import open_local
from tests.bot.repositories import Sandbox


@pytest.fixture
def repository(tmp_path: Path) -> Sandbox:
    made = Sandbox(tmp_path / "shop")
    made.write("shop/a.py", "x = 1\n")
    made.write("shop/b.py", "y = 1\n")
    made.write("README.md", "shop\n")
    made.write(".gitignore", "ignored.py\n")
    made.commit("Begin")
    made.write("shop/a.py", "x = 2\n")
    return made


async def code(folder: Path, target: str, piped: bytes = b"") -> dict[str, str] | None:
    change = await open_local(target, folder=folder, piped=piped)
    found = await change.repository(await change.pull_request())
    return None if found is None else dict(found.texts)


async def test_range_shows_the_code_of_its_last_commit(repository: Sandbox) -> None:
    repository.commit("Change a")
    repository.write("shop/a.py", "x = 3\n")
    found = await code(repository.root, "HEAD~1..HEAD")
    assert found == {"shop/a.py": "x = 2\n", "shop/b.py": "y = 1\n"}


async def test_working_tree_shows_what_lies_there_and_is_not_ignored(repository: Sandbox) -> None:
    repository.write("new.py", "z = 1\n")
    repository.write("ignored.py", "secret = 1\n")
    (repository.root / "link.py").symlink_to("/etc/passwd")
    found = await code(repository.root, ".")
    assert found == {"shop/a.py": "x = 2\n", "shop/b.py": "y = 1\n", "new.py": "z = 1\n"}


async def test_folder_without_git_shows_its_own_code(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.txt").write_text("x\n")
    assert await code(tmp_path, ".") == {"a.py": "x = 1\n"}


async def test_piped_diff_says_nothing_of_its_repository() -> None:
    diff = b"--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n-x\n+y\n"
    assert await code(Path("/"), "-", diff) is None


async def test_commands_of_the_repository_make_no_part_of_the_archive(repository: Sandbox) -> None:
    started = repository.root / "started"
    repository.git("config", "tar.tar.command", f"touch {started}; cat")
    repository.git("config", "filter.x.smudge", f"touch {started}; cat")
    repository.write(".gitattributes", "*.py filter=x\n")
    repository.commit("Filter")
    assert await code(repository.root, "HEAD~1..HEAD")
    assert not started.exists()
