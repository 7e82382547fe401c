"""What the variables must satisfy together, as sentences; pure.

Reading them is `bot.settings`' job. No sentence repeats a value, because values may be secrets.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.addresses import is_loopback, stays_inside
from bot.fault_injection import problem_of

if TYPE_CHECKING:
    from bot.settings import Settings

SHORT_SECRET = 16
"""Characters below which a webhook secret can be guessed offline from one delivery."""

NOT_BUILT = (
    "argus_budget_daily_usd",
    "argus_budget_monthly_usd",
    "argus_budget_review_usd",
    "sentry_dsn",
    "otel_exporter_otlp_endpoint",
)
"""Variables that a later version will honour; ignoring them silently would mislead."""

PROMISES = ("argus_budget_daily_usd", "argus_budget_monthly_usd", "argus_budget_review_usd")
"""Of these, what nobody may start without: a hard stop that does not stop costs money."""

PROVIDERS = ("openai", "anthropic", "ollama", "heroku")

TOGETHER = (
    ("github_app_id", "github_app_private_key", "github_webhook_secret"),
    ("slack_bot_token", "slack_signing_secret"),
    ("github_client_id", "github_client_secret"),
)


def problems_of(settings: "Settings", *, strict: bool = False) -> tuple[str, ...]:
    """Return every reason why these settings cannot be used; `strict` as in `load_settings`."""
    return (
        *_partial(settings),
        *_keys(settings),
        *_urls(settings),
        *_models(settings),
        *_faults(settings),
        *_not_built(settings, NOT_BUILT if strict else PROMISES),
    )


def warnings_of(settings: "Settings") -> tuple[str, ...]:
    """Return what deserves attention but does not stop Argus."""
    warnings = _not_built(settings, NOT_BUILT)
    secret = text_of(settings, "github_webhook_secret")
    if secret and len(secret) < SHORT_SECRET:
        warnings.append(
            f"GITHUB_WEBHOOK_SECRET has fewer than {SHORT_SECRET} characters: make it longer."
        )
    for name in ("openai_base_url", "anthropic_base_url", "inference_url"):
        parts = urlsplit(text_of(settings, name))
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            warnings.append(f"{name.upper()} is not https: code and key travel in the clear.")
    return (*warnings, *_sign_in(settings))


def private_key(text: str) -> str:
    """Return a private key as PEM from PEM, PEM with `\\n` escapes, or base64 of either.

    Raises ValueError when it is none of them.
    """
    unescaped = text.replace("\\n", "\n").strip()
    if "-----BEGIN" not in unescaped:
        try:
            decoded = base64.b64decode("".join(text.split()), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ValueError("neither PEM nor base64") from None
        unescaped = decoded.replace("\\n", "\n").strip()
    key = load_pem_private_key(unescaped.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - callers ask for one kind of error
    return unescaped + "\n"


def text_of(settings: "Settings", name: str) -> str:
    """Return a setting as text, secrets included; for judging, never for printing."""
    value = getattr(settings, name)
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def _partial(settings: "Settings") -> list[str]:
    found = []
    for group in TOGETHER:
        missing = [name for name in group if not text_of(settings, name)]
        if missing and len(missing) < len(group):
            given = next(name for name in group if name not in missing)
            found += [f"{m.upper()} is required when {given.upper()} is set." for m in missing]
    if settings.github_client_id and not settings.has_github:
        found.append("GITHUB_APP_ID is required when GITHUB_CLIENT_ID is set.")
    if text_of(settings, "slack_app_token") and not settings.has_slack:
        found.append("SLACK_BOT_TOKEN is required when SLACK_APP_TOKEN is set.")
    credentials = settings.has_github or settings.has_slack
    if credentials and not settings.secret_keys:
        found.append("SECRET_KEY is required as soon as there are credentials.")
    return found


def _keys(settings: "Settings") -> list[str]:
    found = []
    if text_of(settings, "github_app_id") and not settings.github_app_id.isdigit():
        found.append("GITHUB_APP_ID must be the App's numeric id.")
    if pem := text_of(settings, "github_app_private_key"):
        try:
            private_key(pem)
        except (ValueError, TypeError):
            found.append(
                "GITHUB_APP_PRIVATE_KEY is not a private RSA key: give it as PEM, as PEM with "
                "\\n escapes, or as base64."
            )
    secrets = settings.webhook_secrets
    if len(secrets) == 2 and secrets[0] == secrets[1]:
        found.append(
            "GITHUB_WEBHOOK_SECRET_PREVIOUS is the same as GITHUB_WEBHOOK_SECRET: unset it."
        )
    return found


def _urls(settings: "Settings") -> list[str]:
    local = "must be an https address (http on this machine only)."
    inside = "must be an https address (http within your own network only)."
    rules = {
        "github_api_url": (_is_private_url, local),
        "github_web_url": (_is_private_url, local),
        "slack_api_url": (_is_private_url, local),
        "slack_webhook_url": (_is_private_url, local),
        "discord_webhook_url": (_is_private_url, local),
        "openai_base_url": (_is_model_url, inside),
        "anthropic_base_url": (_is_model_url, inside),
        "ollama_base_url": (_is_model_url, inside),
        "inference_url": (_is_model_url, inside),
        "public_url": (_is_url, "must be an http or https address."),
        "redis_url": (_is_redis, "must start with redis://, rediss:// or unix://."),
        "redis_cache_url": (_is_redis, "must start with redis://, rediss:// or unix://."),
        "argus_broker_url": (
            _is_broker,
            "must start with redis://, rediss://, amqp:// or amqps://.",
        ),
    }
    return [
        f"{name.upper()} {words}"
        for name, (accepts, words) in rules.items()
        if (url := text_of(settings, name)) and not accepts(url)
    ]


def _sign_in(settings: "Settings") -> list[str]:
    """People sign in as users of the App, and come back to an address that GitHub knows."""
    if not settings.github_client_id:
        return []
    if not settings.public_url:
        return ["PUBLIC_URL is not set: people cannot link their GitHub accounts without it."]
    if _is_private_url(settings.public_url):
        return []
    return ["PUBLIC_URL is not https: people sign in with GitHub in the clear."]


def _models(settings: "Settings") -> list[str]:
    return [
        f"{name.upper()} {problem}"
        for name in ("argus_model", "argus_verify_model")
        for spec in text_of(settings, name).split(",")
        if spec.strip() and (problem := _model_problem(settings, spec.strip()))
    ]


def _model_problem(settings: "Settings", spec: str) -> str:
    provider, _, model = spec.partition(":")
    if provider == "github-models":
        return "names github-models, which GitHub retired on 2026-07-30: choose another provider."
    if provider not in PROVIDERS or not model:
        return f"wants provider:model with one of {', '.join(PROVIDERS)}."
    need = _KEY_OF.get(provider)
    if need and not any(text_of(settings, name) for name in need):
        return f"names {provider}, which needs {need[0].upper()}."
    return ""


def _faults(settings: "Settings") -> list[str]:
    """Refuse faults on order wherever a real GitHub could be hurt by them."""
    if not settings.argus_fault:
        return []
    found = []
    if not _is_local(settings.github_api_url):
        found.append(
            "ARGUS_FAULT makes Argus fail on purpose, for tests: it is refused unless "
            "GITHUB_API_URL is on this machine."
        )
    if problem := problem_of(settings.argus_fault):
        found.append(f"ARGUS_FAULT {problem}.")
    return found


_KEY_OF = {
    "openai": ("openai_api_key", "openai_base_url"),
    "anthropic": ("anthropic_api_key", "anthropic_base_url"),
    "heroku": ("inference_url",),
}


def _not_built(settings: "Settings", names: Sequence[str]) -> list[str]:
    return [
        f"{name.upper()} is not supported by this version: unset it."
        for name in names
        if text_of(settings, name)
    ]


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    bare = not (parts.username or parts.query or parts.fragment)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare


def _is_private_url(url: str) -> bool:
    """Tell whether tokens may travel to this address: https, or this machine."""
    return _is_url(url) and (url.startswith("https:") or _is_local(url))


def _is_local(url: str) -> bool:
    return _is_url(url) and is_loopback(urlsplit(url).hostname or "")


def _is_model_url(url: str) -> bool:
    """Tell whether code may travel to this address: https, or the operator's own network."""
    inside = stays_inside(urlsplit(url).hostname or "") if _is_url(url) else False
    return _is_url(url) and (url.startswith("https:") or inside)


def _is_redis(url: str) -> bool:
    return url.partition("://")[0] in {"redis", "rediss", "unix"}


def _is_broker(url: str) -> bool:
    return url.partition("://")[0] in {"redis", "rediss", "amqp", "amqps"}
