"""A repository that wants to be run, opened and reached out for is reviewed, and only read."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.analyzers.ruff import ARGUMENTS, find_binary
from tests.fakes.argus import NO_OLLAMA, ROOT
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import review
from tests.fakes.model_server import ModelServer
from tests.flows.audited import CHANGES, STARTS, UNPACKS, Watch

CANARY = "kestrel_7f3a"
"""Stands in every file, and nowhere in Argus."""
SECONDS = 60
TRAP = f"import os\n{CANARY} = os.system('touch pwned')\n"
BASE = {
    "app/store.py": f"def find(db, name):\n    return db.get(name)  # {CANARY}\n",
    "README.md": f"# {CANARY}\n",
    ".argus.yaml": f"review:\n  enabled: true\n# {CANARY}\n",
}
CHANGE = {
    "app/store.py": (
        f"def find(db, name):\n    return eval(name)  # {CANARY}\n\n\ndef {CANARY}():\n    pass\n"
    ),
    "setup.py": TRAP,
    "conftest.py": TRAP,
    "sitecustomize.py": TRAP,
    "core/__init__.py": TRAP,
    "bot/__init__.py": TRAP,
    "httpx.py": TRAP,
    "ruff.toml": f'extend = "/etc/passwd"  # {CANARY}\n',
    "pyproject.toml": f'[tool.ruff]\nextend = "../{CANARY}.toml"\n',
    ".rubocop.yml": f"require: ./{CANARY}.rb\n",
    ".eslintrc.js": f"require('child_process').execSync('touch pwned') // {CANARY}\n",
    "package.json": f'{{"scripts": {{"postinstall": "touch pwned-{CANARY}"}}}}\n',
    "Makefile": f"all:\n\ttouch pwned {CANARY}\n",
    ".git-hooks/post-checkout": f"#!/bin/sh\ntouch pwned # {CANARY}\n",
    ".argus.yaml": f"prompt: {{instructions: !!python/object/apply:os.system [touch {CANARY}]}}\n",
    "$(touch pwned).py": f"x = 1  # {CANARY}\n",
    "-rf.py": f"x = 1  # {CANARY}\n",
    "etc/passwd": f"{CANARY}:x:0:0::/:/bin/sh\n",
    "%2e%2e/%2e%2e/passwd.py": f"x = 1  # {CANARY}\n",
    "main.go": f"package main // {CANARY}\n\n//go:generate touch pwned\n",
    "a.rb": f"`touch pwned` # {CANARY}\n",
    "big.js": f"eval('{CANARY}')\n" * 50,
}
FINDING = {
    "path": "app/store.py",
    "line": 2,
    "severity": "important",
    "category": "security",
    "title": "What a caller sends is run",
    "body": "find(db, \"__import__('os').system('id')\") runs a command.",
    "quote": f"return eval(name)  # {CANARY}",
    "confidence": 0.9,
}


@dataclass(frozen=True)
class Audited:
    """What one review did, and what stands on the pull request after it."""

    events: Mapping[str, list[Any]]
    shown: Mapping[str, Any]
    folder: Path
    ports: frozenset[int]

    def of(self, *kinds: str) -> list[Any]:
        return [event for kind in kinds for event in self.events.get(kind, [])]


@pytest.fixture(scope="module")
def audited(hub: FakeGitHub, tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """One full review of a hostile repository, by a model that saw everything."""
    opened = hub.open(BASE, CHANGE, repo="octo/hostile-files", body=f"<!-- {CANARY} -->")
    folder = tmp_path_factory.mktemp("empty")
    report = tmp_path_factory.mktemp("report") / "events.json"
    with ModelServer(lambda _: review(FINDING)) as model:
        _review(hub, opened, model, folder, report)
        ports = frozenset(httpx.URL(url).port or 0 for url in (hub.url, model.url))
    shown = hub.snapshot(opened.repo, opened.number)
    return Audited(json.loads(report.read_text()), shown, folder, ports)


def _review(
    hub: FakeGitHub, opened: Opened, model: ModelServer, folder: Path, report: Path
) -> None:
    """Review and post, in a process that starts in an empty folder."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GITHUB_TOKEN": hub.add_token("argus-operator"),
        "GITHUB_API_URL": hub.url,
        "GITHUB_WEB_URL": hub.url,
        "SECRET_KEY": "a key of this test alone",
        **model.environment,
        "OLLAMA_BASE_URL": NO_OLLAMA,
    }
    address = f"{hub.url}/{opened.repo}/pull/{opened.number}"
    command = [sys.executable, "-m", "tests.flows.audited", str(report), CANARY]
    done = subprocess.run(
        [*command, "review", address, "--post"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1, done.stderr


def test_the_review_is_complete(audited: Audited) -> None:
    (posted,) = audited.shown["reviews"]
    assert "argus:v1:review" in posted["body"]
    assert ("app/store.py", 2) in [(c["path"], c["line"]) for c in audited.shown["review_comments"]]
    assert {address[1] for _, address in audited.of("socket.connect")} == audited.ports


def test_nothing_is_started_but_ruff(audited: Audited) -> None:
    ruff = str(find_binary())
    started = [event for event in audited.of(*STARTS) if event[1] != DESCRIBES_SYSTEM]
    assert started
    for program, arguments, folder, environment in started:
        assert (program, arguments) == (ruff, [ruff, *ARGUMENTS])
        assert (folder, environment) == ("/", "{}")


def test_no_file_is_opened_but_those_of_the_program(audited: Audited) -> None:
    read = set(audited.of("read"))
    assert read
    outside = [path for path in read if not _is_program(path, audited.folder)]
    assert outside == []
    assert set(audited.of("written")) <= {os.devnull}
    assert audited.of(*CHANGES) == []
    assert list(audited.folder.iterdir()) == []


def test_nothing_of_the_repository_is_compiled_run_or_unpacked(audited: Audited) -> None:
    assert audited.of("compiled") == []
    assert audited.of(*UNPACKS) == []
    assert not any(CANARY in name for name in audited.of("executed"))


def test_nobody_is_met_but_github_and_the_model(audited: Audited) -> None:
    met = {tuple(address) for _, address in audited.of("socket.connect")}
    assert met <= {("127.0.0.1", port) for port in audited.ports}
    assert audited.of("socket.bind", "socket.sendto") == []
    asked = {name for name, *_ in audited.of("socket.getaddrinfo")}
    assert asked <= {"127.0.0.1"}


def test_the_watch_sees_what_it_is_there_for() -> None:
    watch = Watch(CANARY)
    watch("open", ("/etc/passwd", "r", os.O_RDONLY))
    watch("open", ("pwned", "w", os.O_WRONLY | os.O_CREAT))
    watch("compile", (f"{CANARY} = 1", "<repository>"))
    watch("exec", (compile(f"print('{CANARY}')", "<code>", "exec"),))
    watch("os.system", (b"touch pwned",))
    seen = {kind: events[0] for kind, events in watch.found.items()}
    assert seen == {
        "read": "/etc/passwd",
        "written": "pwned",
        "compiled": "<repository>",
        "executed": "<code>",
        "os.system": ["touch pwned"],
    }
    assert not _is_program("/etc/passwd", Path("/tmp/x"))
    assert not _is_program("../../etc/passwd", ROOT)


DESCRIBES_SYSTEM = ["uname", "-p"]
"""What Python's `platform` asks for a provider's library, which names the system it runs on."""
PLACES = (
    *("/etc/mime.types", "/etc/ssl/", "/usr/lib/ssl/", "/usr/share/zoneinfo/", "/proc/"),
    *("/etc/apache2/mime.types", "/etc/httpd/", "/usr/local/", "/etc/localtime", "/dev/null"),
    "/etc/os-release",
)
"""What libraries look into: kinds of files, certificates, time zones, the process, the system."""


def _is_program(path: str, folder: Path) -> bool:
    roots = (ROOT, sys.prefix, sys.base_prefix, *map(sysconfig.get_path, ("stdlib", "purelib")))
    absolute = os.path.normpath(folder / path)
    return absolute.startswith((*(f"{root}{os.sep}" for root in roots), *PLACES))
