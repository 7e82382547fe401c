"""The playground's page: the pull request and the channel of the local platforms, side by side.

It only shows what GitHub's and Slack's snapshots hold, and sends what a person does there.
"""

from bot.playground.page.routes import playground_routes

__all__ = ["playground_routes"]
