"""What people are told on a pull request: in words, with what to do next, and nothing hostile."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import Ignore, Verb
from core.commands import parse as read_command
from core.desk import Answer, JobView, Resumed, Standing
from core.errors import UserError
from core.models import (
    Category,
    DismissalScope,
    Dismissed,
    Duplicate,
    DuplicateOf,
    FindingState,
    OutcomeKind,
    Paused,
    Severity,
    Stage,
)
from core.repo_config import DEFAULTS, Layer, LayerKind, parse, stacked
from github.markers import MarkerKind
from github.render import answers, proposals, summary
from tests.github.output_policy import breaches
from tests.github.render_samples import HEAD, HOME, REF, VERDICT, outcome, recorded
from tests.github.reviews_api import MARKERS
from tests.github.sanitise_corpus import ACTIONS, EXFILTRATION

ADA = Paused(who="ada")


def standing(stage: Stage = Stage.IDLE, **changes: Any) -> Standing:
    job = {"id": "7:7", "ref": REF, "stage": stage, "head": HEAD, "since": 0.0}
    job |= {k: v for k, v in changes.items() if k in {"ahead", "starts_in", "outcome"}}
    others = {k: v for k, v in changes.items() if k in {"open", "paused"}}
    return Standing(ref=REF, job=JobView(**job), **others)  # type: ignore[arg-type]  # fields


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Standing(ref=REF, job=None), "has not reviewed this pull request"),
        (standing(Stage.WAITING), "queued, it is next"),
        (standing(Stage.WAITING, ahead=2), "queued, 2 reviews before it"),
        (standing(Stage.WAITING, starts_in=600.0), "starts in about 10 min"),
        (standing(Stage.RUNNING), "is running"),
        (standing(Stage.DEAD), "`/argus review full` to try again"),
        (standing(open={Severity.NIT: 2}), "Open in all rounds: 2 nits."),
        (standing(), "Open in all rounds: no findings."),
        (standing(outcome=outcome(recorded())), "**1 important finding.**"),
        (standing(paused=ADA), "paused by `ada`; comment `/argus resume`"),
    ],
)
def test_status_says_where_it_stands_and_what_can_be_done(told: Standing, words: str) -> None:
    assert words in answers.status(told, HOME)


def test_pausing_names_who_paused_first() -> None:
    assert "are paused. Comment `/argus resume`" in answers.paused(ADA, "ada")
    assert "paused already, by `ada`" in answers.paused(ADA, "bob")
    assert "were not paused" in answers.resumed(Resumed(None))
    assert "`ada` had paused them. The latest" in answers.resumed(Resumed(ADA, reviewed_now=True))
    assert "were not paused. The latest" in answers.resumed(Resumed(None, reviewed_now=True))


def test_people_of_slack_are_named_as_such_and_not_by_their_ids() -> None:
    mona = Paused(who="slack:U0MONA")
    told = [
        answers.paused(mona, "bob"),
        answers.resumed(Resumed(mona)),
        answers.status(standing(paused=mona), HOME),
        f"Automatic reviews were paused by {mona.by}.",
    ]
    assert all(
        "by somebody in Slack" in words or "somebody in Slack had" in words for words in told
    )
    assert "U0MONA" not in "".join(told)


UNDO = {
    DismissalScope.FINDING: "ignore off",
    DismissalScope.PULL_REQUEST: "ignore all off",
    DismissalScope.RULE: "ignore rule off",
}


@pytest.mark.parametrize("scope", DismissalScope)
def test_every_scope_of_a_dismissal_is_told_with_the_words_that_take_it_back(
    scope: DismissalScope,
) -> None:
    said = Dismissed(scope=scope, state=FindingState.DISMISSED, findings=(recorded(),))
    assert "set aside" in answers.ignored(said)
    assert f"`/argus {UNDO[scope]}`" in answers.ignored(said)
    assert read_command(UNDO[scope], web_url=HOME.web_url) == Ignore(scope, off=True)


@pytest.mark.parametrize("scope", DismissalScope)
def test_dismissal_that_is_taken_back_is_told_by_what_it_changed(scope: DismissalScope) -> None:
    said = Dismissed(scope=scope, state=FindingState.OPEN, findings=(recorded(),))
    assert "again" in answers.ignored(said)
    nothing = said.model_copy(update={"findings": ()})
    assert answers.ignored(nothing) == "Nothing changed: no finding was set aside by that."


def test_ignore_that_names_no_finding_says_how_to() -> None:
    assert "`/argus ignore all` to" in answers.ignore_what(off=False)
    assert "`/argus ignore all off` to" in answers.ignore_what(off=True)


def test_review_of_before_is_linked_only_where_it_leads_home() -> None:
    url = "https://github.com/acme/shop/pull/7#pullrequestreview-1"
    known = Duplicate(job_id="7:7", of=DuplicateOf.REVIEWED, review_url=url)
    assert f"[Here it is]({url})" in answers.reviewed_before(known, HOME)
    away = known.model_copy(update={"review_url": "https://evil.test/"})
    assert "evil.test" not in answers.reviewed_before(away, HOME)


@pytest.mark.parametrize("kind", OutcomeKind)
def test_every_end_of_a_review_is_told_with_its_commit(kind: OutcomeKind) -> None:
    assert f"`{HEAD[:7]}`" in answers.concluded(outcome(recorded(), kind=kind), HOME)


def test_problem_has_its_next_step_and_a_request_id() -> None:
    said = answers.problem(UserError("No.", why="Because.", next_step="Try."), "c-1", HOME)
    assert said == "No. Because. Try.\n\n<sub>request `c-1`</sub>"


@pytest.mark.parametrize("verb", [Verb.QUEUE, Verb.SUBSCRIBE, Verb.CONNECT])
def test_what_belongs_to_slack_is_shown_the_way_there(verb: Verb) -> None:
    assert f"`/argus {verb}`" in answers.slack_only(verb)


def test_help_gives_examples_by_the_apps_own_name() -> None:
    assert "`@our-argus review full`" in answers.help_text("our-argus")
    assert "`/argus review full`" in answers.help_text("")


def test_configuration_tells_each_key_with_its_origin() -> None:
    says = parse("review: {max_findings: 3}\nignore_labels: ['a|b']\n", ".argus.yaml")
    layer = Layer(LayerKind.REPOSITORY, ".argus.yaml on main", says)
    told = answers.configuration(stacked([DEFAULTS, layer]), ["A note."], HOME)
    ours, _, rest = told.partition("<details>")
    row = "| `review.max_findings` | `3` | `repository: .argus.yaml on main` |"
    assert row in ours
    assert '| `ignore_labels` | `["a¦b"]` |' in ours
    assert "- A note." in ours
    assert "| `review.gate` | `false` | `defaults` |" in rest


def test_configuration_of_any_size_fits_a_comment() -> None:
    profiles = "\n".join(
        f"  p{n}: {{when: {{labels: [x]}}, prompt: {{instructions: '{'y' * 3_900}'}}}}"
        for n in range(3)
    )
    says = parse(f"profiles:\n{profiles}\n", ".argus.yaml")
    layer = Layer(LayerKind.REPOSITORY, "n" * 40_000, says)
    assert len(answers.configuration(stacked([DEFAULTS, layer]), [], HOME)) < 65_536


def test_what_people_dismiss_again_and_again_is_proposed_not_done() -> None:
    told = proposals.proposed(["static:python-eval", "model:bug", "model:tests"])
    assert "`python-eval`: reply `/argus ignore rule`" in told
    assert "about `bug` and `tests`: put into `.argus.yaml` on the base branch" in told
    [pasted] = re.findall(r"```yaml\n(.*?)\n```", told, re.DOTALL)
    assert parse(pasted, ".argus.yaml").review.categories == ("security", "performance", "quality")
    assert proposals.proposed([]) == ""


def test_nobody_is_told_to_turn_everything_off() -> None:
    told = proposals.proposed([f"model:{category}" for category in Category])
    assert "categories" not in told


def test_summary_proposes_in_one_line_that_opens_on_a_click() -> None:
    said = summary(outcome(recorded()), VERDICT, HOME, "", proposed=["model:bug"])
    assert "<summary>People here dismiss again and again what 1 rule found</summary>" in said
    assert "categories: [security, performance, quality, tests]" in said
    assert "dismiss again" not in summary(outcome(recorded()), VERDICT, HOME, "")


def test_answer_has_at_most_three_hundred_words_and_says_who_answered() -> None:
    said = answers.answer(Answer("word " * 900, "openai:gpt-5"), HOME)
    assert said.count("word") <= answers.ANSWER_WORDS
    assert "answered by `openai:gpt-5`, not verified" in said


@pytest.mark.parametrize("text", [*ACTIONS, *EXFILTRATION])
def test_hostile_words_stay_words(text: str) -> None:
    for said in (
        answers.answer(Answer(text), HOME),
        answers.problem(UserError(text), "c-1", HOME),
        answers.not_allowed(text, "write"),
        answers.failure(text, "c-1", HOME),
    ):
        body = f"{said}\n\n{MARKERS.make(MarkerKind.ANSWER, 'x')}"
        assert breaches(body, HOME, MARKERS) == []


@given(st.text())
def test_any_text_makes_an_answer(text: str) -> None:
    assert answers.answer(Answer(text), HOME)
