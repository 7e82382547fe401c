"""Argus as operators start it: by the Procfile, stopped by signals, checked before release."""

import os
import signal
import subprocess
import sys
import time
import timeit
from pathlib import Path

import httpx
import pytest

from tests.fakes.argus import NO_OLLAMA, ROOT, STOP_SECONDS, Argus
from tests.fakes.github import FakeGitHub
from tests.flows.test_pull_request import BASE, SQL, summarised

SETTLE_SECONDS = 30.0


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot …` with nothing else in the environment."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "OLLAMA_BASE_URL": NO_OLLAMA, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_a_procfile_runner_starts_it_and_a_group_signal_ends_all_of_it(
    github: FakeGitHub, redis_url: str, tmp_path: Path
) -> None:
    argus = Argus(github, redis_url, tmp_path)
    bin_folder = str(Path(sys.executable).parent)
    with (tmp_path / "runner.log").open("wb") as output:
        runner = subprocess.Popen(
            [sys.executable, "-m", "honcho", "start", "web", "worker"],
            cwd=ROOT,
            env={**argus.environment, "PATH": f"{bin_folder}:{argus.environment['PATH']}"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        argus.until_ready()
        opened = github.open(BASE, {"app/store.py": SQL})
        shown = await github.until(opened.repo, opened.number, summarised)
    finally:
        os.killpg(runner.pid, signal.SIGTERM)
        began = time.monotonic()
        runner.wait(STOP_SECONDS)

    assert len(shown["review_comments"]) == 1
    assert time.monotonic() - began < STOP_SECONDS
    with pytest.raises(httpx.TransportError):
        argus.http.get("/healthz")


def test_a_web_process_without_a_worker_is_alive_but_not_ready(
    github: FakeGitHub, redis_url: str, tmp_path: Path
) -> None:
    argus = Argus(github, redis_url, tmp_path)
    argus.start("web")
    try:
        alive = answered(argus, "/healthz")
        ready = argus.http.get("/readyz")
        metrics = argus.http.get("/metrics")
    finally:
        argus.stop()

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["components"]["redis"]["ok"] is True
    assert ready.json()["components"]["worker"]["ok"] is False
    assert "argus_jobs_due 0.0" in metrics.text


def test_metrics_want_the_admin_token_when_there_is_one(
    github: FakeGitHub, redis_url: str, tmp_path: Path
) -> None:
    argus = Argus(github, redis_url, tmp_path, ARGUS_ADMIN_TOKEN="let-me-in")
    argus.start("web")
    try:
        answered(argus, "/healthz")
        refused = argus.http.get("/metrics")
        given = argus.http.get("/metrics", headers={"Authorization": "Bearer let-me-in"})
    finally:
        argus.stop()

    assert (refused.status_code, given.status_code) == (401, 200)


def test_redis_away_means_503_so_that_the_delivery_can_be_redelivered(
    github: FakeGitHub, tmp_path: Path
) -> None:
    argus = Argus(github, "redis://127.0.0.1:9", tmp_path)
    argus.start("web")
    try:
        answered(argus, "/healthz")
        opened = {
            "action": "opened",
            "number": 1,
            "pull_request": {
                "number": 1,
                "head": {"sha": "a" * 40, "repo": None},
                "base": {"ref": "main", "sha": "b" * 40},
                "user": {"login": "mona", "type": "User"},
                "draft": False,
            },
            "repository": {
                "id": 7,
                "name": "shop",
                "full_name": "octo/shop",
                "owner": {"login": "octo"},
            },
            "installation": {"id": 3},
            "sender": {"login": "mona", "type": "User"},
        }
        answer = argus.post("pull_request", opened)
        seconds = min(timeit.repeat(lambda: argus.post("pull_request", opened), number=1, repeat=3))
    finally:
        argus.stop()

    assert answer.status_code == 503
    assert seconds < 2.0


def test_an_unconfigured_web_process_says_so(redis_url: str, github: FakeGitHub) -> None:
    ended = command("check")

    assert ended.returncode == 0
    assert "unconfigured" in ended.stderr


def test_partial_credentials_fail_the_release_and_name_the_variable() -> None:
    ended = command("check", GITHUB_APP_ID="7")

    assert ended.returncode == 3
    assert "GITHUB_APP_PRIVATE_KEY" in ended.stderr


def test_a_process_without_redis_says_which_variable_is_missing() -> None:
    for process in ("web", "worker"):
        ended = command(process)
        assert (ended.returncode, "REDIS_URL" in ended.stderr) == (3, True)
        assert "Traceback" not in ended.stderr


def answered(argus: Argus, path: str) -> httpx.Response:
    """Return the first answer of a process that is starting."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            return argus.http.get(path)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
