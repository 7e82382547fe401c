"""Argus as an application: composition, processes, the command line.

Our packages `core`, `github` and `slack` have common names, and wheels exist that install the
same ones. So the first thing Argus does is to look where they would come from.
"""

from importlib.util import find_spec
from pathlib import Path

__version__ = "0.1.0"

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the application; its packages stand side by side here."""


def strangers(root: Path = ROOT) -> tuple[str, ...]:
    """Return the packages that would not be imported from beside `bot`."""
    return tuple(
        name for name in ("core", "github", "slack") if _origin(name) != root / name / "__init__.py"
    )


def _origin(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).resolve() if spec and spec.origin else None


if _foreign := strangers():
    raise SystemExit(
        f"argus: the package {_foreign[0]!r} is not Argus's own: start from its folder, or put it "
        f"first in PYTHONPATH, and uninstall the wheel that provides {_foreign[0]!r}."
    )
