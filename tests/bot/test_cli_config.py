"""`config` on a real server: what applies and who said it, changes, explanations, in words."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Policy
from bot.adapters.runtime_settings import RuntimeSettings
from bot.cli import config
from bot.cli.config import Asked, Office, Place
from bot.cli.exits import ConfigurationUnusable, ExitCode, code_of
from bot.cli.terminal import Terminal
from core.errors import UserError
from core.models import PullRequestRef
from core.repo_config import RepoConfig, ReviewRules

SHOP = Asked("octo", "shop")
FILES = {
    ".argus.yaml": b"""
review: {max_findings: 7}
prompt: {instructions: Be brief.}
paths: [{glob: "pay/**", instructions: Mind the money.}]
profiles: {careful: {when: {labels: [careful], base: [main]}, review: {min_severity: nit}}}
""",
    ".gitattributes": b"gen/** linguist-generated\n",
}


@dataclass
class Desk:
    """An operator at a terminal that is no terminal, and a GitHub with one repository."""

    runtime: RuntimeSettings | None
    folder: Path
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    @property
    def office(self) -> Office:
        environment = RepoConfig(review=ReviewRules(max_files=9))
        terminal = Terminal(self.out, self.err)
        return Office(environment, self.runtime, self.opens, terminal, self.folder, lambda: "mona")

    async def opens(self, owner: str, repo: str, branch: str) -> Place:
        async def read(path: str) -> bytes | None:
            return self.files.get(path)

        ref = PullRequestRef(owner=owner, repo=repo, number=1)
        return Place(ref, branch or "main", read, None)

    def printed(self) -> str:
        text = self.out.getvalue()
        self.out.seek(0)
        self.out.truncate()
        return text

    async def set(self, key: str, value: str, asked: Asked = SHOP, *, lock: bool = False) -> str:
        await config.set_(self.office, key, value, asked, lock=lock)
        return self.printed()

    async def shown(self, asked: Asked = SHOP) -> dict[str, str]:
        """Return the columns VALUE and ORIGIN by key."""
        await config.show(self.office, asked, as_json=False, origins=True)
        rows = [line.split(None, 1) for line in self.printed().splitlines()]
        return {key: rest for key, rest in rows if key != "KEY"}

    async def explained(self, path: str, asked: Asked = SHOP) -> str:
        await config.explain(self.office, path, asked, as_json=False)
        return self.printed()


@pytest.fixture
def desk(redis: Redis, tmp_path: Path) -> Desk:
    return Desk(RuntimeSettings(redis, Policy(lease=5.0)), tmp_path)


async def test_every_key_is_shown_with_who_said_it(desk: Desk) -> None:
    await desk.set("review.gate", "true", Asked())
    await desk.set("review.drafts", "true", Asked("octo"))
    await desk.set("review.max_findings", "2", lock=True)

    rows = await desk.shown()

    assert rows["review.max_files"].split() == ["9", "environment"]
    assert rows["review.gate"].endswith("instance: set for everybody")
    assert rows["review.drafts"].endswith("organisation: set for octo")
    assert rows["review.max_findings"].startswith("2 ")
    assert rows["review.max_findings"].endswith("lock: locked for octo/shop")
    assert rows["prompt.instructions"].endswith("repository: .argus.yaml on `main`")
    assert rows["review.min_severity"].endswith("defaults")


async def test_without_a_repository_the_operators_word_is_shown(desk: Desk) -> None:
    await desk.set("review.max_findings", "2")
    await desk.set("review.gate", "true", Asked("octo"))

    rows = await desk.shown(Asked("octo"))

    assert rows["review.max_findings"].split() == ["5", "defaults"]
    assert rows["review.gate"].startswith("true")


async def test_json_has_values_origins_and_what_is_wrong(desk: Desk) -> None:
    desk.files[".argus.yaml"] = b"review: {max_file: 3}\n"
    await config.show(desk.office, SHOP, as_json=True, origins=False)

    found = json.loads(desk.printed())

    assert found["schema"] == "argus.configuration/1"
    assert found["values"]["review.max_files"] == {
        "value": 9,
        "origin": {"layer": "environment", "name": "environment"},
    }
    assert "did you mean `max_files`?" in found["notes"][0]
    assert "did you mean" in desk.err.getvalue()


async def test_a_change_says_what_stood_there_and_is_remembered(desk: Desk) -> None:
    assert "= 3 (before: not set)" in await desk.set("review.max_findings", "3")
    assert "= 4, locked (before: 3)" in await desk.set("review.max_findings", "4", lock=True)
    await config.unset(desk.office, "review.max_findings", SHOP)
    assert "(before: 4, locked)" in desk.printed()

    await config.history(desk.office, Asked(), as_json=False)

    _, *rows = desk.printed().splitlines()
    assert [row.split()[3:] for row in rows] == [
        ["mona", "octo/shop", "review.max_findings", "4,", "locked", "not", "set"],
        ["mona", "octo/shop", "review.max_findings", "3", "4,", "locked"],
        ["mona", "octo/shop", "review.max_findings", "not", "set", "3"],
    ]
    await config.history(desk.office, Asked("else"), as_json=True)
    assert json.loads(desk.printed())["changes"] == []


async def test_words_are_taken_as_they_are(desk: Desk) -> None:
    words = "Mind: the #money, *always*"
    await desk.set("prompt.instructions", words)
    await desk.set("notify.slack", "#reviews")
    await desk.set("prompt.templates.ours", "$instructions: in $repository")

    rows = await desk.shown()

    assert rows["prompt.instructions"].startswith(json.dumps(words))
    assert rows["notify.slack"].startswith('"#reviews"')
    assert rows["prompt.templates.ours"].startswith('"$instructions: in $repository"')


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("review.max_finding", "3", "did you mean `review.max_findings`?"),
        ("review.max_findings", "many", "should be a valid integer"),
        ("review.ignore", "[a, &x b]", "anchors and aliases are not allowed"),
        ("paths", "{", "not valid YAML"),
    ],
)
async def test_what_cannot_be_set_is_said_in_words(
    desk: Desk, key: str, value: str, words: str
) -> None:
    with pytest.raises(ConfigurationUnusable) as refused:
        await desk.set(key, value)

    assert words in refused.value.why
    assert code_of(refused.value) is ExitCode.CONFIGURATION


async def test_what_is_not_set_cannot_be_unset(desk: Desk) -> None:
    with pytest.raises(UserError, match="is not set for octo/shop"):
        await config.unset(desk.office, "review.gate", SHOP)


async def test_without_redis_nothing_is_set_and_the_rest_is_shown(desk: Desk) -> None:
    desk.runtime = None

    assert (await desk.shown())["review.max_findings"].startswith("7 ")
    assert "REDIS_URL is not set" in desk.err.getvalue()
    with pytest.raises(ConfigurationUnusable):
        await desk.set("review.gate", "true")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("src/a.py", "it is read when it changes"),
        ("lib/vendor/a.py", "ignored by configuration (`**/vendor/**`)"),
        ("gen/a.py", "generated (linguist-generated in .gitattributes)"),
        ("uv.lock", "lock file"),
    ],
)
async def test_a_path_is_explained(desk: Desk, path: str, words: str) -> None:
    first = (await desk.explained(path)).splitlines()[0]

    assert first.startswith(f"{path} in octo/shop: ")
    assert words in first


async def test_an_explanation_has_the_profiles_and_the_words_for_the_path(desk: Desk) -> None:
    text = await desk.explained("pay/a.py", Asked("octo", "shop", labels=("careful",)))

    assert "Profiles that apply: careful." in text
    assert "Instructions: Mind the money." in text
    (row,) = [line for line in text.splitlines() if line.startswith("review.min_severity")]
    assert row.split() == ["review.min_severity", '"nit"', "profile:", "careful"]
    assert "careful" not in (await desk.explained("pay/a.py", SHOP)).splitlines()[1]


async def test_without_a_repository_the_folder_explains(desk: Desk) -> None:
    (desk.folder / ".argus.yaml").write_text("review: {ignore: ['*.md']}\n")

    text = await desk.explained("a.md", Asked())

    assert text.startswith("a.md in this folder: it is not read: ignored by configuration (`*.md`)")
    assert "repository: .argus.yaml here" in text


@pytest.mark.parametrize(
    ("text", "code", "printed"),
    [
        ("review: {gate: true}\n", ExitCode.CLEAN, "a.yaml: valid\n"),
        (
            "review:\n  gates: 1\n",
            ExitCode.CONFIGURATION,
            "a.yaml: line 2: `review.gates` is not known; did you mean `gate`?\n",
        ),
    ],
)
def test_a_file_is_judged_line_by_line(desk: Desk, text: str, code: ExitCode, printed: str) -> None:
    assert config.validate("a.yaml", text.encode(), desk.office.terminal) is code
    assert desk.printed() == printed


def test_a_template_that_is_not_in_the_file_is_told(desk: Desk) -> None:
    config.validate("a.yaml", b"prompt: {template: ours}\n", desk.office.terminal)
    assert "`prompt.template` names `ours`, which is not there" in desk.err.getvalue()


def test_the_schema_for_editors_is_printed() -> None:
    assert json.loads(config.schema())["title"] == "Argus repository configuration"


def test_a_setting_outlives_the_command_and_names_the_operator(redis_url: str) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "REDIS_URL": redis_url}
        return subprocess.run(
            [sys.executable, "-m", "bot", "config", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    made = run("set", "review.max_findings", "3", "--org", "octo")
    shown = run("show", "--org", "octo", "--format", "json")
    told = run("history", "--format", "json")

    assert (made.returncode, made.stderr) == (0, "")
    value = json.loads(shown.stdout)["values"]["review.max_findings"]
    assert value == {"value": 3, "origin": {"layer": "organisation", "name": "set for octo"}}
    assert json.loads(told.stdout)["changes"][0]["who"] == config.operator()
