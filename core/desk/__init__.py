"""What people do with a pull request beside reviewing it, the same from every front end.

Whether a person may do it was judged before, where it was said. In reading order: `values` (what
is told), `desk` (status, pause, resume, ignore, the queue), `resuming` (what a pause passed over),
`answering` (explain and ask, which need a model), `voices` (who brings an answer to where it was
asked for).
"""

from core.desk.answering import Answerer
from core.desk.desk import Desk, Files, Memories, Pauses, Turns
from core.desk.resuming import Resumed, Resumption, resume_reviews
from core.desk.values import Answer, JobView, QueueView, Standing, Turn
from core.desk.voices import AnswerVoice

__all__ = [
    "Answer",
    "AnswerVoice",
    "Answerer",
    "Desk",
    "Files",
    "JobView",
    "Memories",
    "Pauses",
    "QueueView",
    "Resumed",
    "Resumption",
    "Standing",
    "Turn",
    "Turns",
    "resume_reviews",
]
