"""Who follows a pull request: filters, mutes, and the channel that a repository names."""

import pytest

from core.following import Follower, followers, is_muted, reaches
from core.models import Muted, PullRequest, QuietKind, Severity, Subscription
from tests.fakes.core import a_pull_request

PULL = a_pull_request(labels=("Needs-Work",), base_branch="main")


def following(channel: str = "C1", **filters: object) -> Subscription:
    values = {"channel": channel, "repository": "octo/shop", "repo_id": 1}
    return Subscription.model_validate(values | filters)


def muted(kind: QuietKind, what: str = "") -> Muted:
    return Muted(channel="C1", kind=kind, what=what)


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({}, True),
        ({"branch": "main"}, True),
        ({"branch": "Main"}, False),
        ({"branch": "release"}, False),
        ({"label": "needs-work"}, True),
        ({"label": "other"}, False),
        ({"branch": "main", "label": "other"}, False),
        ({"minimum": Severity.IMPORTANT}, True),
    ],
)
def test_filters_let_through_what_they_name(filters: dict[str, object], told: bool) -> None:
    assert bool(followers(PULL, [following(**filters)], {})) is told


def test_configuration_names_a_channel_that_did_not_ask() -> None:
    found = followers(PULL, [following("C1")], {}, named="C2")
    assert [each.channel for each in found] == ["C1", "C2"]


def test_subscription_of_the_named_channel_goes_before_the_configuration() -> None:
    found = followers(PULL, [following("C1", minimum=Severity.IMPORTANT)], {}, named="C1")
    assert found == (Follower("C1", Severity.IMPORTANT),)


def test_filters_of_the_named_channel_hold_for_what_the_configuration_names() -> None:
    assert followers(PULL, [following("C1", branch="x")], {}, named="C1") == ()


@pytest.mark.parametrize(
    ("mute", "pull", "quiet"),
    [
        (muted(QuietKind.PULL, "1:7"), PULL, True),
        (muted(QuietKind.PULL, "1:8"), PULL, False),
        (muted(QuietKind.REPOSITORY, "1"), PULL, True),
        (muted(QuietKind.REPOSITORY, "17"), PULL, False),
        (muted(QuietKind.AUTHOR, "mona"), a_pull_request(author="Mona"), True),
        (muted(QuietKind.AUTHOR, "hubot"), PULL, False),
        (muted(QuietKind.BOTS), a_pull_request(author_is_bot=True), True),
        (muted(QuietKind.BOTS), PULL, False),
        (muted(QuietKind.LABEL, "needs-work"), PULL, True),
        (muted(QuietKind.LABEL, "work"), PULL, False),
    ],
)
def test_mute_is_about_what_it_names(mute: Muted, pull: PullRequest, quiet: bool) -> None:
    assert is_muted(pull, [mute]) is quiet


def test_mute_of_one_channel_leaves_the_others_told() -> None:
    found = followers(
        PULL, [following("C1"), following("C2")], {"C1": [muted(QuietKind.REPOSITORY, "1")]}
    )
    assert [(each.channel, each.muted) for each in found] == [("C1", True), ("C2", False)]


@pytest.mark.parametrize(
    ("severity", "minimum", "told"),
    [
        (Severity.IMPORTANT, Severity.IMPORTANT, True),
        (Severity.NIT, Severity.IMPORTANT, False),
        (Severity.NIT, Severity.NIT, True),
        (Severity.PRE_EXISTING, Severity.NIT, False),
        (Severity.PRE_EXISTING, None, True),
    ],
)
def test_minimum_is_reached_from_above(
    severity: Severity, minimum: Severity | None, told: bool
) -> None:
    assert reaches(severity, minimum) is told
