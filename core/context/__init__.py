"""What else a model should see of a repository to judge a change, found by a symbol index.

Text in, excerpts out: nothing is fetched but in `reader`, and nothing is executed.
"""

from core.context.excerpts import NO_CONTEXT, Context, Excerpt
from core.context.gathering import gather
from core.context.index import Bounds

__all__ = ["NO_CONTEXT", "Bounds", "Context", "Excerpt", "gather"]
