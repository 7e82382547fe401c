"""How long things may be, and what GitHub says when they are longer."""

from collections.abc import Mapping
from typing import Any

from bot.playground.github.wire import Refusal, invalid

BODY = 65_536
"""Characters of a review, a comment, or a pull request's description."""
CHECK_TEXT = 65_535
"""Characters. https://docs.github.com/en/rest/checks/runs#create-a-check-run"""
ANNOTATIONS = 50
"""In one request; updates append."""
BLANK = "Body can't be blank"
TOO_LONG = f"Body is too long (maximum is {BODY} characters)"


def body_errors(body: Any, *, required: bool) -> list[str]:
    """Return what is wrong with a body, in the review endpoints' words."""
    if body is None or body == "":
        return [BLANK] if required else []
    if not isinstance(body, str):
        return ["Body is not a string"]
    return [TOO_LONG] if len(body) > BODY else []


def require_comment_body(resource: str, body: Any) -> str:
    """Return the body of a comment in the conversation. Raises Refusal 422."""
    if not isinstance(body, str) or not body.strip():
        raise invalid(resource, "body", "missing_field")
    if len(body) > BODY:
        message = f"body is too long (maximum is {BODY} characters)"
        raise invalid(resource, "body", "custom", message)
    return body


def require_check_output(output: Any) -> None:
    """Check the output of a check run. Raises Refusal 422."""
    if not isinstance(output, Mapping):
        raise bad_request("For 'properties/output', the value is not an object.")
    for name in ("title", "summary"):
        if not isinstance(output.get(name), str):
            raise bad_request(f"Missing required key: {name}")
    for name in ("summary", "text"):
        given = len(output.get(name) or "")
        if given > CHECK_TEXT:
            raise bad_request(f"Only {CHECK_TEXT} characters are allowed; {given} were supplied.")
    annotations = output.get("annotations", [])
    if len(annotations) > ANNOTATIONS:
        raise bad_request(
            f"No more than {ANNOTATIONS} items are allowed; {len(annotations)} were supplied."
        )
    for annotation in annotations:
        _require_annotation(annotation)


def bad_request(problem: str) -> Refusal:
    """Return the 422 of a body that breaks an endpoint's schema."""
    return Refusal(422, f"Invalid request.\n\n{problem}")


def _require_annotation(annotation: Mapping[str, Any]) -> None:
    for name in ("path", "start_line", "end_line", "annotation_level", "message"):
        if name not in annotation:
            raise bad_request(f'"{name}" wasn\'t supplied.')
    if annotation["annotation_level"] not in {"notice", "warning", "failure"}:
        raise bad_request(
            f'{annotation["annotation_level"]} is not a member of ["notice", "warning", "failure"].'
        )
    if annotation["start_line"] > annotation["end_line"]:
        raise bad_request("end_line must not be before start_line.")
