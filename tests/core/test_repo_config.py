"""`.argus.yaml`: what is taken, what is refused, and the words for it."""

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigurationInvalid
from core.repo_config import (
    PathRules,
    RepoConfig,
    ReviewRules,
    json_schema,
    parse,
    ruled_out,
    stacked,
)
from core.repo_config.settings import keys
from tests.fakes.core import a_pull_request

EVERYTHING = """
review:
  enabled: true
  events: [opened, reopened, ready_for_review, synchronize]
  drafts: false
  max_files: 50
  max_lines_per_file: 1000
  include: ["**/*"]
  ignore: ["**/node_modules/**", "**/vendor/**"]
  min_severity: important        # important | nit
  max_findings: 5
  gate: false                    # true: open important findings fail the check
  categories: [security, bug, performance, quality, tests]
paths:
  - glob: "migrations/**"
    instructions: "Every migration needs a down step."
prompt: { template: default, instructions: "" }
notify: { slack: "#reviews" }
ignore_authors: ["dependabot[bot]"]
ignore_labels: ["skip-argus"]
"""


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationInvalid) as raised:
        parse(text, ".argus.yaml")
    return raised.value.problems


def test_every_key_of_the_documented_file_is_taken():
    config = parse(EVERYTHING, ".argus.yaml")
    assert config.review == ReviewRules()
    assert config.paths == (
        PathRules(glob="migrations/**", instructions="Every migration needs a down step."),
    )
    assert config.notify.slack == "#reviews"
    assert config.ignore_authors == ("dependabot[bot]",)


def test_an_empty_file_means_the_defaults():
    assert parse("# nothing yet\n", ".argus.yaml") == RepoConfig()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "review:\n  gate: true\n  max_file: 3\n",
            "line 3: `review.max_file` is not known; did you mean `max_files`?",
        ),
        ("reveiw: {}\n", "line 1: `reveiw` is not known; did you mean `review`?"),
        ("zebra: {}\n", "line 1: `zebra` is not known"),
        (
            "paths:\n  - glob: a\n    instruction: b\n",
            "line 3: `paths.0.instruction` is not known; did you mean `instructions`?",
        ),
        (
            "review:\n  max_findings: 31\n",
            "line 2: `review.max_findings` should be less than or equal to 30",
        ),
        ('review: {max_files: "50"}\n', "line 1: `review.max_files` should be a valid integer"),
        (
            "review:\n  min_severity: nits\n",
            "line 2: `review.min_severity` should be 'important' or 'nit'; did you mean `nit`?",
        ),
        ("notify: {slack: reviews}\n", "line 1: `notify.slack` should be a channel of Slack as"),
        ("prompt: {template: Sec}\n", "line 1: `prompt.template` should be a word of lower-case"),
        (
            "prompt:\n  templates:\n    ours: 'Mind $instruction'\n",
            "is not a variable of templates; did you mean `$instructions`?",
        ),
        ("prompt: {templates: {ours: 'costs $5'}}\n", "write `$$` for the sign itself"),
        ("prompt: {templates: {ours: '${a.b}'}}\n", "write `$$` for the sign itself"),
        ("profiles: {Pay: {when: {paths: [a]}}}\n", "line 1: `profiles.Pay` should be a word"),
        ("profiles:\n  pay:\n    review: {}\n", "line 2: `profiles.pay.when` is missing"),
        ("profiles:\n  pay:\n    when: {}\n", "line 3: `profiles.pay.when`: one of `paths`, "),
        (
            "profiles:\n  pay:\n    when: {path: [a]}\n",
            "line 3: `profiles.pay.when.path` is not known; did you mean `paths`?",
        ),
        (
            "profiles:\n  pay:\n    when: {teams: [octo/pay]}\n",
            "line 3: `profiles.pay.when.teams.0` should be the slug of a team",
        ),
        (
            "profiles:\n  pay:\n    when: {paths: [a]}\n    review: {drafts: true}\n",
            "line 2: `profiles.pay`: a profile with `when.paths` cannot set `review.drafts`",
        ),
        (
            "paths:\n  - glob: a\n    review: {gate: true}\n",
            "line 3: `paths.0.review.gate` is not known",
        ),
        ("- review\n", "it has to be a mapping of keys to values"),
        ("review: {\n", "line 2: not valid YAML: did not find expected node content"),
        ("a: 1\na: 2\n", "line 2: `a` is given twice"),
        ("? [a]\n: b\n", "line 1: a key has to be a word"),
        ("review: {}\n---\nreview: {}\n", "line 2: only one document is allowed"),
    ],
)
def test_a_problem_is_a_sentence_with_its_line(text: str, problem: str):
    assert any(told.startswith(problem) or told.endswith(problem) for told in problems_of(text))


def test_all_problems_of_a_file_are_told_at_once_and_in_order():
    told = problems_of("review:\n  gate: 1\n  drafts: 2\npromt: {}\n")
    assert [problem[:7] for problem in told] == ["line 2:", "line 3:", "line 4:"]


def test_a_flood_of_problems_is_counted_not_listed():
    told = problems_of("".join(f"key{n}: 1\n" for n in range(500)))
    assert len(told) == 11
    assert told[-1] == "and 490 more"


BOMBS = {
    "aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefg")),
    "anchor alone": "a: &x 1\n",
    "python tag": "a: !!python/object/apply:os.system ['true']\n",
    "own tag": "a: !x 1\n",
    "binary": "a: !!binary aGVsbG8=\n",
    "merge key": "<<: {review: {}}\n",
    "deep flow": "a: " + "[" * 8_000,
    "deep closed": "a: " + "[" * 4_000 + "]" * 4_000,
    "deep block": "\n".join(" " * n + "a:" for n in range(150)),
    "too large": "# " + "x" * 16_384,
    "long number": f"review: {{max_files: {'9' * 10_000}}}\n",
    "long float": f"review: {{max_files: 1e{'9' * 10_000}}}\n",
    "surrogate": "a: \ud800\n",
    "nul": "a: \x00\n",
    "impossible date": "review: {max_files: 2020-99-99}\n",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_hostile_yaml_is_refused_at_once(text: str):
    started = time.perf_counter()
    assert problems_of(text)
    assert time.perf_counter() - started < 0.05


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_configuration_or_a_stated_problem(text: str):
    try:
        problems: tuple[str, ...] = ("none",) * isinstance(parse(text, ".argus.yaml"), RepoConfig)
    except ConfigurationInvalid as error:
        problems = error.problems
    assert problems
    assert all(len(problem) < 400 for problem in problems)


@pytest.mark.parametrize(
    ("glob", "word"),
    [
        ("", "empty"),
        ("a" * 257, "256 characters"),
        ("**/a/**/b/**/c/**/d/**/e/**", "`**`"),
        ("!keep.py", "`!`"),
        ("*.{js,ts}", "braces"),
        ("a/" * 30, "parts"),
    ],
)
def test_a_pattern_that_is_not_taken_says_why(glob: str, word: str):
    text = yaml.safe_dump({"review": {"ignore": [glob]}})
    assert word in problems_of(text)[0]


def test_two_hundred_places_are_the_most():
    profiles = {f"p{n}": {"when": {"paths": [f"{n}/{m}" for m in range(20)]}} for n in range(11)}
    text = yaml.safe_dump({"profiles": profiles})
    assert problems_of(text) == (
        "line 1: `paths` and all `when.paths` may have at most 200 patterns together",
    )


def test_a_hundred_patterns_are_the_most():
    text = yaml.safe_dump({"review": {"ignore": [f"a{n}" for n in range(101)]}})
    assert "at most 100" in problems_of(text)[0]


def test_what_rules_a_pull_request_out_is_said_in_words():
    config = RepoConfig(ignore_labels=("Skip-Argus",), ignore_authors=("dependabot[bot]",))
    assert ruled_out(a_pull_request(), config) is None
    assert "draft" in (ruled_out(a_pull_request(draft=True), config) or "")
    assert "`skip-argus`" in (ruled_out(a_pull_request(labels=("skip-argus",)), config) or "")
    assert "author" in (ruled_out(a_pull_request(author="Dependabot[bot]"), config) or "")


def test_drafts_are_reviewed_where_the_configuration_wants_it():
    config = RepoConfig(review=ReviewRules(drafts=True))
    assert ruled_out(a_pull_request(draft=True), config) is None


def test_a_person_who_asks_outranks_draft_and_label_but_not_the_switch():
    off = RepoConfig(review=ReviewRules(enabled=False))
    assert ruled_out(a_pull_request(draft=True), RepoConfig(), asked=True) is None
    assert "turned off" in (ruled_out(a_pull_request(), off, asked=True) or "")


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ({"opened"}, True),
        ({"synchronize"}, False),
        ({"synchronize", "opened"}, True),
        ({"edited"}, True),
        (set[str](), True),
    ],
)
def test_only_the_events_that_are_wanted_start_a_review(events: set[str], wanted: bool):
    config = RepoConfig(review=ReviewRules(events=("opened",)))
    assert (ruled_out(a_pull_request(), config, events=events) is None) is wanted
    assert ruled_out(a_pull_request(), config, events=events, asked=True) is None


def test_without_any_event_nothing_starts_a_review_but_a_person():
    config = RepoConfig(review=ReviewRules(events=()))
    assert "nobody asked" in (ruled_out(a_pull_request(), config) or "")
    assert ruled_out(a_pull_request(), config, asked=True) is None


def test_the_published_schema_is_current():
    published = Path(__file__).parents[2] / "docs" / "argus.schema.json"
    assert json.loads(published.read_text()) == json_schema()


def test_every_key_is_documented_with_its_default():
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    defaults = {key: f"`{json.dumps(value)}`" for key, value in stacked([]).values()}
    rows = [f"| `{key}` | {defaults.get(key, 'none')} |" for key in keys()]
    assert [row for row in rows if row not in text] == []


def test_hostile_files_take_no_memory():
    """Told by a process of their own, whose peak nothing else has raised."""
    measure = (
        "import json, resource, sys; from core.errors import ConfigurationInvalid as Invalid;"
        "from core.repo_config import parse; texts = json.load(sys.stdin);"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "parse('review: {gate: true}', 'x'); before = peak(); refused = 0\n"
        "for text in texts:\n"
        "    try: parse(text, 'x')\n"
        "    except Invalid: refused += 1\n"
        "print(refused, peak() - before)"
    )
    told = subprocess.run(
        [sys.executable, "-c", measure],
        input=json.dumps(list(BOMBS.values())),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
        timeout=60,
    )
    refused, kilobytes = map(int, told.stdout.split())
    assert refused == len(BOMBS)
    assert kilobytes < 10_000


def test_the_published_schema_takes_and_refuses_the_same_files():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(EVERYTHING), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"review": {"max_file": 3}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"review": {"max_findings": 31}}, schema)
