"""Layers of configuration: which one wins, who said what, and what profiles make of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import Category, FileChange
from core.repo_config import (
    Configuration,
    Effective,
    Layer,
    LayerKind,
    RepoConfig,
    ReviewRules,
    Situation,
    parse,
    stacked,
)
from core.repo_config.layers import DEFAULTS
from core.repo_config.templates import BUILT_IN, VARIABLES, built_in, check_template, fill_in
from core.selection import select
from tests.fakes.core import a_new_file

PROFILES = """
review: {max_findings: 9}
prompt: {instructions: Be brief.}
paths:
  - {glob: "*.sql", instructions: Mind the locks., review: {max_lines_per_file: 20}}
profiles:
  payments:
    when: {paths: ["pay/**"]}
    review: {min_severity: nit, gate: true}
    prompt: {instructions: Mind the money.}
  release:
    when: {base: ["release/*"]}
    review: {max_findings: 2, drafts: true}
  careful:
    when: {labels: [Careful], teams: [core]}
    prompt: {template: security}
"""


def layer(kind: LayerKind, text: str, name: str = "") -> Layer:
    return Layer(kind, name or kind.value, parse(text, "test"))


def configured(text: str = PROFILES, *more: Layer) -> Configuration:
    return Configuration((layer(LayerKind.REPOSITORY, text), *more))


# layers


def test_a_stronger_layer_wins_key_by_key_and_lists_whole():
    below = layer(LayerKind.ENVIRONMENT, "review: {max_files: 7, ignore: [a]}\nignore_labels: [x]")
    above = layer(LayerKind.REPOSITORY, "review: {ignore: [b], gate: true}")

    both = stacked([above, below])

    assert both.config.review == ReviewRules(max_files=7, ignore=("b",), gate=True)
    assert both.config.ignore_labels == ("x",)
    assert both.config.review.categories == tuple(Category)


@given(st.permutations(tuple(LayerKind)))
def test_kinds_have_their_rank_however_they_are_given(kinds: list[LayerKind]):
    layers = [
        layer(kind, f"review: {{max_findings: {tuple(LayerKind).index(kind)}}}") for kind in kinds
    ]
    effective = stacked(layers)
    assert effective.config.review.max_findings == len(LayerKind) - 1
    assert effective.origin("review.max_findings").kind is LayerKind.LOCK


def test_within_a_kind_the_later_one_wins():
    file = layer(LayerKind.ORGANISATION, "review: {gate: true, max_files: 3}", "file")
    setting = layer(LayerKind.ORGANISATION, "review: {max_files: 4}", "setting")

    effective = stacked([file, setting])

    assert effective.config.review.max_files == 4
    assert effective.origin("review.gate") is file
    assert effective.origin("review.max_files") is setting


def test_every_key_knows_who_said_it():
    effective = configured().stated
    origins = {key: effective.origin(key).kind for key, _ in effective.values()}
    said = {key for key, kind in origins.items() if kind is LayerKind.REPOSITORY}

    assert {"review.max_findings", "paths", "prompt.instructions"} <= said
    assert origins["profiles.payments"] is LayerKind.REPOSITORY
    assert effective.origin("review.gate") is DEFAULTS
    assert set(origins.values()) == {LayerKind.REPOSITORY, LayerKind.DEFAULTS}


def test_a_profile_of_the_same_name_is_replaced_whole():
    below = layer(LayerKind.ORGANISATION, "profiles: {a: {when: {labels: [x], base: [main]}}}")
    above = layer(LayerKind.REPOSITORY, "profiles: {a: {when: {paths: [p]}, review: {gate: true}}}")

    together = stacked([below, above])

    assert together.config.profiles == above.says.profiles
    assert together.origin("profiles.a") is above


def test_layers_together_may_hold_more_than_one_alone():
    text = "profiles: {%s}"
    entries = [f"p{number}: {{when: {{labels: [x]}}}}" for number in range(40)]
    layers = [
        layer(LayerKind.ORGANISATION, text % ", ".join(entries[:20])),
        layer(LayerKind.REPOSITORY, text % ", ".join(entries[20:])),
    ]

    assert len(stacked(layers).config.profiles) == 40


@given(
    st.lists(
        st.tuples(
            st.sampled_from(tuple(LayerKind)),
            st.sampled_from(
                ["review: {gate: true}", "review: {ignore: []}", PROFILES, "paths: []"]
            ),
        ),
        max_size=6,
    )
)
def test_what_applies_is_a_configuration_that_could_be_written(said: list[tuple[LayerKind, str]]):
    effective = stacked(layer(kind, text) for kind, text in said)

    assert (
        RepoConfig.model_validate(effective.config.model_dump(exclude_unset=True))
        == effective.config
    )
    assert set(effective.said_by) <= {key for key, _ in effective.values()}


def test_nothing_said_is_the_defaults():
    assert Configuration().config == RepoConfig()
    assert stacked([]) == Effective(RepoConfig(), {})


# profiles


def test_a_profile_of_paths_counts_for_its_files_and_the_verdict_of_the_whole():
    touched = configured().over(["pay/card.py", "web/page.ts"])

    assert touched.profiles == ("payments",)
    assert touched.config.review.gate
    assert touched.at("pay/card.py").min_severity == "nit"
    assert touched.at("web/page.ts").min_severity == "important"
    assert touched.config.review.min_severity == "important"


def test_a_profile_of_paths_that_nothing_touches_says_nothing():
    untouched = configured().over(["web/page.ts"])

    assert untouched.profiles == ()
    assert not untouched.config.review.gate
    assert untouched.at("pay/card.py").min_severity == "important"


@pytest.mark.parametrize(
    ("branch", "most"), [("release/2", 2), ("release", 9), ("my/release/2", 9), ("release/2/a", 9)]
)
def test_a_profile_of_a_branch_names_it_whole(branch: str, most: int):
    assert configured().within(Situation(branch)).max_findings == most


@pytest.mark.parametrize(
    ("situation", "template"),
    [
        (Situation(labels=("careful",), teams=frozenset({"core", "x"})), "security"),
        (Situation(labels=("careful",)), "default"),
        (Situation(teams=frozenset({"core"})), "default"),
    ],
)
def test_all_conditions_of_a_profile_have_to_hold(situation: Situation, template: str):
    assert configured().within(situation).config.prompt.template == template


def test_an_entry_of_paths_has_rules_of_its_own():
    rules = configured().over(["pay/a.sql", "a.py"])

    assert rules.at("pay/a.sql").max_lines_per_file == 20
    assert rules.at("pay/a.sql").min_severity == "nit"
    assert rules.at("a.py").max_lines_per_file == 1_000
    effective = rules.for_file("pay/a.sql")
    assert effective.origin("review.max_lines_per_file").kind is LayerKind.PATH
    assert effective.origin("review.min_severity").name == "payments"


def test_a_command_outranks_profiles_and_a_lock_outranks_all():
    command = layer(LayerKind.COMMAND, "review: {max_findings: 1, min_severity: important}")
    lock = layer(LayerKind.LOCK, "review: {max_findings: 0}")
    situation = Situation("release/2")

    asked = configured(PROFILES, command).within(situation).over(["pay/a.py"])
    locked = configured(PROFILES, command, lock).within(situation).over(["pay/a.py"])

    assert asked.max_findings == 1
    assert asked.at("pay/a.py").min_severity == "important"
    assert locked.max_findings == 0


def test_words_of_a_profile_are_for_its_files_alone():
    rules = configured().over(["pay/a.py"])

    assert rules.instructions_by_files() == (
        (" (profile payments)", ("pay/**",), "Mind the money."),
        ("", ("*.sql",), "Mind the locks."),
    )
    assert rules.config.prompt.instructions == "Be brief."


def test_locked_words_are_not_added_to_by_a_profile():
    lock = layer(LayerKind.LOCK, "prompt: {instructions: Ours.}")
    rules = configured(PROFILES, lock).over(["pay/a.py"])

    assert [words for *_, words in rules.instructions_by_files()] == ["Mind the locks."]
    assert rules.config.prompt.instructions == "Ours."


def test_what_is_read_may_differ_from_file_to_file():
    text = "paths:\n  - {glob: gen, review: {ignore: ['**']}}\n  - {glob: big, review: {}}\n"
    files = tuple(a_new_file(path, "x = 1\n") for path in ("gen/a.py", "src/a.py"))

    scope = select_all(files, configured(text))

    assert [file.path for file in scope] == ["src/a.py"]


def select_all(files: tuple[FileChange, ...], rules: Configuration) -> tuple[FileChange, ...]:
    from core.attributes import Attributes
    from core.models import ChangeSet

    known = rules.over(file.path for file in files)
    return select(ChangeSet(files), known, Attributes()).files


def test_three_thousand_files_are_looked_up_at_once():
    rules = configured().over(f"pay/{n}.sql" if n % 2 else f"web/{n}.py" for n in range(3_000))

    found = {rules.at(path) for path in rules.paths}

    assert len(found) == 2
    assert rules.for_file("pay/1.sql") is rules.for_file("pay/3.sql")


def test_a_situation_changes_nothing_that_was_looked_up_before():
    before = configured()
    assert before.max_findings == 9
    assert replace(before, situation=Situation("release/1")).max_findings == 2
    assert before.max_findings == 9


# templates


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_template_of_ours_has_a_place_for_the_teams_words(name: str):
    text = check_template(built_in(name))
    values = dict.fromkeys(VARIABLES, "") | {"instructions": "Mind the money."}
    assert fill_in(text, values).endswith("Mind the money.")


@pytest.mark.parametrize("text", ["$title", "${pull.body}", "$", "${", "%(x)s $x", "$__class__"])
def test_a_template_says_nothing_but_its_variables(text: str):
    with pytest.raises(ValueError, match=r"\$"):
        check_template(text)


@pytest.mark.parametrize("text", ["{x}", "{0.__class__}", "%s", "$$HOME costs 5 $$"])
def test_what_is_no_variable_stays_as_it_is(text: str):
    assert fill_in(check_template(text), {}) == text.replace("$$", "$")


def test_a_value_is_not_looked_at_again():
    values = dict.fromkeys(VARIABLES, "") | {"instructions": "$repository ${x.y}"}
    assert fill_in("$instructions", values) == "$repository ${x.y}"
