"""How much memory this process has held at most; imports nothing that would weigh on it."""

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_megabytes() -> float:
    """Return the largest resident memory so far, in MB of 1024².

    Linux starts `ru_maxrss` of a child with what its parent weighed, so the kernel's own mark for
    the address space counts there. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    if STATUS.exists():
        for line in STATUS.read_text().splitlines():
            name, _, size = line.partition(":")
            if name == "VmHWM":
                return int(size.split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
