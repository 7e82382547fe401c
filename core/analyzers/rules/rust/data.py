"""Rust that loses data, reads what was never written, or panics on an odd value."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import Rule, called, field_text, statement_after
from core.analyzers.rules.rust.nodes import (
    CALL,
    file_mentions,
    function_around,
    function_name,
)
from core.models import Category, Severity

_WORTH_CHECKING = re.compile(
    r"(?s)(?:(?:^|::)fs::(?:write|rename|copy)|\.(?:sync_all|sync_data|commit|persist))\([^;]*\)"
    r"(?:\s*\.await)?(?:\s*\.ok\(\))?;?$"
)
_BUFFER = r"(?i)as_bytes\(\)|^\(\s*b\"|\b\w*(?:buf|bytes|data|chunk|payload|packet)\w*\b"
_TRANSFER = re.compile(
    r"\.(read|write)(\([^;]*?\))(?:\s*\.await)?(?:\?|\s*\.unwrap\(\)|\s*\.expect\([^()]*\));$"
)
_BYTE_STREAMS = (
    r"\bio::(?:\w+::)*(?:\{[^}]*)?(?:Read|Write|prelude|Async\w+)\b|\bAsync(?:Read|Write)Ext\b"
)
_CHANGED_BY_HAND = r"seek|set_len|lock|mmap|Mmap"


def _drops_a_needed_error(statement: SgNode) -> bool:
    """Judge `let _ = fs::write(…)` and `fs::write(…).ok();`; a destructor cannot do better."""
    value = statement.field("value") if statement.kind() == "let_declaration" else None
    call = value or next(iter(statement.named_children()), None)
    if call is None or call.kind() not in {CALL, "await_expression"}:
        return False
    return function_name(statement) != "drop" and bool(_WORTH_CHECKING.search(call.text()))


def _keeps_the_old_tail(call: SgNode) -> bool:
    chain = call.text()
    writes = ".create(true)" in chain and ".write(true)" in chain
    told = re.search(r"\.(?:truncate|append|create_new|read)\(|lock|/dev/", chain)
    return writes and told is None and not re.search(_CHANGED_BY_HAND, function_around(call))


def _forgets_the_count(statement: SgNode) -> bool:
    """Tell whether a read or write of `std::io` or tokio is taken for a whole one."""
    inner = next(iter(statement.named_children()), None)
    transfer = _TRANSFER.search(statement.text())
    if transfer is None or inner is None or "assignment" in inner.kind():
        return False
    if not file_mentions(statement, _BYTE_STREAMS):
        return False
    arguments = transfer[2]
    if transfer[1] == "read":
        return re.match(r"\(\s*&mut\b", arguments) is not None
    return "," not in arguments and re.search(_BUFFER, arguments) is not None


def _is_filled_by_nobody(declaration: SgNode) -> bool:
    """Tell whether the very next statement claims elements that were never written."""
    following = statement_after(declaration)
    name = field_text(declaration, "pattern").removeprefix("mut ").strip()
    claim = rf"^(?:unsafe\s*\{{\s*)?{re.escape(name)}\.set_len\("
    return following is not None and re.search(claim, following.text()) is not None


def _is_never_written(call: SgNode) -> bool:
    """Leave arrays of `MaybeUninit` alone, which need no value to be valid."""
    return not file_mentions(call, r"\[\s*(?:\w+::)*MaybeUninit\b|uninit_array")


def _hashes_otherwise(implementation: SgNode) -> bool:
    """Tell whether the type derives `Hash` while it compares by hand."""
    name = re.escape(field_text(implementation, "type").partition("<")[0])
    derived = (
        r"#\[derive\([^)]*\bHash\b[^)]*\)\](?:\s*(?:#\[[^\]]*\]|//[^\n]*))*"
        rf"\s*(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum)\s+{name}\b"
    )
    return file_mentions(implementation, derived)


RULES: tuple[Rule, ...] = (
    Rule(
        id="error-discarded",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The error of this write is discarded",
        body=(
            "When the disk is full or the transaction is refused, the code goes on as if the data "
            "had been saved. Return the error with `?`, or handle it."
        ),
        match={
            "any": [
                {"kind": "let_declaration", "has": {"field": "pattern", "regex": "^_$"}},
                {"kind": "expression_statement", "regex": r"\.ok\(\);$"},
            ]
        },
        keep=_drops_a_needed_error,
        outside_tests=True,
        needs=r"let\s+_\s*=|\.ok\(\);",
    ),
    Rule(
        id="old-tail-kept",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A shorter text leaves the end of the old one in the file",
        body=(
            "The file is neither emptied nor appended to: new bytes overwrite the first ones, and "
            "the rest of the longer old content stays behind them. Add `.truncate(true)` or "
            "`.append(true)`."
        ),
        match=called(r"(?s).*(?:OpenOptions::new|File::options)\(\).*\.open", CALL),
        keep=_keeps_the_old_tail,
        outside_tests=True,
        needs=r"OpenOptions|File::options",
    ),
    Rule(
        id="count-ignored",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A part may be read or written, and nobody looks how much",
        body=(
            "`read` and `write` may stop after any number of bytes, as sockets and pipes do, so "
            "the rest is lost or the buffer holds old bytes. Use `read_exact` or `write_all`, or "
            "look at the count."
        ),
        match={"kind": "expression_statement", "regex": r"\.(?:read|write)\("},
        keep=_forgets_the_count,
        outside_tests=True,
        needs=r"\.(?:read|write)\(",
    ),
    Rule(
        id="uninitialised-elements",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The vector claims elements that were never written",
        body=(
            "Reading one of them, even to overwrite a `String` or a `Vec`, is undefined behaviour, "
            "and with bytes the memory of others leaks. Use `vec![0; n]` or `resize`, or "
            "`set_len` after the elements are written."
        ),
        match={
            "kind": "let_declaration",
            "has": {"field": "value", "regex": r"^Vec(?:::<.*>)?::with_capacity\("},
        },
        keep=_is_filled_by_nobody,
        needs=r"\.set_len\(",
    ),
    Rule(
        id="uninitialised-value",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A value is made out of memory that was never written",
        body=(
            "It is undefined behaviour at once, even when the value is overwritten later; the "
            "compiler may assume that it cannot happen. Keep `MaybeUninit`, write into it, and "
            "call `assume_init` afterwards."
        ),
        match=called(
            r"(?s)(?:\w+::)*mem::uninitialized(?:::<.*>)?"
            r"|(?:\w+::)*MaybeUninit(?:::<.*>)?::uninit\(\)\s*\.assume_init",
            CALL,
        ),
        keep=_is_never_written,
        needs=r"uninitialized|assume_init",
    ),
    Rule(
        id="not-a-number-panics",
        severity=Severity.NIT,
        category=Category.BUG,
        title="One NaN among the values panics here",
        body=(
            "`partial_cmp` gives `None` as soon as one side is NaN, such as 0.0 / 0.0 or a missing "
            "measurement, and `unwrap` ends the thread. Use `f64::total_cmp`."
        ),
        match={
            **called(r"(?s).*\.(?:sort_by|sort_unstable_by|max_by|min_by|binary_search_by)", CALL),
            "all": [
                {
                    "has": {
                        "field": "arguments",
                        "regex": r"(?s)\.partial_cmp\(.*\)\s*\.(?:unwrap\(\)|expect\()",
                    }
                }
            ],
        },
        outside_tests=True,
        needs=r"\.partial_cmp\(",
    ),
    Rule(
        id="hash-unlike-equality",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`Hash` is derived, but equality is written by hand",
        body=(
            "Two values that compare equal may have different hashes, so a `HashSet` keeps both "
            "and a `HashMap` does not find its key. Write `Hash` by hand over the fields that "
            "`eq` compares."
        ),
        match={
            "kind": "impl_item",
            "has": {"field": "trait", "regex": r"^(?:\w+::)*PartialEq$"},
        },
        keep=_hashes_otherwise,
        needs=r"derive\([^)]*\bHash\b",
    ),
)
