"""Stories of configuration: who may say what about reviews, and from when it counts."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.fakes.argus import ROOT, Argus
from tests.fakes.github import FakeGitHub, Opened

BASE = {"app/store.py": "def find(db, name):\n    return db.get(name)\n"}
SQL = """\
def find(db, name):
    return db.execute(f"SELECT * FROM items WHERE name = '{name}'")
"""
BROKEN = "review:\n  gate: true\n  max_file: 3\n"


def check_of(shown: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the complete check of the pull request's head, None while there is none."""
    head = shown["pull"]["head"]["sha"]
    done = [
        check
        for check in shown["checks"]
        if check["head_sha"] == head and check["status"] == "completed"
    ]
    return done[-1] if done else None


async def result(hub: FakeGitHub, opened: Opened) -> tuple[str, str]:
    """Return how the check of the head ended, and everything it says."""
    shown = await hub.until(opened.repo, opened.number, check_of, seconds=30)
    check = check_of(shown)
    assert check is not None
    output = check["output"]
    return check["conclusion"], f"{output['title']}\n{output['summary']}\n{output['text']}"


def configure(argus: Argus, *arguments: str) -> None:
    """Run `config` as an operator would, on the machine where Argus runs."""
    subprocess.run(
        [sys.executable, "-m", "bot", "config", *arguments],
        cwd=ROOT,
        env=argus.environment,
        check=True,
        timeout=60,
        capture_output=True,
    )


async def test_a_pull_request_does_not_configure_its_own_review(
    argus: Argus, hub: FakeGitHub
) -> None:
    change = {"app/store.py": SQL, ".argus.yaml": "review: {enabled: false}\n"}
    opened = hub.open(BASE, change, repo="octo/own-configuration")

    conclusion, told = await result(hub, opened)

    assert conclusion == "neutral"
    assert ".argus.yaml is changed here and valid; it counts once it is merged." in told
    assert len(hub.snapshot(opened.repo, opened.number)["review_comments"]) == 1


async def test_a_proposed_file_that_is_not_valid_is_told_to_its_author(
    argus: Argus, hub: FakeGitHub
) -> None:
    change = {"app/store.py": SQL, ".github/argus.yaml": BROKEN}
    opened = hub.open(BASE, change, repo="octo/proposal")

    _, told = await result(hub, opened)

    assert ".github/argus.yaml as this pull request changes it would be ignored" in told
    assert "line 3:" in told
    assert "did you mean `max_files`?" in told


async def test_a_broken_file_is_named_by_its_line_and_the_rest_goes_on(
    argus: Argus, hub: FakeGitHub
) -> None:
    opened = hub.open({**BASE, ".argus.yaml": BROKEN}, {"app/store.py": SQL}, repo="octo/broken")

    conclusion, told = await result(hub, opened)

    assert conclusion == "neutral"  # its `gate` is ignored with the rest of it
    assert ".argus.yaml on `main` was ignored as a whole: line 3:" in told
    assert "did you mean `max_files`?" in told


async def test_what_the_operator_sets_counts_at_the_next_push(
    argus: Argus, hub: FakeGitHub
) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/runtime")
    assert (await result(hub, opened))[0] == "neutral"

    configure(argus, "set", "review.enabled", "false", "--repo", opened.repo)
    hub.push(opened.repo, "change", {"app/more.py": SQL})
    assert (await result(hub, opened))[0] == "skipped"

    configure(argus, "unset", "review.enabled", "--repo", opened.repo)
    hub.push(opened.repo, "change", {"app/third.py": SQL})
    assert (await result(hub, opened))[0] == "neutral"


async def test_an_operators_lock_counts_over_the_repository(argus: Argus, hub: FakeGitHub) -> None:
    configure(argus, "set", "review.gate", "true", "--repo", "octo/locked", "--lock")
    base = {**BASE, ".argus.yaml": "review: {gate: false}\n"}

    opened = hub.open(base, {"app/store.py": SQL}, repo="octo/locked")

    assert (await result(hub, opened))[0] == "failure"


async def test_an_organisation_configures_its_repositories_and_each_its_own(
    argus: Argus, hub: FakeGitHub
) -> None:
    file = {".argus.yaml": "review: {gate: true}\n"}
    hub.create_repo("acme/.github", file, owner_type="Organization")

    first = hub.open(BASE, {"app/store.py": SQL}, repo="acme/shop")
    own = {**BASE, ".argus.yaml": "review: {gate: false}\n"}
    second = hub.open(own, {"app/store.py": SQL}, repo="acme/web")

    assert (await result(hub, first))[0] == "failure"
    assert (await result(hub, second))[0] == "neutral"


async def test_a_profile_counts_where_its_files_are_touched(argus: Argus, hub: FakeGitHub) -> None:
    text = "profiles: {pay: {when: {paths: ['pay/**']}, review: {gate: true}}}\n"
    base = {**BASE, ".argus.yaml": text}

    paid = hub.open(base, {"pay/card.py": SQL}, repo="octo/profile")
    other = hub.open(base, {"app/store.py": SQL}, repo="octo/no-profile")

    assert (await result(hub, paid))[0] == "failure"
    assert (await result(hub, other))[0] == "neutral"


async def test_events_that_are_not_wanted_start_no_review(argus: Argus, hub: FakeGitHub) -> None:
    base = {**BASE, ".argus.yaml": "review: {events: [opened]}\n"}
    opened = hub.open(base, {"app/store.py": SQL}, repo="octo/events")
    assert (await result(hub, opened))[0] == "neutral"

    hub.push(opened.repo, "change", {"app/more.py": SQL})
    conclusion, told = await result(hub, opened)

    assert conclusion == "skipped"
    assert "`review.events` does not ask for a review here: `synchronize`" in told
