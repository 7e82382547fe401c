"""Fixtures of all tests, and the refusal of any socket that leaves this machine."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

pytest_plugins = [
    "tests.fakes.redis",
    "tests.fakes.github",
    "tests.fakes.slack",
    "tests.fakes.model_server",
    "tests.fakes.rabbitmq",
]


class OutsideLoopbackError(RuntimeError):
    """A test tried to reach something that is not on this machine."""


def _require_loopback(address: Any) -> None:
    if not isinstance(address, tuple):
        return  # a Unix socket
    host = address[0]
    if host in {"localhost", ""}:
        return
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise OutsideLoopbackError(f"a test tried to connect to {address!r}")


class _LoopbackSocket(socket.socket):
    """The standard library's socket, for this machine only."""

    def connect(self, address: Any) -> None:
        _require_loopback(address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        _require_loopback(address)
        return super().connect_ex(address)


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse connections and name lookups that leave this machine."""
    resolve = socket.getaddrinfo

    def resolve_loopback(host: Any, *args: Any, **kwargs: Any) -> Any:
        _require_loopback((host or "localhost",))
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", _LoopbackSocket)
        patch.setattr(socket, "getaddrinfo", resolve_loopback)
        yield


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> None:
    """Print logged tracebacks as they are: drawing them with all locals takes a second each."""
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, plain])
