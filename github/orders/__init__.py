"""What people tell Argus on a pull request: judged, carried out, answered in the same place once.

In reading order: `deliverer` (one order from the words to the answer), `permitted` (who may),
`clerk` (what each verb does), `questions` (what a model is asked), `elsewhere` (questions from
other front ends), `talk` (the place that is spoken at), `outcomes` (the answer to who
asked for a review, once it has ended).
"""

from github.orders.clerk import Clerk
from github.orders.deliverer import OrderDeliverer
from github.orders.outcomes import OutcomeDeliverer
from github.orders.permitted import Permitted
from github.orders.questions import Questions

__all__ = ["Clerk", "OrderDeliverer", "OutcomeDeliverer", "Permitted", "Questions"]
