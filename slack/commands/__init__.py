"""What people tell Argus in Slack: read, judged, carried out, answered to whoever said it.

In reading order: `ports` (what is asked of others), `asked` (who said what, where), `office` (one
command from its words to its answer), and the verbs by family: `reviewing`, `standing` (where a
pull request stands, and what people decide about it), `channels` (what a channel is told of),
`about` (Argus itself).
"""

from slack.commands.about import About
from slack.commands.asked import Asked
from slack.commands.channels import Channels
from slack.commands.office import Commands
from slack.commands.reviewing import Reviewing
from slack.commands.standing import Decisions

__all__ = ["About", "Asked", "Channels", "Commands", "Decisions", "Reviewing"]
