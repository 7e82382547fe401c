"""Makes the vendored contracts from GitHub's packages on npm; run by hand when they are renewed.

    npm pack @octokit/openapi @octokit/webhooks-examples   (and unpack both)
    python -m tests.contracts.vendor <openapi>/package <webhooks-examples>/package

Prose is left out, `nullable` becomes a type, and only the operations below are kept.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data"
PROSE = frozenset(
    ("description", "example", "examples", "externalDocs", "title", "deprecated", "default")
)
REPO = "/repos/{owner}/{repo}"
PULL = f"{REPO}/pulls/{{pull_number}}"
OPERATIONS = (
    "GET /app",
    "GET /app/installations",
    "GET /app/installations/{installation_id}",
    "POST /app/installations/{installation_id}/access_tokens",
    "GET /app/hook/deliveries",
    "GET /app/hook/deliveries/{delivery_id}",
    "POST /app/hook/deliveries/{delivery_id}/attempts",
    "GET /installation/repositories",
    "GET /rate_limit",
    "GET /user",
    f"GET {REPO}",
    f"GET {REPO}/installation",
    f"GET {REPO}/branches/{{branch}}",
    f"GET {REPO}/collaborators/{{username}}/permission",
    f"GET {REPO}/commits/{{ref}}",
    f"GET {REPO}/compare/{{basehead}}",
    f"GET {REPO}/contents/{{path}}",
    f"GET {REPO}/git/blobs/{{file_sha}}",
    f"GET {REPO}/git/commits/{{commit_sha}}",
    f"GET {REPO}/git/trees/{{tree_sha}}",
    f"GET {REPO}/pulls",
    f"GET {PULL}",
    f"GET {PULL}/commits",
    f"GET {PULL}/files",
    f"GET {PULL}/reviews",
    f"POST {PULL}/reviews",
    f"GET {PULL}/reviews/{{review_id}}",
    f"PUT {PULL}/reviews/{{review_id}}",
    f"DELETE {PULL}/reviews/{{review_id}}",
    f"GET {PULL}/reviews/{{review_id}}/comments",
    f"POST {PULL}/reviews/{{review_id}}/events",
    f"GET {PULL}/comments",
    f"POST {PULL}/comments",
    f"POST {PULL}/comments/{{comment_id}}/replies",
    f"GET {REPO}/pulls/comments/{{comment_id}}",
    f"PATCH {REPO}/pulls/comments/{{comment_id}}",
    f"DELETE {REPO}/pulls/comments/{{comment_id}}",
    f"POST {REPO}/pulls/comments/{{comment_id}}/reactions",
    f"GET {REPO}/issues/{{issue_number}}/comments",
    f"POST {REPO}/issues/{{issue_number}}/comments",
    f"GET {REPO}/issues/comments/{{comment_id}}",
    f"PATCH {REPO}/issues/comments/{{comment_id}}",
    f"DELETE {REPO}/issues/comments/{{comment_id}}",
    f"POST {REPO}/issues/comments/{{comment_id}}/reactions",
    f"POST {REPO}/check-runs",
    f"GET {REPO}/check-runs/{{check_run_id}}",
    f"PATCH {REPO}/check-runs/{{check_run_id}}",
    f"GET {REPO}/check-runs/{{check_run_id}}/annotations",
    f"GET {REPO}/commits/{{ref}}/check-runs",
    f"GET {REPO}/commits/{{ref}}/check-suites",
)

CORRECTIONS: dict[str, Any] = {
    "GET /app/installations": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/installation"},
    }
}
"""Answers that the description gets wrong: it wants an account to be a person and an enterprise
at once, where the description of a single installation wants either."""


def extract(description: dict[str, Any]) -> dict[str, Any]:
    """Return the kept operations with every schema that they refer to."""
    operations = [_operation(description, *name.split(" ")) for name in OPERATIONS]
    schemas: dict[str, Any] = {}
    open_references = list(_references(operations))
    while open_references:
        name = open_references.pop().rpartition("/")[2]
        if name not in schemas:
            schemas[name] = _plain(description["components"]["schemas"][name])
            open_references += _references(schemas[name])
    return {"operations": operations, "components": {"schemas": dict(sorted(schemas.items()))}}


def _operation(description: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found = description["paths"][path][method.lower()]
    kept: dict[str, Any] = {
        "method": method,
        "path": path,
        "docs": found["externalDocs"]["url"],
        "query": {
            parameter["name"]: _plain(parameter["schema"])
            for parameter in (_resolve(description, p) for p in found.get("parameters", []))
            if parameter["in"] == "query"
        },
        "responses": {},
    }
    if "requestBody" in found:
        kept["request"] = _json_schema(description, found["requestBody"])
    for status, response in found["responses"].items():
        if int(status) < 300:
            correct = CORRECTIONS.get(f"{method} {path}")
            kept["responses"][status] = correct or _json_schema(description, response)
    return kept


def _json_schema(description: dict[str, Any], part: Any) -> Any:
    content = _resolve(description, part).get("content", {}).get("application/json")
    return _plain(content["schema"]) if content else None


def _resolve(description: dict[str, Any], part: Any) -> Any:
    while "$ref" in part:
        target = part["$ref"].removeprefix("#/").split("/")
        part = description
        for step in target:
            part = part[step]
    return part


def _plain(schema: Any, *, names: bool = False) -> Any:
    """Return a schema as JSON Schema; `names` says that the keys are names of properties."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if names:
        return {name: _plain(value) for name, value in schema.items()}
    kept = {
        key: _plain(value, names=key == "properties")
        for key, value in schema.items()
        if key not in PROSE and key not in {"nullable", "discriminator"} and key[:2] != "x-"
    }
    return {"anyOf": [kept, {"type": "null"}]} if schema.get("nullable") is True else kept


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for item in part:
            yield from _references(item)


def _lines(kept: dict[str, Any]) -> str:
    """Write one operation or schema a line, so that a renewal can be read as a diff."""
    operations = ",\n".join(json.dumps(operation) for operation in kept["operations"])
    schemas = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(schema)}"
        for name, schema in kept["components"]["schemas"].items()
    )
    return (
        f'{{"operations": [\n{operations}\n],\n"components": {{"schemas": {{\n{schemas}\n}}}}}}\n'
    )


def main(openapi: Path, examples: Path) -> None:
    """Write both files."""
    description = json.loads((openapi / "generated/api.github.com.json").read_text())
    (DATA / "github_openapi.json").write_text(_lines(extract(description)))
    payloads = json.loads((examples / "api.github.com/index.json").read_text())
    slim = [{"name": event["name"], "examples": event["examples"]} for event in payloads]
    packed = gzip.compress(json.dumps(slim, separators=(",", ":")).encode(), 9, mtime=0)
    (DATA / "github_webhooks.json.gz").write_bytes(packed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
