"""Settings of the operator on a real server: what counts, what is kept, what is refused."""

import pytest
from redis.asyncio import Redis

from bot.adapters.keys import lasting
from bot.adapters.ledger import Policy
from bot.adapters.runtime_settings import KEPT, RuntimeSettings, Scope, Setting
from core.errors import ConfigurationInvalid
from core.models import PullRequestRef
from core.repo_config import Layer, LayerKind, stacked

REF = PullRequestRef(owner="Octo", repo="Shop", number=7)
EVERYBODY = Scope()
OWNER = Scope(LayerKind.ORGANISATION, "octo")
SHOP = Scope(LayerKind.REPOSITORY, "octo/shop")
OTHER = Scope(LayerKind.REPOSITORY, "octo/other")


@pytest.fixture
def settings(redis: Redis) -> RuntimeSettings:
    return RuntimeSettings(redis, Policy(lease=5.0))


async def layers(settings: RuntimeSettings) -> tuple[Layer, ...]:
    found, notes = await settings.layers(REF)
    assert notes == ()
    return found


async def test_narrower_settings_count_over_wider_ones(settings: RuntimeSettings) -> None:
    for scope, most in ((SHOP, 3), (EVERYBODY, 1), (OWNER, 2), (OTHER, 9)):
        await settings.set(scope, "review.max_findings", Setting(value=most), who="mona")
    await settings.set(OWNER, "review.gate", Setting(value=True), who="mona")

    effective = stacked(await layers(settings))

    assert effective.config.review.max_findings == 3
    assert effective.origin("review.max_findings").name == "set for Octo/Shop"
    assert effective.config.review.gate
    assert effective.origin("review.gate").kind is LayerKind.ORGANISATION


async def test_a_locked_setting_counts_over_every_file(settings: RuntimeSettings) -> None:
    await settings.set(EVERYBODY, "review.gate", Setting(value=False, locked=True), who="mona")
    await settings.set(EVERYBODY, "review.drafts", Setting(value=True), who="mona")

    kinds = {layer.kind: layer.says for layer in await layers(settings)}

    assert kinds[LayerKind.LOCK].review.model_fields_set == {"gate"}
    assert kinds[LayerKind.INSTANCE].review.model_fields_set == {"drafts"}


async def test_unset_leaves_no_trace_but_the_history(settings: RuntimeSettings) -> None:
    await settings.set(SHOP, "ignore_labels", Setting(value=["wip"]), who="mona")

    assert await settings.unset(SHOP, "ignore_labels", who="otto") == Setting(value=["wip"])
    assert await settings.unset(SHOP, "ignore_labels", who="otto") is None

    assert await layers(settings) == ()
    removed, made = await settings.history(None, 10)
    assert (removed.who, removed.key, removed.before, removed.after) == (
        "otto",
        "ignore_labels",
        Setting(value=["wip"]),
        None,
    )
    assert (made.who, made.before, made.after) == ("mona", None, Setting(value=["wip"]))
    assert removed.at >= made.at > 1_600_000_000


async def test_saying_the_same_again_changes_nothing(settings: RuntimeSettings) -> None:
    for who in ("mona", "otto"):
        await settings.set(SHOP, "review.gate", Setting(value=True), who=who)

    assert [change.who for change in await settings.history(SHOP, 10)] == ["mona"]


async def test_history_tells_one_scope_and_is_bounded(
    settings: RuntimeSettings, redis: Redis
) -> None:
    await settings.set(SHOP, "review.max_findings", Setting(value=0), who="first")
    await redis.lpush(lasting("settings_log"), *["1\n{}\n\n"] * (KEPT + 5))
    await settings.set(EVERYBODY, "review.gate", Setting(value=True), who="last")

    assert [change.who for change in await settings.history(None, 10)] == ["last"]
    assert await settings.history(SHOP, 10) == ()
    assert await redis.llen(lasting("settings_log")) == KEPT


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("review.max_finding", 3, "did you mean `review.max_findings`?"),
        ("review", {"gate": True}, "name one"),
        ("review.max_findings", 31, "less than or equal to 30"),
        ("profiles.pay", {"when": {}}, "has to be given"),
        ("prompt.templates.ours", "mind $title", "`$title` is not a variable"),
    ],
)
async def test_what_no_file_could_say_is_refused(
    settings: RuntimeSettings, key: str, value: object, words: str
) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        await settings.set(SHOP, key, Setting.model_validate({"value": value}), who="mona")

    assert words in refused.value.problems[0]
    assert await settings.history(None, 1) == ()


async def test_what_another_version_wrote_is_told_and_the_rest_counts(
    settings: RuntimeSettings, redis: Redis
) -> None:
    await settings.set(SHOP, "review.gate", Setting(value=True), who="mona")
    of_shop = lasting("settings", SHOP.id)
    await redis.hset(of_shop, "review.mood", '{"value": "good"}')
    await redis.hset(of_shop, "review.max_findings", '{"value": 99}')
    await redis.hset(of_shop, "review.drafts", "{newer")

    found, notes = await settings.layers(REF)

    assert [layer.says.review.model_fields_set for layer in found] == [{"gate"}]
    assert len(notes) == 3
    assert all(note.startswith("The operator's setting for Octo/Shop: ") for note in notes)


async def test_too_many_profiles_are_refused_together(settings: RuntimeSettings) -> None:
    profile = Setting(value={"when": {"labels": ["x"]}})
    for number in range(20):
        await settings.set(SHOP, f"profiles.p{number}", profile, who="mona")

    with pytest.raises(ConfigurationInvalid, match="at most 20"):
        await settings.set(SHOP, "profiles.p20", profile, who="mona")


async def test_names_do_not_differ_by_case(settings: RuntimeSettings) -> None:
    await settings.set(
        Scope(LayerKind.REPOSITORY, "OCTO/SHOP"), "review.gate", Setting(value=True), who="mona"
    )
    assert len(await layers(settings)) == 1
