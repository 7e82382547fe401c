"""The local GitHub signs people in as strictly as GitHub does."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.fakes.github import FakeGitHub

CALLBACK = "https://argus.test/auth/github/callback"
CLIENT = "Iv23liargus"
JSON = {"accept": "application/json"}
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


@dataclass
class App:
    """The App's side of the sign-in."""

    github: FakeGitHub
    secret: str
    http: httpx.Client

    def asked(self, **changes: str | None) -> httpx.Response:
        query = {
            "client_id": CLIENT,
            "redirect_uri": CALLBACK,
            "state": "s1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes
        given = {name: value for name, value in query.items() if value is not None}
        return self.http.get("/login/oauth/authorize", params=given)

    def back(self, **changes: str | None) -> dict[str, str]:
        answer = self.asked(**changes)
        assert answer.status_code == httpx.codes.FOUND
        where = urlsplit(answer.headers["location"])
        assert f"{where.scheme}://{where.netloc}{where.path}" == CALLBACK
        return dict(parse_qsl(where.query))

    def exchange(self, **given: str) -> dict[str, Any]:
        body = {"client_id": CLIENT, "client_secret": self.secret, **given}
        answer = self.http.post("/login/oauth/access_token", json=body, headers=JSON)
        assert answer.status_code == httpx.codes.OK
        return dict(answer.json())

    def signed_in(self) -> dict[str, Any]:
        code = self.back()["code"]
        return self.exchange(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)

    def sees(self, token: str, path: str) -> int:
        with self.github.api(token) as api:
            return api.get(path).status_code

    def take_back(self, what: str, token: str, *, secret: str = "") -> int:
        pair = (CLIENT, secret or self.secret)
        path, body = f"/applications/{CLIENT}/{what}", json.dumps({"access_token": token})
        return self.http.request("DELETE", path, content=body, auth=pair).status_code


@pytest.fixture
def app(github: FakeGitHub) -> Iterator[App]:
    secret = secrets.token_hex(20)
    github.set_up_sign_in(secret, CALLBACK)
    github.sit_down("mona")
    with httpx.Client(base_url=github.url, trust_env=False, verify=github.no_tls) as http:
        yield App(github, secret, http)


def test_a_code_becomes_a_token_of_the_person(app: App):
    granted = app.signed_in()
    assert granted["access_token"].startswith("ghu_")
    assert granted["refresh_token"].startswith("ghr_")
    assert granted["expires_in"] == 28_800
    with app.github.api(granted["access_token"]) as api:
        assert api.get("/user").json()["login"] == "mona"


def test_the_state_comes_back(app: App):
    assert app.back(state="x y&z")["state"] == "x y&z"


def test_a_code_counts_once(app: App):
    code = app.back()["code"]
    given = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    assert "access_token" in app.exchange(**given)
    assert app.exchange(**given)["error"] == "bad_verification_code"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "bad_verification_code"),
        ({"code_verifier": ""}, "bad_verification_code"),
        ({"redirect_uri": "https://evil.test/"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "incorrect_client_credentials"),
        ({"code": "other"}, "bad_verification_code"),
    ],
)
def test_what_does_not_belong_together_is_refused(app: App, changes: dict[str, str], error: str):
    given = {"code": app.back()["code"], "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    assert app.exchange(**given | changes)["error"] == error


def test_a_code_runs_out(app: App):
    code = app.back()["code"]
    app.github.advance_clock(601)
    assert app.exchange(code=code, code_verifier=VERIFIER)["error"] == "bad_verification_code"


def test_a_foreign_address_is_never_sent_a_browser(app: App):
    assert app.back(redirect_uri="https://evil.test/auth/github/callback")["error"] == (
        "redirect_uri_mismatch"
    )
    assert app.back(redirect_uri=f"{CALLBACK}?next=/")["error"] == "redirect_uri_mismatch"


def test_a_plain_challenge_is_refused(app: App):
    assert app.back(code_challenge_method="plain")["error"] == "invalid_request"


def test_declining_is_told(app: App):
    app.github.sit_down("mona", declines=True)
    assert app.back() == {
        "error": "access_denied",
        "error_description": "The user has denied your application access.",
        "state": "s1",
    }


def test_who_is_not_signed_in_is_asked_to(app: App):
    app.github.sit_down()
    assert "Sign in" in app.asked().text


def test_the_exchange_answers_a_form_unless_json_is_asked_for(app: App):
    body = {"client_id": CLIENT, "client_secret": app.secret, "code": "none"}
    answer = app.http.post("/login/oauth/access_token", data=body)
    assert dict(parse_qsl(answer.text))["error"] == "bad_verification_code"


def test_a_renewal_counts_once_and_ends_what_it_renews(app: App):
    first = app.signed_in()
    renewing = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    second = app.exchange(**renewing)

    assert app.exchange(**renewing)["error"] == "bad_refresh_token"
    assert app.sees(first["access_token"], "/user") == httpx.codes.UNAUTHORIZED
    assert app.sees(second["access_token"], "/user") == httpx.codes.OK


def test_tokens_end_when_they_said_or_never(app: App):
    token = app.signed_in()["access_token"]
    app.github.advance_clock(28_801)
    assert app.sees(token, "/user") == httpx.codes.UNAUTHORIZED

    app.github.set_knobs(user_token_seconds=0)
    lasting = app.signed_in()
    assert "refresh_token" not in lasting
    app.github.advance_clock(10_000_000)
    assert app.sees(lasting["access_token"], "/user") == httpx.codes.OK


def test_a_grant_reaches_what_both_the_person_and_the_app_reach(app: App):
    files = {"a.py": "1\n"}
    for name, people in (("both", {"mona": "read"}), ("app", {}), ("person", {"mona": "read"})):
        app.github.create_repo(f"octo/{name}", files, private=True, collaborators=people)
    app.github.install("octo", ["octo/both", "octo/app"])
    token, own = app.signed_in()["access_token"], app.github.add_token("mona")

    granted = {n: app.sees(token, f"/repos/octo/{n}") for n in ("both", "app", "person")}

    assert granted == {"both": 200, "app": 404, "person": 404}
    assert app.sees(own, "/repos/octo/person") == httpx.codes.OK


def test_a_token_or_a_whole_grant_is_taken_back_by_the_app_alone(app: App):
    first, second = app.signed_in()["access_token"], app.signed_in()["access_token"]
    assert app.take_back("token", first, secret="wrong") == httpx.codes.UNAUTHORIZED

    assert app.take_back("token", first) == httpx.codes.NO_CONTENT
    assert app.sees(first, "/user") == httpx.codes.UNAUTHORIZED
    assert app.sees(second, "/user") == httpx.codes.OK
    assert app.take_back("token", first) == httpx.codes.NOT_FOUND

    third = app.signed_in()["access_token"]
    assert app.take_back("grant", second) == httpx.codes.NO_CONTENT
    assert app.sees(third, "/user") == httpx.codes.UNAUTHORIZED


def test_the_clients_own_credentials_open_nothing_else(app: App):
    answer = app.http.get("/user", auth=(CLIENT, app.secret))
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_a_person_takes_back_their_grant_in_their_settings(app: App):
    granted = app.signed_in()
    app.github.revoke_grants("mona")
    assert app.sees(granted["access_token"], "/user") == httpx.codes.UNAUTHORIZED
    renewing = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    assert app.exchange(**renewing)["error"] == "bad_refresh_token"
