"""Who works on one review; built by whoever starts one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.analyzers import Analyzers
from core.context.reader import ContextReader
from core.desk import Pauses
from core.ports import Announcer, Host, Memory, Progress, Publisher
from core.progress import UNHEARD
from core.repo_config import RepoConfig
from core.repo_config.gathering import Organisation, RuntimeSettings, Sources
from core.reviewer import Reviewer
from core.verification import Verifier


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works on one review. Without a publisher nothing is posted."""

    host: Host
    publisher: Publisher | None
    reviewer: Reviewer
    analyzers: Analyzers
    defaults: RepoConfig
    clock: Callable[[], float]
    """Seconds, monotonic."""
    context: ContextReader = field(default_factory=ContextReader)
    memory: Memory | None = None
    """Without one every review is the first."""
    verifier: Verifier | None = None
    """Without one what passes the gates is said as it is."""
    runtime: RuntimeSettings | None = None
    organisation: Organisation | None = None
    command: RepoConfig | None = None
    """What whoever asked wants of this one review."""
    pauses: Pauses | None = None
    announcer: Announcer | None = None
    progress: Progress = UNHEARD

    @property
    def sources(self) -> Sources:
        """Return where configuration comes from, beside the repository itself."""
        return Sources(self.defaults, self.runtime, self.organisation, self.command)
