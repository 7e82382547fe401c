"""The environment, read once into one typed, frozen value; nothing else reads it.

What the values must satisfy together is judged in `bot.settings_rules`; problems are reported all
at once, each naming its variable and never its value.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from bot.settings_rules import NOT_BUILT, problems_of

GITHUB = "GitHub App"
SLACK = "Slack app"
MODEL = "Model"
STORAGE = "Redis and the queue"
REVIEW = "Reviews"
PROCESS = "Process"
UNLISTED = ("argus_playground", "argus_fault")
"""Variables that no operator sets."""

Unset = Literal[""]
Folded = BeforeValidator(lambda text: text.lower() if isinstance(text, str) else text)
"""A word out of a few, however it is written."""


class SettingsError(Exception):
    """The environment cannot be used; `problems` are sentences that name variables."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def variable(group: str, meaning: str, **more: Any) -> Any:
    """Declare a variable: its group in `.env.example`, its meaning, and its constraints."""
    default = more.pop("default", "")
    if more.pop("secret", False):
        default = SecretStr(default)
    return Field(default=default, description=meaning, json_schema_extra={"group": group}, **more)


class Settings(BaseModel):
    """Every variable of the contract, under its own name in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    github_app_id: str = variable(GITHUB, "The App's numeric id.")
    github_app_private_key: SecretStr = variable(
        GITHUB, "The App's key: PEM, PEM with \\n escapes, or base64 of either.", secret=True
    )
    github_webhook_secret: SecretStr = variable(
        GITHUB, "Secret of the App's webhook; at least 16 random characters.", secret=True
    )
    github_webhook_secret_previous: SecretStr = variable(
        GITHUB, "The secret before, while it is being rotated.", secret=True
    )
    github_client_id: str = variable(
        GITHUB,
        "The App's client id: people link their accounts with it. The App's callback URL is "
        "PUBLIC_URL followed by /auth/github/callback.",
    )
    github_client_secret: SecretStr = variable(GITHUB, "Its secret.", secret=True)
    github_api_url: str = variable(
        GITHUB, "API root; GitHub Enterprise Server has one.", default="https://api.github.com"
    )
    github_web_url: str = variable(
        GITHUB, "Where people open pull requests.", default="https://github.com"
    )
    github_token: SecretStr = variable(
        GITHUB, "A personal token, used by the command line only.", secret=True
    )

    slack_bot_token: SecretStr = variable(SLACK, "The bot's token, xoxb-….", secret=True)
    slack_signing_secret: SecretStr = variable(SLACK, "Proves Slack's requests.", secret=True)
    slack_app_token: SecretStr = variable(SLACK, "Turns Socket Mode on.", secret=True)
    slack_api_url: str = variable(SLACK, "API root.", default="https://slack.com/api/")
    slack_webhook_url: SecretStr = variable(
        SLACK, "Incoming webhook for summaries without an app.", secret=True
    )
    discord_webhook_url: SecretStr = variable(SLACK, "The same for Discord.", secret=True)
    slack_access: Annotated[Literal["linked", "workspace"], Folded] = variable(
        SLACK,
        "Who may ask for private repositories: people with a linked GitHub identity, or everyone "
        "in the workspace.",
        default="linked",
    )
    slack_allowed_owners: str = variable(
        SLACK, "Owners a workspace may reach, comma separated; unset: all the App is installed on."
    )
    slack_identity_file: str = variable(
        SLACK,
        "A file that says who people are on GitHub, in lines like `U123 octocat`; those who link "
        "their accounts themselves need none.",
    )

    argus_model: str = variable(
        MODEL,
        "provider:model, several in order of preference; providers: openai, anthropic, ollama, "
        "heroku. Unset: the first of INFERENCE_URL, OPENAI_API_KEY, ANTHROPIC_API_KEY, a local "
        "Ollama; else static analysis only.",
    )
    argus_verify_model: str = variable(
        MODEL,
        "The same for the second look at what was found. Unset: the models that read.",
    )
    argus_model_seconds: Annotated[float, Field(ge=1, le=600)] = variable(
        MODEL,
        "Longest call to a model. It must begin to answer in a third of that, and never fall "
        "silent for a sixth.",
        default=180.0,
    )
    openai_api_key: SecretStr = variable(
        MODEL, "Key of OpenAI or a compatible server.", secret=True
    )
    openai_base_url: str = variable(MODEL, "A compatible server instead of OpenAI.")
    anthropic_api_key: SecretStr = variable(MODEL, "Key of Anthropic.", secret=True)
    anthropic_base_url: str = variable(MODEL, "A compatible server instead of Anthropic.")
    ollama_base_url: str = variable(
        MODEL, "Where a local Ollama listens.", default="http://127.0.0.1:11434"
    )
    inference_url: str = variable(MODEL, "Heroku Inference, set by its add-on.")
    inference_key: SecretStr = variable(MODEL, "Heroku Inference, set by its add-on.", secret=True)
    inference_model_id: str = variable(MODEL, "Heroku Inference, set by its add-on.")
    argus_budget_daily_usd: Annotated[float, Field(gt=0)] | Unset = variable(
        MODEL, "Hard stop per day."
    )
    argus_budget_monthly_usd: Annotated[float, Field(gt=0)] | Unset = variable(
        MODEL, "Hard stop per month."
    )
    argus_budget_review_usd: Annotated[float, Field(gt=0)] | Unset = variable(
        MODEL, "Hard stop per review."
    )

    redis_url: str = variable(STORAGE, "Unset: `run` embeds a server; web and worker need one.")
    redis_cache_url: str = variable(STORAGE, "A second server for what may be evicted.")
    argus_broker_url: str = variable(STORAGE, "amqp://… puts Dramatiq on RabbitMQ.")

    review_enabled_events: str = variable(
        REVIEW,
        "Events that start a review.",
        default="pull_request.opened,pull_request.reopened,pull_request.ready_for_review,"
        "pull_request.synchronize",
    )
    max_files_per_review: Annotated[int, Field(ge=1, le=3000)] = variable(
        REVIEW, "Files read per review, most at risk first.", default=50
    )
    argus_limit_repository: Annotated[int, Field(ge=0, le=1_000_000)] = variable(
        REVIEW,
        "Reviews that may start in an hour per repository; over it they are delayed. 0: no limit. "
        "One person gets at most half.",
        default=1200,
    )
    argus_limit_organisation: Annotated[int, Field(ge=0, le=1_000_000)] = variable(
        REVIEW, "The same per owner of repositories.", default=6000
    )
    argus_limit_person: Annotated[int, Field(ge=0, le=1_000_000)] = variable(
        REVIEW, "The same per person who pushes or asks.", default=1200
    )
    argus_concurrency: Annotated[int, Field(ge=1, le=1000)] = variable(
        REVIEW, "Reviews in flight per worker process.", default=32
    )
    argus_lease_seconds: Annotated[float, Field(ge=1, le=3600)] = variable(
        REVIEW, "Lease of a running review; tests shorten it.", default=60.0
    )

    port: Annotated[int, Field(ge=0, le=65535)] = variable(
        PROCESS, "Where web listens.", default=8000
    )
    public_url: str = variable(PROCESS, "Argus's own address, for links.")
    secret_key: SecretStr = variable(
        PROCESS,
        "Signs markers and seals tokens; a comma list rotates, the first signs.",
        secret=True,
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Folded] = variable(
        PROCESS, "debug, info, warning or error.", default="info"
    )
    log_format: Annotated[Literal["json", "console", ""], Folded] = variable(
        PROCESS, "json, or console; unset: console on a terminal, json elsewhere."
    )
    sentry_dsn: SecretStr = variable(PROCESS, "Where errors are reported.", secret=True)
    otel_exporter_otlp_endpoint: str = variable(PROCESS, "Where traces go.")
    argus_admin_token: SecretStr = variable(
        PROCESS, "Bearer token of the API, the dashboard and /metrics.", secret=True
    )
    xdg_state_home: str = variable(
        PROCESS, "Where `eval` keeps its reports; unset: ~/.local/state."
    )
    argus_playground: str = variable(PROCESS, "Set by `run` alone: addresses of the playground.")
    argus_fault: str = variable(PROCESS, "Set by tests alone: where this process is to fail.")

    @property
    def has_github(self) -> bool:
        """Tell whether the App's credentials are set."""
        return bool(self.github_app_id)

    @property
    def has_slack(self) -> bool:
        """Tell whether the Slack app's credentials are set."""
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Return the keys of SECRET_KEY, the signing one first."""
        return tuple(split(self.secret_key.get_secret_value()))

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Return the webhook secrets, the current one first."""
        both = (self.github_webhook_secret, self.github_webhook_secret_previous)
        return tuple(s.get_secret_value() for s in both if s.get_secret_value())

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, for redaction."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(v.get_secret_value() for v in values if isinstance(v, SecretStr) if v)


def load_settings(
    environment: Mapping[str, str] | None = None, *, strict: bool = False
) -> Settings:
    """Read the environment. Raises SettingsError with every problem found.

    Only `strict` refuses every variable that this version does not honour yet; without it those
    stop a start that would break a promise, and the others are warned about.
    """
    source = os.environ if environment is None else environment
    names = {name.upper(): name for name in Settings.model_fields}
    values = {names[k]: v.strip() for k, v in source.items() if k in names and v.strip()}
    settings, problems = _validate(values)
    problems += problems_of(settings, strict=strict)
    if problems:
        raise SettingsError(problems)
    return settings


def _validate(values: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """Validate each value; what is malformed is named and left at its default."""
    try:
        return Settings.model_validate(values), ()
    except ValidationError as error:
        malformed = {
            str(e["loc"][0]): f"{e['msg'][0].lower()}{e['msg'][1:]}" for e in error.errors()
        }
    rest = {name: value for name, value in values.items() if name not in malformed}
    problems = tuple(f"{name.upper()}: {words}." for name, words in malformed.items())
    return Settings.model_validate(rest), problems


def process_environment(dotenv: Path | None = None) -> dict[str, str]:
    """Return the environment for child processes; `dotenv` fills in what is unset."""
    filled = dotenv_values(dotenv) if dotenv and dotenv.is_file() else {}
    return {**{k: v for k, v in filled.items() if v is not None}, **os.environ}


def split(text: str) -> list[str]:
    """Split a comma list into its non-empty parts."""
    return [part.strip() for part in text.split(",") if part.strip()]


def example() -> str:
    """Return the text of `.env.example`: every variable, its meaning, its default."""
    lines = [
        "# Every variable that Argus reads. Copy to .env, fill in, ask `python -m bot check`.",
        "# Written by `python -m bot check --example`; a test keeps it current.",
    ]
    group = ""
    for name, field in Settings.model_fields.items():
        if name in UNLISTED:
            continue
        extra = field.json_schema_extra
        named = str(extra["group"]) if isinstance(extra, dict) else ""
        if named != group:
            lines += ["", f"# ── {named}"]
            group = named
        default = "" if isinstance(field.default, SecretStr) else field.default
        later = " Not supported by this version." if name in NOT_BUILT else ""
        lines += ["", f"# {field.description}{later}", f"#{name.upper()}={default}"]
    return "\n".join(lines) + "\n"
