"""The packages with common names come from beside `bot`, or Argus says so and stops."""

import os
import subprocess
import sys
from pathlib import Path

import bot

ROOT = Path(__file__).parent.parent.parent


def started(folder: Path, *path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "--version"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_our_packages_are_the_ones_that_are_imported() -> None:
    assert bot.strangers() == ()


def test_another_folder_with_pythonpath_starts(tmp_path: Path) -> None:
    assert started(tmp_path, ROOT).stdout == f"argus {bot.__version__}\n"


def test_a_wheel_that_took_our_name_is_named(tmp_path: Path) -> None:
    foreign = tmp_path / "site" / "slack"
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("")

    ended = started(tmp_path, tmp_path / "site", ROOT)

    assert ended.returncode != 0
    assert "'slack' is not Argus's own" in ended.stderr
    assert "Traceback" not in ended.stderr
