"""Connections to GitHub that survive cancelled requests; what is sent over them is the client's.

A request that is cancelled after it was given a new connection, and before that one was used,
leaves it behind where the pool neither reuses nor closes it. When GitHub stalls, every timeout
does that, and once all places are taken nothing is ever sent again.
https://github.com/encode/httpcore/issues/1093
"""

import httpcore
import httpx
from httpcore import AsyncConnectionInterface

MAX_CONNECTIONS = 50
"""GitHub allows 100 concurrent requests.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
MAX_IDLE = 20
IDLE_SECONDS = 5.0


class GitHubTransport(httpx.AsyncHTTPTransport):
    """HTTP/1.1 over a pool that takes orphaned connections back; proxies have no say."""

    def __init__(self, max_connections: int = MAX_CONNECTIONS, max_idle: int = MAX_IDLE) -> None:
        self._pool = _Pool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=max_connections,
            max_keepalive_connections=max_idle,
            keepalive_expiry=IDLE_SECONDS,
        )


class _Pool(httpcore.AsyncConnectionPool):
    def _assign_requests_to_connections(self) -> list[AsyncConnectionInterface]:
        """Give up orphans first: the pool closes what is returned, and their places are free."""
        used = {id(request.connection) for request in self._requests}
        orphans = [c for c in self._connections if id(c) not in used and not _at_rest(c)]
        for orphan in orphans:
            self._connections.remove(orphan)
        return [*orphans, *super()._assign_requests_to_connections()]


def _at_rest(connection: AsyncConnectionInterface) -> bool:
    """Tell whether the pool itself knows what to do with a connection that nobody uses."""
    return connection.is_idle() or connection.is_closed() or connection.has_expired()
