"""A worker's place in the queue for processors: behind the web process of the same machine.

GitHub gives up on a delivery after ten seconds and Slack on a command after three; nobody notices
a review that takes a second longer. Alone on its machine a worker loses nothing by it.
"""

import os

STEPS = 5
"""Of nineteen: a third of the weight of a process that did not step back, which is enough for the
door to come first and leaves a worker able to renew its leases on a crowded machine.
https://man7.org/linux/man-pages/man7/sched.7.html"""


def give_way() -> None:
    """Step back for this process and those it starts, where the system knows such a thing."""
    if hasattr(os, "nice"):
        os.nice(STEPS)
