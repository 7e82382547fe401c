"""The REST API, a module for each subject; `ROUTES` is what a server answers."""

from typing import Final

from bot.playground.github.routes import (
    app,
    archives,
    checks,
    conversation,
    deliveries,
    files,
    graphql,
    oauth,
    pulls,
    repositories,
    review_comments,
    reviews,
)
from bot.playground.github.routing import Route

ROUTES: Final[tuple[Route, ...]] = (
    *app.ROUTES,
    *archives.ROUTES,
    *deliveries.ROUTES,
    *review_comments.ROUTES,
    *reviews.ROUTES,
    *pulls.ROUTES,
    *conversation.ROUTES,
    *checks.ROUTES,
    *files.ROUTES,
    *repositories.ROUTES,
    *graphql.ROUTES,
    *oauth.ROUTES,
)
