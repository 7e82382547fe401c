"""Who the app is, and who people are.

https://docs.slack.dev/reference/methods/users.info
"""

from bot.playground.slack.methods.visit import Visit
from bot.playground.slack.records import Json
from bot.playground.slack.shapes import person_shape
from bot.playground.slack.wire import Refused


def auth_test(visit: Visit) -> Json:
    """Tell whom the token belongs to."""
    world, app = visit.world, visit.app
    about: Json = {"enterprise_id": world.enterprise_id} if world.enterprise_id else {}
    return {
        **about,
        "url": f"https://{world.domain}.slack.com/",
        "team": world.domain.title(),
        "user": app.bot.name,
        "team_id": world.team_id,
        "user_id": app.bot.id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def info(visit: Visit) -> Json:
    """Show one person."""
    person = visit.world.people.get(visit.arguments.text("user"))
    if person is None:
        raise Refused("user_not_found")
    return {"user": person_shape(visit.world, person)}
