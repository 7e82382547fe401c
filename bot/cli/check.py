"""`check`: judges the settings and Redis before anything is started; the release phase runs it."""

from redis.exceptions import RedisError

from bot.adapters.redis_client import check_policy, connect
from bot.cli.exits import ExitCode
from bot.cli.terminal import Terminal
from bot.entered import entered_identities
from bot.model_choice import chosen_models
from bot.settings import Settings, SettingsError, load_settings
from bot.settings_rules import warnings_of


async def check_all(terminal: Terminal) -> ExitCode:
    """Print a line a component. Raises SettingsError with every problem."""
    settings = load_settings(strict=True)
    rows = [
        ("GitHub", _github(settings)),
        ("Slack", "configured" if settings.has_slack else "not configured"),
        ("Model", await _models(settings)),
        ("Redis", await _redis(settings)),
    ]
    entered_identities(settings)
    terminal.data("\n".join(f"{name:<8}{words}" for name, words in rows))
    for warning in warnings_of(settings):
        terminal.say(f"Warning: {warning}")
    if not (settings.has_github or settings.has_slack):
        terminal.say("Argus is unconfigured: `python -m bot run` starts the playground.")
    return ExitCode.CLEAN


def _github(settings: Settings) -> str:
    if not settings.has_github:
        return "not configured"
    return f"App {settings.github_app_id} at {settings.github_api_url}"


async def _models(settings: Settings) -> str:
    models = await chosen_models(settings)
    return ", then ".join(map(str, models)) or "none: static analysis only"


async def _redis(settings: Settings) -> str:
    if not settings.redis_url:
        return "not configured: only `python -m bot run` works, with a server of its own"
    redis = connect(settings.redis_url)
    try:
        report = await check_policy(redis)
    except (RedisError, OSError) as error:
        raise SettingsError(
            (f"REDIS_URL names a server that does not answer ({type(error).__name__}).",)
        ) from error
    finally:
        await redis.aclose()
    if report.problems:
        raise SettingsError(tuple(f"REDIS_URL: {problem}" for problem in report.problems))
    return "; ".join(("answers", *report.warnings))
