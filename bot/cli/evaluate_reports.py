"""Where reports of evaluations are kept, so that a run can be held against the one before.

The folder for state is the XDG base directory specification's:
https://specifications.freedesktop.org/basedir-spec/latest/
"""

import glob
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.evaluation import Report, read_report

LAST = "last"
STAMP = "%Y%m%dT%H%M%S.%fZ"
"""Sorts by time."""
MAX_REPORT_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of this user."""

    folder: Path

    @classmethod
    def of_user(cls, state_home: str) -> "Reports":
        """Return the reports below `state_home`, or below its default."""
        # what is no absolute path is to be ignored, says the specification
        home = Path(state_home) if Path(state_home).is_absolute() else _default_home()
        return cls(home / "argus" / "eval")

    def save(self, report: Report, text: str, to: Path | None = None) -> Path:
        """Write a report's text whole or not at all, and return where. Raises UserError."""
        name = f"{report.started.strftime(STAMP)}-{report.dataset}.json"
        path = to or self.folder / name
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.part")
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        except OSError as cause:
            raise UserError(
                f"The report cannot be written to {path}.",
                why=f"{cause.strerror or cause}.",
                next_step="Give --save a place that can be written to.",
            ) from cause
        return path

    def find(self, name: str, dataset: str) -> Report:
        """Return the report that `name` means: a file's, or the `last` of the dataset.

        Raises UserError.
        """
        path = Path(name) if name != LAST else self._last(dataset)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_REPORT_BYTES)
        except OSError as cause:
            raise UserError(
                f"{path} cannot be read.",
                why=f"{cause.strerror or cause}.",
                next_step="Give --against the file of a report, or `last`.",
            ) from cause
        return read_report(content, str(path))

    def _last(self, dataset: str) -> Path:
        """Return the newest complete report of a dataset."""
        for path in sorted(self.folder.glob(f"*Z-{glob.escape(dataset)}.json"), reverse=True):
            if _is_complete(path, dataset):
                return path
        raise UserError(
            f"There is no earlier report of {dataset}.",
            why=f"{self.folder} holds none of a run that came to its end.",
            next_step="Run it once without --against.",
        )


def _default_home() -> Path:
    return Path.home() / ".local" / "state"


def _is_complete(path: Path, dataset: str) -> bool:
    """Tell whether a run over a dataset came to its end; what cannot be read did not."""
    try:
        report = read_report(path.read_bytes(), str(path))
    except (OSError, UserError):
        return False
    return report.complete and report.dataset == dataset
