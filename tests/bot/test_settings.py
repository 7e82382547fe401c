"""Settings: every problem is named at once, and no value is ever repeated."""

import base64
from pathlib import Path

import pytest

from bot.adapters.ledger import HourlyLimits
from bot.adapters.models import Timeouts
from bot.model_choice import chosen_models, verifying_models
from bot.parts.ledger import hourly_limits
from bot.settings import Settings, SettingsError, example, load_settings, process_environment
from bot.settings_rules import NOT_BUILT, PROMISES, private_key, warnings_of
from tests.fakes.github import key_pair

ROOT = Path(__file__).parent.parent.parent
PEM, _ = key_pair()
CONFIGURED = {
    "GITHUB_APP_ID": "7",
    "GITHUB_APP_PRIVATE_KEY": PEM,
    "GITHUB_WEBHOOK_SECRET": "a-long-enough-secret",
    "SECRET_KEY": "first,second",
}


def problems(environment: dict[str, str], *, strict: bool = False) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment, strict=strict)
    return "\n".join(caught.value.problems)


def test_nothing_set_is_unconfigured_and_fine() -> None:
    settings = load_settings({})

    assert (settings.has_github, settings.has_slack) == (False, False)


def test_a_configured_app_is_accepted() -> None:
    settings = load_settings(CONFIGURED)

    assert settings.has_github
    assert settings.secret_keys == ("first", "second")


@pytest.mark.parametrize(
    "given",
    [PEM, PEM.replace("\n", "\\n"), base64.b64encode(PEM.encode()).decode()],
    ids=["pem", "escaped", "base64"],
)
def test_the_key_may_be_raw_escaped_or_base64(given: str) -> None:
    assert private_key(given) == private_key(PEM)


def test_all_problems_come_at_once_and_none_repeats_a_value() -> None:
    broken = {
        "PORT": "hunter2-port",
        "GITHUB_APP_ID": "hunter2-id",
        "GITHUB_APP_PRIVATE_KEY": "hunter2-key",
        "GITHUB_API_URL": "http://hunter2.example",
        "ARGUS_MODEL": "hunter2",
        "REDIS_URL": "hunter2",
    }

    said = problems(broken)

    named = ("GITHUB_WEBHOOK_SECRET", "SECRET_KEY", *broken)
    assert [name for name in named if name not in said] == []
    assert "hunter2" not in said


def test_partial_slack_credentials_name_what_is_missing() -> None:
    said = problems({"SLACK_BOT_TOKEN": "x", "SECRET_KEY": "k"})

    assert "SLACK_SIGNING_SECRET is required when SLACK_BOT_TOKEN is set." in said


def test_both_webhook_secrets_the_same_is_a_mistake() -> None:
    same = CONFIGURED | {"GITHUB_WEBHOOK_SECRET_PREVIOUS": CONFIGURED["GITHUB_WEBHOOK_SECRET"]}

    assert "GITHUB_WEBHOOK_SECRET_PREVIOUS" in problems(same)


def test_github_models_is_refused_with_the_reason() -> None:
    assert "retired on 2026-07-30" in problems({"ARGUS_MODEL": "github-models:gpt-5"})


@pytest.mark.parametrize("name", ["ARGUS_MODEL", "ARGUS_VERIFY_MODEL"])
def test_models_are_named_as_provider_and_model_with_what_they_need(name: str) -> None:
    assert f"{name} wants provider:model" in problems({name: "gpt-6"})
    assert f"{name} wants provider:model" in problems({name: "ollama:a, somebody:b"})
    assert f"{name} names openai, which needs OPENAI_API_KEY." in problems({name: "openai:gpt-6"})
    assert load_settings({name: "ollama:qwen3-coder, openai:x", "OPENAI_API_KEY": "k"})


async def test_those_who_read_look_again_unless_others_are_named() -> None:
    local = {"ARGUS_MODEL": "ollama:reader"}
    reading = await chosen_models(load_settings(local))
    named = load_settings(local | {"ARGUS_VERIFY_MODEL": "ollama:skeptic, ollama:judge"})

    assert verifying_models(load_settings(local), reading) == reading
    assert [str(each) for each in verifying_models(named, reading)] == [
        "ollama:skeptic",
        "ollama:judge",
    ]


CLIENT = {"GITHUB_CLIENT_ID": "Iv23li", "GITHUB_CLIENT_SECRET": "c" * 40}


def test_people_sign_in_as_users_of_the_app() -> None:
    assert "GITHUB_APP_ID is required when GITHUB_CLIENT_ID is set." in problems(CLIENT)
    assert "GITHUB_CLIENT_SECRET is required when GITHUB_CLIENT_ID is set." in problems(
        {"GITHUB_CLIENT_ID": "Iv23li"}
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "PUBLIC_URL is not set: people cannot link their GitHub accounts without it."),
        (
            "http://argus.example",
            "PUBLIC_URL is not https: people sign in with GitHub in the clear.",
        ),
        ("https://argus.example", None),
        ("http://127.0.0.1:8000", None),
    ],
)
def test_signing_in_needs_an_address_to_come_back_to(url: str, words: str | None) -> None:
    settings = Settings.model_validate({"github_client_id": "Iv23li", "public_url": url})
    assert warnings_of(settings) == ((words,) if words else ())


@pytest.mark.parametrize("name", NOT_BUILT)
def test_a_variable_that_is_not_built_yet_is_refused_not_ignored(name: str) -> None:
    said = f"{name.upper()} is not supported by this version"

    assert said in problems({name.upper(): "1"}, strict=True)
    if name in PROMISES:
        assert said in problems({name.upper(): "1"})
    else:
        assert said in warnings_of(load_settings({name.upper(): "1"}))[0]


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://models.example/v1", True),
        ("http://127.0.0.1:8080", True),
        ("http://ollama:11434", True),
        ("http://10.0.0.7:8000", True),
        ("http://models.example", False),
        ("ftp://models.example", False),
    ],
)
def test_code_travels_in_the_clear_within_the_own_network_only(url: str, accepted: bool) -> None:
    environment = {"OPENAI_BASE_URL": url}

    if accepted:
        assert load_settings(environment).openai_base_url == url
    else:
        assert "OPENAI_BASE_URL" in problems(environment)


def test_words_out_of_a_few_may_be_written_in_capitals() -> None:
    settings = load_settings({"LOG_LEVEL": "DEBUG", "LOG_FORMAT": "Json"})

    assert (settings.log_level, settings.log_format) == ("debug", "json")


def test_a_short_webhook_secret_is_a_warning() -> None:
    settings = load_settings(CONFIGURED | {"GITHUB_WEBHOOK_SECRET": "short"})

    assert "GITHUB_WEBHOOK_SECRET" in warnings_of(settings)[0]


def test_secrets_are_not_in_the_settings_representation() -> None:
    assert "a-long-enough-secret" not in repr(load_settings(CONFIGURED))


def test_the_default_of_the_longest_model_call_is_that_of_the_adapter() -> None:
    assert Timeouts.within(load_settings({}).argus_model_seconds) == Timeouts()


def test_the_example_names_every_variable_and_is_current() -> None:
    text = (ROOT / ".env.example").read_text()

    assert text == example()
    left_out = [n for n in Settings.model_fields if n.upper() not in text]
    assert left_out == ["argus_playground", "argus_fault"]


def test_dotenv_fills_in_only_what_is_unset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=1\nLOG_LEVEL=debug\n")
    monkeypatch.setenv("PORT", "2")

    environment = process_environment(tmp_path / ".env")

    assert (environment["PORT"], environment["LOG_LEVEL"]) == ("2", "debug")


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "1000001"])
def test_malformed_limit_is_named(value: str) -> None:
    for name in ("REPOSITORY", "ORGANISATION", "PERSON"):
        with pytest.raises(SettingsError) as error:
            load_settings({f"ARGUS_LIMIT_{name}": value})
        assert error.value.problems[0].startswith(f"ARGUS_LIMIT_{name}: ")


def test_limits_reach_the_ledger() -> None:
    settings = load_settings({"ARGUS_LIMIT_PERSON": "7", "ARGUS_LIMIT_REPOSITORY": "0"})
    assert hourly_limits(settings) == HourlyLimits(repository=0, organisation=6000, person=7)
