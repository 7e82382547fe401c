"""Reads a call's arguments: JSON, a form, or the query string.

https://docs.slack.dev/apis/web-api/#post_bodies
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.github.wire import Call, query_of
from bot.playground.slack.records import Json
from bot.playground.slack.wire import Refused, missing

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a caller gave, its token aside."""

    values: Mapping[str, Any]
    token: str
    warnings: tuple[str, ...] = ()

    def text(self, name: str, otherwise: str | None = None) -> str:
        """Return a text. Raises Refused without one, or when it is something else."""
        value = self.values.get(name)
        if value is None or value == "":
            if otherwise is None:
                raise missing(name)
            return otherwise
        if not isinstance(value, str):
            raise Refused("invalid_arguments", messages=[f"must be a string: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """Return a truth value, in any way that Slack reads one."""
        return str(self.values.get(name, "")).lower() in {"true", "1"}

    def has(self, name: str) -> bool:
        """Tell whether an argument was given."""
        return self.values.get(name) is not None


def read(call: Call) -> Arguments:
    """Read a call. Raises Refused."""
    values: Json = dict(call.query)
    media = call.headers.get("content-type", "").lower()
    kind = media.partition(";")[0].strip()
    warnings: tuple[str, ...] = ()
    if call.body and kind == JSON:
        values |= json_object(call.body)
        warnings = () if "charset" in media else ("missing_charset",)
    elif call.body and kind == FORM:
        values |= _form(call.body)
    elif call.body:
        raise Refused("invalid_post_type" if kind else "missing_post_type")
    return Arguments(values, _token(call, values, kind), warnings)


def json_object(body: bytes) -> Json:
    """Return the object that a body holds. Raises Refused."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("invalid_json") from error
    if not isinstance(value, dict):
        raise Refused("json_not_object")
    return value


def _form(body: bytes) -> dict[str, str]:
    try:
        return query_of(body)
    except ValueError as error:
        raise Refused("invalid_form_data") from error


def _token(call: Call, values: Json, kind: str) -> str:
    """Take the token out of the arguments; in a body of JSON it does not count."""
    given = values.pop("token", "")
    scheme, _, credential = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credential.strip():
        return credential.strip()
    return str(given) if kind != JSON else ""
