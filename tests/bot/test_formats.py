"""What a review looks like in each format, whatever stands in it."""

import json
import re
import unicodedata
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from bot.cli.formats import Format, Look, render
from bot.cli.formats.json_document import SCHEMA, json_schema
from bot.cli.report import Excerpt, Report, from_hunks
from core.coverage import Verdict
from core.diff import parse_patch
from core.models import (
    Conclusion,
    Coverage,
    Omission,
    OmissionReason,
    Outcome,
    OutcomeKind,
    PullRequestRef,
    Side,
)
from tests.bot.reports import EXCERPT, HEAD, a_finding, a_pull, a_record, a_report, full_report

ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")
EVIL = "\x1b]0;owned\x07\x1b[2J\u202ereversed\u202c\r\x9b31m<img src=x> @argus [bold]x[/bold]"
SKIPPED = Report(
    a_pull(),
    Outcome(kind=OutcomeKind.SKIPPED, head=HEAD, reason="It is a draft."),
    Verdict(Conclusion.SKIPPED, "Not reviewed", ("It is a draft.",)),
)


def text(report: Report, width: int = 80) -> str:
    return render(report, Format.TEXT, Look(width))


def controls(printed: str) -> set[str]:
    return {c for c in printed if unicodedata.category(c) in {"Cc", "Cf"}} - {"\n"}


def test_text_reads_as_a_whole() -> None:
    assert text(full_report()).split("\n") == [
        "shop · Apply coupons at checkout",
        "HEAD~3..HEAD · 3 files, +120 −14",
        "",
        "Important  shop/cart.py:42  bug",
        "  A retried request subtracts the coupon twice",
        "",
        "    41 │ def apply(cart):",
        "  ▌ 42 │     cart.total -= 1",
        "    43 │     return cart",
        "",
        "  `apply()` runs again after a timeout.",
        "",
        "  • Keep the applied ones",
        "  • or start anew.",
        "",
        "Nit  web/check out.ts:17-18  security · rule js-inner-html",
        "  Markup from the address",
        "",
        "Pre-existing  shop/cart.py:8  tests · before the change",
        "  The rounding lost its test",
        "",
        "  `apply()` runs again after a timeout.",
        "",
        "  • Keep the applied ones",
        "  • or start anew.",
        "",
        "─" * 80,
        "● 1 important finding",
        "  1 file was not read.",
        "  A file held hidden characters.",
        "  not read: shop/tax.py, 2 hunks: too large (1,204 lines)",
        "  Read by openai:gpt-5-mini · 2 model calls · 12,345 tokens in, 678 out · 0.0123",
        "  USD · 14 s",
        "",
    ]


def test_text_names_the_commits_of_a_pull_request() -> None:
    pull = a_pull(ref=PullRequestRef(owner="acme", repo="shop", number=7))

    assert text(a_report(pull=pull)).split("\n")[:2] == [
        "acme/shop#7 · Apply coupons at checkout",
        "3f2a91c → 9b2c441 · 3 files, +120 −14",
    ]


def test_text_counts_what_it_does_not_name() -> None:
    omitted = tuple(Omission(path=f"{n}.py", reason=OmissionReason.NO_PATCH) for n in range(20))
    coverage = Coverage(files_total=20, files_read=0, omitted=omitted)
    outcome = Outcome(kind=OutcomeKind.CLEAN, head=HEAD, record=a_record(coverage=coverage))

    printed = text(a_report(outcome=outcome))

    assert printed.count("not read: ") == 12
    assert "… and 8 more files" in printed


def test_text_says_why_nothing_was_reviewed_once() -> None:
    printed = text(SKIPPED)

    assert "– Not reviewed\n" in printed
    assert printed.count("It is a draft.") == 1


@pytest.mark.parametrize("width", [30, 41, 80, 200])
def test_text_keeps_to_the_width(width: int) -> None:
    report = a_report(a_finding(path="very/" * 30 + "long.py", title="word " * 40, body="x" * 500))

    assert max(map(cell_len, text(report, width).split("\n"))) <= width


def test_text_without_styles_has_no_escape_sequences() -> None:
    assert controls(text(full_report())) == set()


def test_colour_changes_nothing_but_colour() -> None:
    coloured = render(full_report(), Format.TEXT, Look(80, styled=True, coloured=True))
    bare = ESCAPE_SEQUENCE.sub("", coloured)

    assert "\x1b[" in coloured
    assert [line.rstrip() for line in bare.split("\n")] == text(full_report()).split("\n")


def test_styles_without_colour_set_no_colour() -> None:
    styled = render(full_report(), Format.TEXT, Look(80, styled=True, coloured=False))
    codes = {code for found in ESCAPE_SEQUENCE.findall(styled) for code in found[2:-1].split(";")}

    assert codes - {"0", "1", "2", "4", "22", "24"} == set()


def test_long_code_is_cut_with_a_sign() -> None:
    excerpt = Excerpt(1, ("x" * 300,), 1, 1)
    printed = text(a_report(a_finding(line=1), excerpts={"a1": excerpt}))

    assert [line for line in printed.split("\n") if "xxx" in line] == [
        "  ▌ 1 │ " + "x" * 71 + "…",
    ]


@given(st.text(max_size=60), st.integers(30, 120), st.booleans())
def test_text_of_anything_is_bounded_and_visible(words: str, width: int, coloured: bool) -> None:
    finding = a_finding(path=words, title=words, body=words, source=f"static:{words}")
    pull = a_pull(title=words, ref=PullRequestRef(owner="o", repo=words, number=1))
    excerpt = Excerpt(7, (words, words), 8, 8)
    verdict = Verdict(Conclusion.NEUTRAL, words, (words,))
    report = a_report(finding, pull=pull, verdict=verdict, excerpts={"a1": excerpt})

    printed = render(report, Format.TEXT, Look(width, styled=coloured, coloured=coloured))
    bare = ESCAPE_SEQUENCE.sub("", printed)

    assert controls(bare) == set()
    assert max(map(cell_len, bare.split("\n"))) <= max(width, 30)


def hostile_report() -> Report:
    finding = a_finding(path=EVIL, title=EVIL, body=EVIL, url=EVIL, source=f"static:{EVIL}")
    excerpt = Excerpt(41, (EVIL, "```", "</details>"), 42, 42)
    verdict = Verdict(Conclusion.FAILURE, EVIL, (EVIL,))
    return a_report(finding, pull=a_pull(title=EVIL), verdict=verdict, excerpts={"a1": excerpt})


@pytest.mark.parametrize("form", list(Format))
def test_no_format_lets_text_drive_the_terminal(form: Format) -> None:
    assert controls(render(hostile_report(), form, Look())) == set()


def test_text_takes_no_markup_from_a_finding() -> None:
    assert "[bold]x[/bold]" in text(hostile_report())


def test_json_is_valid_by_its_own_schema() -> None:
    for report in (full_report(), SKIPPED, hostile_report()):
        jsonschema.validate(json.loads(render(report, Format.JSON, Look())), json_schema())


def test_json_tells_everything() -> None:
    told = json.loads(render(full_report(), Format.JSON, Look()))

    assert told["schema_version"] == SCHEMA == "argus.review/1"
    assert told["outcome"] == "reviewed"
    assert told["target"]["head"] == HEAD
    assert told["verdict"] == {
        "conclusion": "neutral",
        "title": "1 important finding",
        "reasons": ["1 file was not read."],
    }
    assert told["findings"][0] == {
        "id": "a1",
        "fingerprint": "f1",
        "severity": "important",
        "category": "bug",
        "path": "shop/cart.py",
        "line": 42,
        "end_line": None,
        "side": "RIGHT",
        "title": "A retried request subtracts the coupon twice.",
        "body": a_finding().body,
        "source": "model",
        "place": "inline",
        "url": "",
        "code": {"start": 41, "lines": list(EXCERPT.lines)},
    }
    assert told["coverage"]["complete"] is False
    assert told["coverage"]["omitted"][0]["reason"] == "lock file"
    assert told["usage"]["usd"] == 0.0123


def test_json_of_what_was_not_read_has_no_coverage() -> None:
    told = json.loads(render(SKIPPED, Format.JSON, Look()))

    assert (told["coverage"], told["findings"], told["reason"]) == (None, [], "It is a draft.")


def test_fields_that_scripts_rely_on_stay() -> None:
    told = json.loads(render(full_report(), Format.JSON, Look()))

    relied_on = "schema_version argus_version target outcome reason review_url verdict findings"
    relied_on += " coverage models usage seconds summary notes"
    assert set(relied_on.split()) <= set(told)


MARKDOWN = MarkdownIt("commonmark", {"html": True})


def html_in(page: str) -> set[str]:
    """Return the names of all tags that a page holds."""
    return {
        name
        for token in MARKDOWN.parse(page)
        for part in (token, *(token.children or ()))
        if part.type in {"html_block", "html_inline"}
        for name in re.findall(r"<\s*/?\s*([a-zA-Z!]+)", part.content)
    }


def test_markdown_has_place_claim_code_and_facts() -> None:
    page = render(full_report(), Format.MARKDOWN, Look())

    assert page.startswith("## Argus: 1 important finding\n\nApply coupons at checkout\n")
    assert "### A retried request subtracts the coupon twice\n" in page
    assert "Important · bug · `shop/cart.py:42`" in page
    assert "```python\ndef apply(cart):\n" in page
    assert "`shop/tax.py`" in page
    assert "0.0123 USD" in page


def test_markdown_links_code_of_a_pull_request() -> None:
    ref = PullRequestRef(owner="acme", repo="shop", number=7)
    pull = a_pull(ref=ref, url="https://ghe.example/acme/shop/pull/7")

    page = render(a_report(a_finding(), pull=pull), Format.MARKDOWN, Look())

    assert f"(https://ghe.example/acme/shop/blob/{HEAD}/shop/cart.py#L42)" in page


def test_markdown_holds_no_html_but_ours() -> None:
    assert html_in(render(hostile_report(), Format.MARKDOWN, Look())) <= {
        "details",
        "summary",
        "sub",
        "br",
    }


def test_markdown_code_cannot_close_its_block() -> None:
    page = render(hostile_report(), Format.MARKDOWN, Look())
    blocks = [token.content for token in MARKDOWN.parse(page) if token.type == "fence"]

    assert any("</details>" in block for block in blocks)


def closed(required: str, optional: str = "", **properties: Any) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others."""
    names = [*required.split(), *optional.split()]
    return {
        "type": "object",
        "required": required.split(),
        "properties": {name: properties.get(name, {}) for name in names},
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
POSITIVE = {"type": "integer", "minimum": 1}
MESSAGE = closed("text", text=TEXT)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATION = closed(
    "physicalLocation",
    "message",
    message=MESSAGE,
    physicalLocation=closed(
        "artifactLocation",
        "region",
        artifactLocation=closed(
            "uri uriBaseId", uri={"type": "string", "pattern": r"^[A-Za-z0-9%/._~-]*$"}
        ),
        region=closed(
            "startLine", "endLine snippet", startLine=POSITIVE, endLine=POSITIVE, snippet=MESSAGE
        ),
    ),
)
SARIF = closed(
    "$schema version runs",
    version={"const": "2.1.0"},
    runs={
        "type": "array",
        "items": closed(
            "tool results columnKind originalUriBaseIds invocations",
            tool=closed(
                "driver",
                driver=closed(
                    "name semanticVersion rules",
                    rules={
                        "type": "array",
                        "uniqueItems": True,
                        "items": closed(
                            "id shortDescription properties", id=TEXT, shortDescription=MESSAGE
                        ),
                    },
                ),
            ),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results={
                "type": "array",
                "items": closed(
                    "ruleId ruleIndex level message locations partialFingerprints properties",
                    ruleId=TEXT,
                    level=LEVEL,
                    message=MESSAGE,
                    locations={"type": "array", "items": LOCATION},
                    partialFingerprints={"additionalProperties": {"type": "string"}},
                ),
            },
            invocations={
                "type": "array",
                "items": closed(
                    "executionSuccessful toolExecutionNotifications",
                    executionSuccessful={"type": "boolean"},
                    toolExecutionNotifications={
                        "items": closed("level message", level=LEVEL, message=MESSAGE)
                    },
                ),
            },
        ),
    },
)
"""The part of https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/ that we make use of."""


def sarif_run(report: Report) -> dict[str, Any]:
    log = json.loads(render(report, Format.SARIF, Look()))
    jsonschema.validate(log, SARIF)
    run: dict[str, Any] = log["runs"][0]
    return run


def test_sarif_is_valid_whatever_stands_in_it() -> None:
    for report in (full_report(), SKIPPED, hostile_report()):
        assert sarif_run(report)["tool"]["driver"]["name"] == "Argus"


def test_sarif_names_rule_level_place_and_fingerprint() -> None:
    run = sarif_run(full_report())
    important, nit, old = run["results"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

    assert [r["level"] for r in run["results"]] == ["error", "warning", "note"]
    assert [rules[r["ruleIndex"]] for r in run["results"]] == [
        "model/bug",
        "js-inner-html",
        "model/tests",
    ]
    assert important["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 42,
        "snippet": {"text": "\tcart.total -= 1"},
    }
    assert nit["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "web/check%20out.ts", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 17, "endLine": 18},
    }
    assert "region" not in old["locations"][0]["physicalLocation"]
    assert important["partialFingerprints"] == {"argusFingerprint/v1": "f1"}


def test_sarif_lists_what_was_not_read() -> None:
    (invocation,) = sarif_run(full_report())["invocations"]
    said = {n["message"]["text"]: n["level"] for n in invocation["toolExecutionNotifications"]}

    assert said["Not read: shop/tax.py, 2 hunks: too large"] == "warning"
    assert said["Not read: uv.lock: lock file"] == "note"


def test_sarif_of_a_failed_review_is_no_success() -> None:
    failed = replace(SKIPPED, outcome=Outcome(kind=OutcomeKind.FAILED, head=HEAD, reason="Gone."))

    assert sarif_run(failed)["invocations"][0]["executionSuccessful"] is False


PATCH = "@@ -1,6 +1,6 @@\n one\n two\n-old\n+new\n four\n five\n six"


def test_excerpt_shows_two_lines_around_each_side() -> None:
    hunks = parse_patch(PATCH) or ()

    after = from_hunks(a_finding(line=3), hunks)
    before = from_hunks(a_finding(line=3, side=Side.LEFT), hunks)

    assert after == Excerpt(1, ("one", "two", "new", "four", "five"), 3, 3)
    assert before == Excerpt(1, ("one", "two", "old", "four", "five"), 3, 3)


def test_excerpt_of_a_line_outside_the_diff_is_none() -> None:
    assert from_hunks(a_finding(line=99), parse_patch(PATCH) or ()) is None


def test_credentials_are_masked_in_the_code_that_is_shown() -> None:
    token = "ghp_" + "aB3" * 12
    patch = f'@@ -0,0 +1,3 @@\n+a = 1\n+key = "{token}"\n+b = 2'
    hunks = parse_patch(patch) or ()

    about_it = from_hunks(a_finding(line=2, source="static:secrets/github-token"), hunks)
    beside_it = from_hunks(a_finding(line=1), hunks)

    assert about_it == Excerpt(2, ('key = "[credential removed]"',), 2, 2)
    assert beside_it == Excerpt(1, ("a = 1", 'key = "[credential removed]"', "b = 2"), 1, 1)


def test_line_with_a_credential_of_no_known_form_is_not_shown() -> None:
    hunks = parse_patch('@@ -0,0 +1 @@\n+password = "q7Zr-pL2w_Vn8x"') or ()

    assert from_hunks(a_finding(line=1, source="static:secrets/assigned-secret"), hunks) is None
