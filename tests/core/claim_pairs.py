"""Pairs of claims by two readers of one change: the same defect, or another one beside it.

Written for this project. Different claims share the function and its names on purpose, because
that is what a comparison of words falls for.
"""

from typing import Final

SAME: Final = (
    (
        "The retry loop never sleeps, so a failing server is called without pause",
        "No delay between retries: the loop hammers the server while it fails",
    ),
    (
        "user_id is put into the SQL query as text, which allows SQL injection",
        "SQL injection: the query is built from user_id by string formatting",
    ),
    (
        "`parse_date` returns None for an empty string and the caller does not check it",
        "The None that parse_date gives back for empty strings is not checked by the caller",
    ),
    (
        "File handle is not closed when reading throws",
        "If the read throws, the file handle leaks because it is never closed",
    ),
    (
        "mean() divides by len(items), which raises ZeroDivisionError for an empty list",
        "Division by zero when items is empty: len(items) is 0 in mean()",
    ),
    (
        "The token is compared with == and so leaks its length and prefix through timing",
        "Comparing the token with == is open to a timing attack; use compare_digest",
    ),
    (
        "The off-by-one in range(1, n) skips the first row of the table",
        "First row is skipped because the range starts at 1",
    ),
    (
        "Tests assert on the mock itself, so they pass whatever the code does",
        "The assertion checks the mock and cannot fail, whatever the code does",
    ),
    (
        "The cache is read and written without the lock, so two requests can race",
        "Race: cache is accessed outside of the lock by concurrent requests",
    ),
    (
        "The await is missing before save(), so errors of saving are lost",
        "save() is not awaited: its rejection is never handled and the data may not be stored",
    ),
    (
        "Timezone is dropped by replace(tzinfo=None), so the comparison is off by hours",
        "Comparison is wrong by the UTC offset because tzinfo is removed from the date",
    ),
    (
        "The password is written to the log at info level",
        "Logging the request body at info puts the user's password into the log",
    ),
    (
        "path is joined with user input unchecked, so ../ escapes the upload folder",
        "Path traversal: a file name with ../ is written outside of the upload folder",
    ),
    (
        "The default argument [] is shared between calls and grows",
        "Mutable default argument: the list keeps what earlier calls appended",
    ),
    (
        "A query runs for every order in the loop: N+1 queries on the customers table",
        "Customers are loaded one by one inside the loop over orders (N+1 queries)",
    ),
    (
        "The condition is inverted: admins are refused and everyone else gets in",
        "is_admin check is the wrong way round, it lets non-admins in and refuses admins",
    ),
    (
        "The exception is swallowed by the bare except, so a failed payment looks paid",
        "Bare except hides the payment's failure and the order is marked as paid",
    ),
    (
        "The index is not checked against the length and reads past the end of the buffer",
        "Out-of-bounds read: index may be larger than the buffer's length",
    ),
    (
        "int32 overflows when width * height is computed for large images",
        "Integer overflow in width * height with large images",
    ),
    (
        "The listener is added on every render and never removed, which leaks memory",
        "Memory leak: each render adds another event listener without removing the old one",
    ),
    (
        "The regular expression backtracks exponentially on long input",
        "Catastrophic backtracking: this regex hangs on a long input",
    ),
    (
        "total is a float, so adding prices loses cents; use Decimal",
        "Prices are added as floats, which rounds cents wrongly. Use Decimal for money",
    ),
    (
        "The migration drops the column before its data is copied",
        "Data is lost: the column is dropped before the copy in the migration",
    ),
    (
        "The new branch for refunds is covered by no test",
        "No test exercises the refund branch that this change adds",
    ),
)

DIFFERENT: Final = (
    (
        "The null check in createOrder tests the wrong parameter, customer instead of address",
        "createOrder is not documented: its Javadoc describes a parameter that was removed",
    ),
    (
        "getTotal() divides by the number of items, which is zero for an empty cart",
        "getTotal() rounds each price before adding, so the sum is off by cents",
    ),
    (
        "The lock is released before the cache is written, which lets two writers race",
        "The size of the cache is read from the wrong setting and is always the default",
    ),
    ("Token is compared with ==, which leaks timing", "Token is logged in clear text at info"),
    (
        "loadUser() returns null for a deleted account and the caller dereferences it",
        "loadUser() reads the account outside of the transaction and may see a stale row",
    ),
    (
        "The retry loop in send_mail never sleeps between attempts",
        "send_mail catches KeyboardInterrupt with its bare except and cannot be stopped",
    ),
    (
        "parse_range accepts a negative start and slices from the end of the list",
        "parse_range keeps the upper bound inclusive, so the last page repeats a row",
    ),
    (
        "UploadHandler joins the file name unchecked, which allows path traversal",
        "UploadHandler reads the whole upload into memory before it checks the size",
    ),
    (
        "The index on orders.customer_id is dropped and never made again",
        "The migration sets orders.customer_id to NOT NULL while old rows hold NULL",
    ),
    (
        "useEffect adds a listener on every render and never removes it",
        "useEffect misses userId in its dependencies and shows the previous user",
    ),
    (
        "The response of fetchPrices is not checked for its status before it is parsed",
        "fetchPrices is called without await in refresh(), so its failure is unhandled",
    ),
    (
        "isExpired compares in local time while expires_at is UTC",
        "isExpired treats a token that expires right now as still valid",
    ),
    (
        "copyBuffer reads past the end when length is larger than the source",
        "copyBuffer never frees the temporary array when the copy fails",
    ),
    (
        "The test for refunds cannot fail: it asserts on the mock, whatever refund() returns",
        "The test sleeps two seconds for the refund to arrive and is flaky on slow machines",
    ),
    (
        "ConfigLoader runs yaml.load on user input, which can execute code",
        "ConfigLoader falls back to the defaults silently when the file is missing",
    ),
    (
        "Discount is applied twice when the coupon is entered again",
        "Discount may exceed the total, which makes the amount to pay negative",
    ),
    (
        "The goroutine writes to results without a lock",
        "The goroutine is never stopped when the context is cancelled and leaks",
    ),
    (
        "exportCsv does not escape a field that begins with =, a formula injection",
        "exportCsv writes the header again for each chunk",
    ),
    (
        "The session cookie is set without HttpOnly",
        "The session is not renewed after login, which allows fixation",
    ),
    (
        "resize() overwrites the original before the smaller image is saved",
        "resize() computes width * height in 32 bit, which overflows",
    ),
    (
        "Password reset tokens are made with random, whose next value can be predicted from a few",
        "Password reset tokens never expire, so an old mail in a stolen inbox still opens the door",
    ),
    (
        "deleteProject removes the row alone; the uploaded files stay on disk for good",
        "deleteProject does not check who asks: any user can delete what another one owns",
    ),
    (
        "The query is built by string concatenation from the sort parameter",
        "The query loads every row to count them; use COUNT(*)",
    ),
    (
        "Pagination shows an empty last page when the count is a multiple of the size",
        "Pagination links lose the search term of the current page",
    ),
)
