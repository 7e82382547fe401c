"""Who may import whom, and one place for one thing; read from the source, not from memory."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("core", "github", "slack", "bot")
MAY_IMPORT = {
    "core": {"core"},
    "github": {"core", "github"},
    "slack": {"core", "slack"},
    "bot": {"bot", "core", "github", "slack"},
}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}
PURE_LIBRARIES = {"pydantic", "unidiff", "ast_grep_py", "yaml"}
"""What the core is built on besides the standard library."""


def modules(package: str) -> Iterator[Path]:
    return (ROOT / package).rglob("*.py")


def imported(path: Path) -> set[str]:
    """Return the full names of everything that a module imports, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def users_of(*libraries: str) -> set[str]:
    """Return the modules, by path, that import one of these libraries."""
    return {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in modules(package)
        if any(name.split(".")[0] in libraries for name in imported(path))
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_inward(package: str) -> None:
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in modules(package)
        for name in imported(path)
        if name.split(".")[0] in PACKAGES and name.split(".")[0] not in MAY_IMPORT[package]
    }
    assert wrong == set()


def test_core_is_built_on_pure_libraries_only() -> None:
    allowed = PURE_LIBRARIES | set(sys.stdlib_module_names) | {"core"}
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in modules("core")
        for name in imported(path)
        if name.split(".")[0] not in allowed
    }
    assert wrong == set()


def reads_environment(node: ast.AST) -> bool:
    """Tell whether a node reaches for the environment: `os.environ`, or a name taken out of os."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and bool(ENVIRONMENT & {alias.name for alias in node.names})
    return (
        isinstance(node, ast.Attribute)
        and node.attr in ENVIRONMENT
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    )


def test_only_settings_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if reads_environment(node)
    }
    assert readers <= {"bot/settings.py"}


def test_only_one_module_spells_redis_keys() -> None:
    spellers = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("argus:v1:")
    }
    assert spellers - {"github/markers.py"} <= {"bot/adapters/keys.py"}


def test_only_queue_and_worker_import_dramatiq() -> None:
    assert users_of("dramatiq") <= {"bot/adapters/queue.py", "bot/worker.py"}


def test_only_client_and_app_auth_speak_http_to_github() -> None:
    speakers = {path for path in users_of("httpx") if path.startswith("github/")}
    client = {"github/client.py", "github/exchange.py"}  # which requests, and one on the wire
    connections = "github/transport.py"  # under both of them
    assert speakers <= {*client, "github/app_auth.py", connections}


def test_pygithub_is_not_installed() -> None:
    assert "pygithub" not in (ROOT / "uv.lock").read_text().lower()


def test_the_lock_file_names_only_the_public_index() -> None:
    hosts = set(re.findall(r'https?://([^/"\s]+)', (ROOT / "uv.lock").read_text()))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}


def test_the_exported_requirements_are_current_and_hashed() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    versions = {package["name"]: package["version"] for package in locked if "version" in package}
    text = (ROOT / "deploy" / "requirements.txt").read_text()
    pinned = dict(re.findall(r"^([a-z0-9\-]+)==([^ ;\\]+)", text, re.MULTILINE))
    assert pinned
    assert {name: versions[name] for name in pinned} == pinned
    assert text.count("--hash=sha256:") >= len(pinned)


def test_no_group_is_repeated_possessively() -> None:
    """Python before 3.11.5 ends such repeats too early; an atomic group says the same.

    https://github.com/python/cpython/issues/106052
    """
    slips = {
        (str(path.relative_to(ROOT)), node.value)
        for package in PACKAGES
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"(?<!\\)\)(?:[*+?]|\{[0-9,]+\})\+", node.value)
    }
    assert slips == set()
