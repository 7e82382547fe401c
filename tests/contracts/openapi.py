"""GitHub's own description of its API as a judge of what is sent to it and answered by it.

It knows only the vendored operations: a request to any other one is a violation too.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jsonschema import Draft202012Validator

DATA = Path(__file__).parent.parent / "data"
REST_OF_PATH = frozenset(("path", "basehead", "ref", "branch"))
"""Parameters whose values may hold slashes."""
_REDIRECTED = re.compile(r"^/repositories/\d+")
"""Where GitHub redirects to from the former name of a repository."""


class ContractViolation(AssertionError):
    """A request or an answer is not as GitHub describes it."""


@dataclass(frozen=True)
class Operation:
    """One described operation."""

    method: str
    path: str
    pattern: re.Pattern[str]
    query: Mapping[str, Any]
    request: Any
    responses: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def validate_request(method: str, path: str, body: Any = None) -> None:
    """Check a request, its query in the path. Raises ContractViolation.

    Properties that the description does not name are violations: GitHub ignores them silently.
    """
    operation = find_operation(method, path)
    _check_query(operation, path)
    if operation.request is None:
        if body:
            raise ContractViolation(f"{operation} takes no body")
    else:
        _check(f"the body of {operation}", _closed(operation.request), body or {})


def validate_response(method: str, path: str, status: int, body: Any = None) -> None:
    """Check a successful answer. Raises ContractViolation."""
    operation = find_operation(method, path)
    if str(status) not in operation.responses:
        raise ContractViolation(f"{operation} does not answer {status}")
    schema = operation.responses[str(status)]
    if schema is not None:
        _check(f"the answer {status} of {operation}", schema, body)


def find_operation(method: str, path: str) -> Operation:
    """Return the operation of a request. Raises ContractViolation when none is described."""
    plain = _REDIRECTED.sub("/repos/owner/repo", unquote(urlsplit(path).path))
    plain += "/" * plain.endswith("/contents")  # the root; GitHub answers with and without
    for operation in operations():
        if operation.method == method.upper() and operation.pattern.fullmatch(plain):
            return operation
    raise ContractViolation(f"no described operation answers {method} {plain}")


@cache
def operations() -> tuple[Operation, ...]:
    """Return the vendored operations, those that leave the least open first."""
    described = [_operation(row) for row in _document()["operations"]]
    return tuple(sorted(described, key=_openness))


def _openness(operation: Operation) -> tuple[bool, int]:
    return operation.pattern.pattern.endswith((".+", ".*")), operation.path.count("{")


@cache
def _document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / "github_openapi.json").read_text())
    return loaded


def _operation(row: Mapping[str, Any]) -> Operation:
    parts = re.split(r"\{(\w+)\}", row["path"])
    pattern = "".join(
        re.escape(part) if index % 2 == 0 else _pattern_of(part) for index, part in enumerate(parts)
    )
    return Operation(
        method=row["method"],
        path=row["path"],
        pattern=re.compile(pattern),
        query=row["query"],
        request=row.get("request"),
        responses=row["responses"],
    )


def _pattern_of(parameter: str) -> str:
    """Return what a parameter matches; the path of contents may be empty, for the root."""
    if parameter == "path":
        return ".*"
    return ".+" if parameter in REST_OF_PATH else "[^/]+"


def _check_query(operation: Operation, path: str) -> None:
    for name, values in parse_qs(urlsplit(path).query, keep_blank_values=True).items():
        if name not in operation.query:
            raise ContractViolation(f"{operation} takes no parameter {name}")
        schema = operation.query[name]
        number = schema.get("type") == "integer" and values[-1].isdigit()
        _check(f"{name} of {operation}", schema, int(values[-1]) if number else values[-1])


def _check(what: str, schema: Any, value: Any) -> None:
    """Validate a value; references lead to the schemas of the document."""
    whole = {"components": _document()["components"], **schema}
    errors = sorted(Draft202012Validator(whole).iter_errors(value), key=lambda e: list(e.path))
    if errors:
        lines = [f"{what} is not as described:"]
        lines += [f"  {'.'.join(map(str, e.path)) or 'as a whole'}: {e.message}" for e in errors]
        raise ContractViolation("\n".join(lines))


def _closed(schema: Any) -> Any:
    """Refuse properties that are not named, but not inside of alternatives."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    alternatives = ("anyOf", "oneOf", "allOf")
    closed = {k: v if k in alternatives else _closed(v) for k, v in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
