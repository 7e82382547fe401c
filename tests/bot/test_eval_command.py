"""`eval` as a person or a CI job meets it: the composed command over small datasets."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.cli.evaluate import EvalOptions, evaluate
from bot.cli.evaluate_app import SHIPPED
from bot.cli.evaluate_bench import open_bench
from bot.cli.evaluate_cases import read_dataset
from bot.cli.evaluate_floors import parse_floors
from bot.cli.evaluate_reports import Reports
from bot.cli.exits import ExitCode
from bot.cli.terminal import Terminal, run_command
from bot.settings import load_settings
from core.errors import UserError
from tests.bot.repositories import Sandbox
from tests.fakes.github import FakeGitHub
from tests.fakes.model_answers import (
    Answer,
    Asked,
    Silent,
    out_of_quota,
    overloaded,
    review,
    verdicts,
)
from tests.fakes.model_server import ModelServer

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""For one process; it takes one or two."""
NOBODY = "http://127.0.0.1:9"

TOTAL = ["def mean(items):", "    return sum(items) / len(items)", "", "", "def run(text):"]
RUN = "    return eval(text)"
EMPTY = {
    "path": "shop/sums.py",
    "line": 2,
    "severity": "important",
    "kind": "logic",
    "text": "The mean of an empty list divides by zero.",
}
CODE = {
    "path": "shop/sums.py",
    "line": 6,
    "severity": "important",
    "kind": "security",
    "text": "Whatever a user types is run as code by eval.",
}


def added(path: str, lines: Sequence[str]) -> dict[str, Any]:
    """Return the change that adds a file."""
    patch = [f"--- /dev/null\n+++ b/{path}", f"@@ -0,0 +1,{len(lines)} @@"]
    return {
        "title": f"Add {path}",
        "patch": "\n".join([*patch, *(f"+{line}" for line in lines)]) + "\n",
        "files": {path: list(lines)},
    }


BOTH = {**added("shop/sums.py", [*TOTAL, RUN]), "golden": [EMPTY, CODE]}
CLEAN = {**added("shop/names.py", ["def upper(name):", "    return name.upper()"]), "golden": []}


def a_claim(line: int, quote: str, title: str, body: str) -> Mapping[str, Any]:
    return {
        "path": "shop/sums.py",
        "line": line,
        "severity": "important",
        "category": "bug",
        "title": title,
        "body": body,
        "quote": quote,
        "confidence": 0.9,
    }


DIVIDES = a_claim(2, TOTAL[1].strip(), "No items raise", "`len` is then 0: ZeroDivisionError.")
RECURSES = a_claim(6, RUN.strip(), "Very deep text ends the process", "The parser recurses.")


class Place:
    """A dataset, a home for the reports, and what was said on the two streams."""

    def __init__(self, root: Path) -> None:
        self.dataset = root / "data"
        self.state = root / "state"
        self.dataset.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "XDG_STATE_HOME": str(self.state),
            "OLLAMA_BASE_URL": NOBODY,
        }
        self.out = ""
        self.err = ""

    def put(self, **cases: Mapping[str, Any]) -> None:
        for name, case in cases.items():
            (self.dataset / f"{name}.json").write_text(json.dumps(case))

    def ask(self, server: ModelServer) -> None:
        """Let models be asked from now on."""
        self.environment |= {
            "ARGUS_MODEL": "openai:reader",
            "OPENAI_API_KEY": "local",
            "OPENAI_BASE_URL": server.openai_url,
        }

    def evaluate(self, *, judge: str = "", **options: Any) -> ExitCode:
        """Evaluate the dataset in this process, composed as the command does it."""
        out, err = io.StringIO(), io.StringIO()
        terminal = Terminal(out, err)

        async def evaluated() -> ExitCode:
            dataset = read_dataset(self.dataset)
            async with open_bench(load_settings(self.environment), judge) as bench:
                return await evaluate(dataset, EvalOptions(**options), bench, terminal)

        code = run_command(evaluated, terminal)
        self.out, self.err = out.getvalue(), " ".join(err.getvalue().split())
        return code

    def document(self, **options: Any) -> dict[str, Any]:
        """Evaluate the dataset and return the printed document."""
        self.evaluate(as_json=True, **options)
        found: dict[str, Any] = json.loads(self.out)
        return found

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start the command as a process of its own."""
        return subprocess.Popen(
            (sys.executable, "-m", "bot", "eval", *options),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def reports(self) -> list[dict[str, Any]]:
        files = sorted((self.state / "argus" / "eval").glob("*.json"))
        return [json.loads(file.read_text()) for file in files]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(lambda _: review(DIVIDES, RECURSES)) as server:
        yield server


def recall_of(document: Mapping[str, Any], basis: str) -> tuple[int, int]:
    recall = document["summary"]["figures"][basis]["recall"]
    return recall["hits"], recall["of"]


def test_static_reviewer_is_measured_and_the_report_saved(place: Place) -> None:
    place.put(both=BOTH, clean=CLEAN)

    assert place.evaluate() == ExitCode.CLEAN

    assert "data: 2 cases, 8 changed lines: static analysis only" in place.out
    assert "by place            100% (21–100%) 1/1  50% (9–91%) 1/2" in place.out
    assert "Clean changes of which nothing was said: 100% (21–100%) 1/1" in place.out
    assert "[1/2] both: " in place.err
    assert "[2/2] clean: 0 of 0 found, 0 others" in place.err
    (report,) = place.reports
    assert report["summary"]["figures"]["place"]["recall"]["value"] == 0.5
    assert [case["id"] for case in report["cases"]] == ["both", "clean"]


def test_json_alone_stands_on_stdout(place: Place) -> None:
    place.put(both=BOTH)
    document = place.document()
    assert document["format"] == "argus.eval/1"
    assert document["cases"][0]["findings"][0]["line"] == 6


def unwrapped(text: str) -> str:
    """Return a text without spaces: where a long path breaks depends on the machine."""
    return "".join(text.split())


def test_broken_case_is_told_and_the_others_are_evaluated(place: Place) -> None:
    (place.dataset / "worse.json").write_text('{"patch": "x",\n "golden": [}')
    place.put(
        both=BOTH,
        again={**BOTH, "id": "both"},
        wrong={**BOTH, "golden": [{**EMPTY, "severity": "high"}]},
        shifted={**BOTH, "files": {"shop/sums.py": ["", *TOTAL, RUN]}},
        astray={**BOTH, "golden": [{**EMPTY, "path": "shop/other.py"}]},
        torn={**BOTH, "patch": str(BOTH["patch"]).replace("+def run", "def run")},
    )

    assert place.evaluate() == ExitCode.USAGE

    told = unwrapped(place.err)
    assert unwrapped("worse.json is no case that can be evaluated. Line 2, column 13") in told
    assert unwrapped("`golden[0].severity`: input should be 'important'") in told
    assert unwrapped("line 1 of shop/sums.py is not the one that the patch shows") in told
    assert unwrapped("`golden[0].path`: shop/other.py is not changed by the patch") in told
    assert unwrapped("`patch`: it is not a unified diff") in told
    assert unwrapped("Its id both is that of") in told
    assert "1 case, 6 changed lines" in place.out


def test_missing_dataset_is_a_usage_error(place: Place) -> None:
    assert place.evaluate() == ExitCode.USAGE
    assert "There is no dataset at" in place.err
    assert place.reports == []


def test_only_as_many_cases_as_asked_for_are_read(place: Place) -> None:
    place.put(a=BOTH, b=BOTH, c=BOTH)
    assert [filed.case.id for filed in read_dataset(place.dataset, 2).cases] == ["a", "b"]
    assert [filed.case.id for filed in read_dataset(place.dataset / "c.json").cases] == ["c"]


@pytest.mark.parametrize(
    ("given", "floors"),
    [
        (["recall=40%"], {"recall": 0.4}),
        (["F1 = 0.25", "quiet=1"], {"f1": 0.25, "quiet": 1.0}),
    ],
)
def test_floors_are_shares_of_figures(given: list[str], floors: dict[str, float]) -> None:
    assert parse_floors(given) == floors


@pytest.mark.parametrize("given", ["recal=40%", "recall", "recall=x", "recall=140%", "f1=nan", ""])
def test_floor_that_means_nothing_is_refused(given: str) -> None:
    with pytest.raises(UserError, match="--fail-under does not understand"):
        parse_floors([given])


def test_figure_under_its_floor_fails_the_command(place: Place) -> None:
    place.put(both=BOTH, clean=CLEAN)
    assert place.evaluate(floors={"quiet": 1.0, "recall": 0.0}) == ExitCode.CLEAN
    assert place.evaluate(floors={"recall": 0.8}) == ExitCode.FINDINGS
    assert "under 80.0%" in place.err


def test_range_of_a_repository_is_a_case(place: Place) -> None:
    sandbox = Sandbox(place.dataset.parent / "shop")
    sandbox.write("shop/sums.py", "\n".join(TOTAL[:2]) + "\n")
    base = sandbox.commit("Add sums")
    sandbox.write("shop/sums.py", "\n".join([*TOTAL, RUN]) + "\n")
    head = sandbox.commit("Run text")
    source = {"repository": {"path": "../shop", "base": base, "head": head}}
    place.put(ranged={**source, "golden": [CODE]})

    (case,) = place.document()["cases"]

    assert (case["changed_lines"], case["matches"]["place"]) == (4, {"0": 0})


def test_merged_pull_request_is_a_case_and_nothing_is_posted(
    place: Place, github: FakeGitHub
) -> None:
    text = "\n".join([*TOTAL, RUN]) + "\n"
    opened = github.open({"README.md": "# Shop\n"}, {"shop/sums.py": text})
    github.act(opened.repo, opened.number, "merge")
    place.environment |= {"GITHUB_API_URL": github.url, "GITHUB_WEB_URL": github.url}
    address = f"{github.url}/{opened.repo}/pull/{opened.number}"
    place.put(merged={"pull_request": address, "golden": [EMPTY, CODE]})

    (case,) = place.document()["cases"]

    assert case["failure"] == ""
    assert (case["changed_lines"], case["matches"]["place"]) == (6, {"1": 0})
    shown = github.snapshot(opened.repo, opened.number)
    assert (shown["reviews"], shown["issue_comments"]) == ([], [])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"repository": {"path": "../gone", "base": "a", "head": "b"}}, "is no folder"),
        ({"repository": {"path": ".", "base": "a", "head": "b"}}, "Nothing here is called"),
        ({"pull_request": "https://example.org/not/one"}, "pull request"),
    ],
)
def test_case_that_cannot_be_opened_fails_alone(
    place: Place, source: Mapping[str, Any], told: str
) -> None:
    place.put(both=BOTH, gone={**source, "golden": []})
    assert place.evaluate() == ExitCode.UPSTREAM
    assert "1 case, 6 changed lines, 1 failed" in place.out
    assert told in place.err


def test_judge_decides_what_means_the_same(place: Place, model: ModelServer) -> None:
    place.put(both=BOTH)
    place.ask(model)
    judging: list[Asked] = []

    def verifier(asked: Asked) -> Answer:
        if asked.model != "judge":
            return verdicts()(asked)
        judging.append(asked)
        return verdicts(lambda pair: "confirmed" if "No items" in pair else "rejected")(asked)

    model.verifier = verifier
    document = place.document(judge="openai:judge")

    assert recall_of(document, "place") == (2, 2)
    assert recall_of(document, "judge") == (1, 2)
    assert document["judge"] == "openai:judge"
    (case,), (asked,) = document["cases"], judging
    assert (case["judge_usage"]["calls"], case["judge_usage"]["input_tokens"]) == (1, 1000)
    assert case["usage"]["input_tokens"] == 1000 * case["usage"]["calls"]
    assert str(EMPTY["text"]) in asked.text


def test_case_without_a_judgement_counts_for_nothing(place: Place, model: ModelServer) -> None:
    place.put(both=BOTH, clean=CLEAN)
    place.ask(model)
    model.verifier = lambda asked: overloaded() if asked.model == "judge" else verdicts()(asked)
    document = place.document(judge="openai:judge")
    both, clean = document["cases"]
    assert both["failure"].startswith("no judgement: openai:judge")
    assert clean["failure"] == ""
    assert document["summary"]["failed"] == 1


def test_model_that_fails_leaves_no_figures_of_another_reviewer(
    place: Place, model: ModelServer
) -> None:
    model.script = lambda _: out_of_quota()
    place.put(both=BOTH)
    place.ask(model)
    assert place.evaluate() == ExitCode.UPSTREAM
    assert "1 failed" in place.out
    assert "the model is unavailable" in place.err
    assert "PRECISION" not in place.out


def test_runs_are_compared_case_by_case(place: Place, model: ModelServer) -> None:
    place.put(both=BOTH, clean=CLEAN)
    place.evaluate(model=False)
    place.ask(model)

    place.evaluate(against="last")

    assert "Against the earlier run, 2 cases shared:" in place.out
    assert f"+ both: {EMPTY['text']}" in place.out
    document = place.document(against="last", model=False)
    assert document["against"]["changes"][0]["missed"] == [EMPTY["text"]]
    assert place.evaluate(against="nothing.json") == ExitCode.USAGE
    assert "nothing.json cannot be read" in place.err


def test_there_has_to_be_a_run_to_compare_with(place: Place) -> None:
    place.put(both=BOTH)
    assert place.evaluate(against="last") == ExitCode.USAGE
    assert "There is no earlier report of data" in place.err


def test_report_is_saved_where_it_is_asked_for(place: Place) -> None:
    place.put(both=BOTH)
    wanted = place.dataset.parent / "new" / "report.json"
    place.evaluate(save=wanted)
    assert json.loads(wanted.read_text())["dataset"] == "data"
    assert place.reports == []
    assert place.evaluate(save=wanted / "below.json") == ExitCode.USAGE
    assert "cannot be written" in place.err


def test_relative_state_folder_is_no_place() -> None:
    # https://specifications.freedesktop.org/basedir-spec/latest/#basics
    assert Reports.of_user("state").folder == Reports.of_user("").folder


def test_several_cases_at_once_are_reported_in_their_order(
    place: Place, model: ModelServer
) -> None:
    place.put(**{f"case{number}": BOTH for number in range(6)})
    place.ask(model)
    document = place.document(at_once=4)
    assert [case["id"] for case in document["cases"]] == [f"case{n}" for n in range(6)]
    assert recall_of(document, "place") == (12, 12)


def test_interruption_saves_what_was_done(place: Place, model: ModelServer) -> None:
    def script(asked: Asked) -> Answer:
        return Silent() if "shop/names.py" in asked.text else review(DIVIDES)

    model.script = script
    place.put(both=BOTH, clean=CLEAN)
    place.ask(model)
    with place.start(str(place.dataset), "--model", "openai:other") as process:
        assert process.stderr is not None
        assert "[1/2] both" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)

    assert process.returncode == ExitCode.INTERRUPTED
    assert "Saved 1 of 2 cases to" in " ".join(err.split())
    assert "Traceback" not in err
    (report,) = place.reports
    assert ([case["id"] for case in report["cases"]], report["total"]) == (["both"], 2)
    assert report["models"] == ["openai:other"]
    assert place.evaluate(model=False, against="last") == ExitCode.USAGE
    assert "none of a run that came to its end" in place.err


def test_shipped_dataset_runs_end_to_end(place: Place) -> None:
    saved = place.dataset.parent / "shipped.json"
    with place.start("--no-model", "--save", str(saved)) as process:
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == ExitCode.CLEAN, err
    report = json.loads(saved.read_text())
    assert len(report["cases"]) == len([*SHIPPED.glob("*.json")])
    assert report["summary"]["failed"] == 0
    assert "KIND OF DEFECT" in out
