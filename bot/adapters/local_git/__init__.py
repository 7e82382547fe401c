"""A range of a local repository, a working tree, files, or a piped diff, as a Host.

Git itself runs in `process`; its output is read by `diff`; files on the disk by `files`.
"""

from bot.adapters.local_git.change import LocalChange
from bot.adapters.local_git.targets import open_local

__all__ = ["LocalChange", "open_local"]
