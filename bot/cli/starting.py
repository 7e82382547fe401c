"""What commands do before their work: settings read, logs configured, Redis asked for."""

from bot.settings import Settings, SettingsError, load_settings


def quiet_settings(process: str) -> Settings:
    """Read the settings for a command whose output is for a person: only errors are logged."""
    settings = load_settings()
    configure(settings, process, "debug" if settings.log_level == "debug" else "error")
    return settings


def configure(settings: Settings, process: str, level: str) -> None:
    """Configure logs for a process."""
    from bot.logs import configure_logs

    configure_logs(level, settings.log_format, settings.secrets, process)


def require_redis(settings: Settings) -> None:
    """Raise SettingsError where no server is named."""
    if not settings.redis_url:
        raise SettingsError(
            ("REDIS_URL is required here; `python -m bot run` brings a server of its own.",)
        )
