"""Turns SIGTERM and SIGINT into a stop event, with a last resort for a process that hangs."""

import asyncio
import os
import signal
import threading

import structlog

WATCHDOG_SECONDS = 24.0
"""After the first signal; the process is promised to be gone within 25."""

log = structlog.get_logger(__name__)


def stop_on_signals(watchdog_seconds: float = WATCHDOG_SECONDS) -> asyncio.Event:
    """Return an event that the first signal sets; later ones change nothing.

    Call it once, in the main thread with the loop running. If the process still lives
    `watchdog_seconds` after the first signal, it is ended without further ado.
    """
    stop = asyncio.Event()

    def on_signal(name: str) -> None:
        if stop.is_set():
            return
        log.info("process.told_to_stop", signal=name)
        stop.set()
        _start_watchdog(watchdog_seconds)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number.name)
    return stop


def _start_watchdog(seconds: float) -> None:
    watchdog = threading.Timer(seconds, _end_now)
    watchdog.daemon = True
    watchdog.start()


def _end_now() -> None:
    log.error("process.hangs")
    os._exit(1)
