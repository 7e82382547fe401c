"""The manifest asks for exactly what is used, and the published copy is current."""

import re
from pathlib import Path

import yaml

from slack.manifest import NEEDED, manifest, scopes

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "slack-manifest.yaml"
EXAMPLE = "https://argus.example.com"


def called() -> set[str]:
    """Return the methods of the Web API that are called anywhere in the front end."""
    text = "".join(path.read_text() for path in (ROOT / "slack").rglob("*.py"))
    return set(re.findall(r"_open\(\)\.(\w+)\(", text))


def test_every_method_that_is_called_has_its_scopes_and_no_other_has() -> None:
    assert called() == {method.replace(".", "_") for method in NEEDED}


def test_no_scope_reads_messages() -> None:
    assert not [scope for scope in scopes() if scope.endswith(":history")]
    assert "chat:write.public" not in scopes()


def test_manifest_asks_for_these_scopes_alone() -> None:
    asked = manifest(EXAMPLE)["oauth_config"]["scopes"]
    assert asked == {"bot": list(scopes())}


def test_everything_that_is_sent_goes_to_one_address() -> None:
    made = manifest(f"{EXAMPLE}/")
    url = f"{EXAMPLE}/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == url
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["settings"]["event_subscriptions"]["request_url"] == url


def test_sockets_need_no_address() -> None:
    made = manifest(EXAMPLE, socket_mode=True)
    assert made["settings"]["socket_mode_enabled"]
    assert EXAMPLE not in str(made)


def test_published_manifest_is_current() -> None:
    assert yaml.safe_load(PUBLISHED.read_text()) == manifest(EXAMPLE)
