"""Sets the playground's stage: generated credentials on both sides, then the opening scene.

The credentials exist for this run alone, and only the local GitHub and Slack know them.
"""

import json
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from litestar.types import ControllerRouterHandler

from bot.playground.github.driver import Driver
from bot.playground.page import playground_routes
from bot.playground.sample import load
from bot.playground.sample.planting import Planted, plant
from bot.playground.signing_in import sign_in_routes
from bot.playground.slack.driver import Driver as SlackDriver
from bot.sign_in.flow import CALLBACK

APP_ID = 4242
APP_SLUG = "argus"
CLIENT_ID = "Iv23liplayground"
CHANNEL = "reviews"
KEY_BITS = 2048


def free_port(wanted: int) -> int:
    """Return the wanted port of the loopback interface, or a free one where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free on 127.0.0.1")


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def _new_secret() -> str:
    return secrets.token_hex(24)


@dataclass(frozen=True)
class Stage:
    """A local GitHub and a local Slack, and the credentials Argus gets for them."""

    github: str
    slack: str
    web: str
    """Where Argus listens, and the pages of the local GitHub are shown."""
    people: Path
    """The file that says whom the channel's people are on GitHub, so that they may press things."""
    key: rsa.RSAPrivateKey = field(default_factory=_new_key, repr=False)
    webhook_secret: str = field(default_factory=_new_secret, repr=False)
    bot_token: str = field(default_factory=lambda: f"xoxb-{_new_secret()}", repr=False)
    signing_secret: str = field(default_factory=_new_secret, repr=False)
    client_secret: str = field(default_factory=_new_secret, repr=False)
    secret_key: str = field(default_factory=_new_secret, repr=False)

    def environment(self) -> dict[str, str]:
        """Return the environment that Argus's processes are started with."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return {
            "GITHUB_APP_ID": str(APP_ID),
            "GITHUB_APP_PRIVATE_KEY": pem.decode(),
            "GITHUB_WEBHOOK_SECRET": self.webhook_secret,
            "GITHUB_CLIENT_ID": CLIENT_ID,
            "GITHUB_CLIENT_SECRET": self.client_secret,
            "GITHUB_API_URL": self.github,
            "GITHUB_WEB_URL": self.web,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_API_URL": f"{self.slack}/api/",
            "SLACK_IDENTITY_FILE": str(self.people),
            "SECRET_KEY": self.secret_key,
            "PORT": self.web.rpartition(":")[2],
            "PUBLIC_URL": self.web,
            "ARGUS_PLAYGROUND": json.dumps({"github": self.github, "slack": self.slack}),
        }

    def set(self) -> None:
        """Register the App on both sides; nothing happens yet."""
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        sample = load()
        with Driver(self.github) as github:
            app = {"id": APP_ID, "slug": APP_SLUG, "name": "Argus", "client_id": CLIENT_ID}
            github.register_app(public.decode(), **app)
            github.set_webhook(f"{self.web}/webhooks/github", self.webhook_secret)
            github.set_up_sign_in(self.client_secret, f"{self.web}{CALLBACK}")
            github.sit_down(sample.author)
        with SlackDriver(self.slack) as slack:
            slack.register_app(
                self.bot_token, self.signing_secret, request_url=f"{self.web}/slack/events"
            )
            person = slack.add_person(sample.author, real_name=sample.author_name)
            slack.add_channel(CHANNEL, [sample.author])
        self.people.write_text(f"{person['id']} {sample.author}\n")

    def open(self) -> Planted:
        """Open the sample pull request on GitHub, and ask for its review in Slack as well."""
        sample = load()
        with Driver(self.github) as github:
            planted = plant(github, sample)
        address = f"{self.web}/{planted.repository}/pull/{planted.number}"
        with SlackDriver(self.slack) as slack:
            slack.slash(sample.author, CHANNEL, f"review {address}")
        return planted


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the sample's pull request will stand."""

    repository: str
    number: int = 1


def stage_routes(addresses: str) -> tuple[ControllerRouterHandler, ...]:
    """Return the page's routes; `addresses` is what `environment` put into ARGUS_PLAYGROUND."""
    where = json.loads(addresses)
    sample = load()
    page = playground_routes(
        Driver(where["github"]),
        SlackDriver(where["slack"]),
        Scene(sample.repository),
        sample,
        channel=CHANNEL,
        person=sample.author,
    )
    return (*page, *sign_in_routes(where["github"]))
