"""A worker yields processors to the door, and so does whatever it starts."""

import os
import subprocess
import sys

GIVE_WAY = """
import os, subprocess, sys
from bot.worker.priority import give_way
give_way()
print(os.nice(0), subprocess.check_output([sys.executable, "-c", "import os; print(os.nice(0))"]))
"""


def test_worker_and_its_children_step_back() -> None:
    shown = subprocess.check_output([sys.executable, "-c", GIVE_WAY], text=True)
    expected = min(os.nice(0) + 5, 19)
    assert shown.split() == [str(expected), f"b'{expected}\\n'"]
