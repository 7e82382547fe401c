"""Which of ruff's rules are worth a reviewer's time, how much, and why each breaks.

A line is titled by ruff's own message, which names the variable or function; the body is ours.
Style is left out: https://docs.astral.sh/ruff/rules/ lists what there is.
"""

from dataclasses import dataclass
from functools import cache

from core.models import Category, Severity


@dataclass(frozen=True, slots=True)
class RuffRule:
    """Codes of ruff that break in the same way."""

    codes: tuple[str, ...]
    """Whole codes, or the first letters of a family."""
    severity: Severity
    category: Category
    why: str
    same_as: str = ""
    """Our own syntax rule about the same mistake, which is kept when both speak."""


_IMPORTANT, _NIT = Severity.IMPORTANT, Severity.NIT
_BUG, _SECURITY, _PERFORMANCE = Category.BUG, Category.SECURITY, Category.PERFORMANCE

RULES: tuple[RuffRule, ...] = (
    RuffRule(
        ("F821", "F823"),
        _IMPORTANT,
        _BUG,
        "Python raises `NameError` or `UnboundLocalError` when this line runs.",
    ),
    RuffRule(
        ("F811",),
        _NIT,
        _BUG,
        "The second definition replaces the first, which is never reachable; of two tests with "
        "one name only the last runs.",
    ),
    RuffRule(
        ("F501", "F502", "F503", "F505", "F506", "F507", "F508", "F509", "F521", "F524", "F525"),
        _IMPORTANT,
        _BUG,
        "The placeholders do not fit the values, so formatting raises when this line runs.",
    ),
    RuffRule(
        ("F504", "F522", "F523"),
        _NIT,
        _BUG,
        "A value is given that the text never shows; often a placeholder was forgotten.",
    ),
    RuffRule(
        ("F601",),
        _IMPORTANT,
        _BUG,
        "The later entry of the same key silently wins, and the earlier value is lost.",
    ),
    RuffRule(
        ("F631", "PLW0129", "F634"),
        _IMPORTANT,
        _BUG,
        "The condition is a value that is always true, so nothing is ever checked here.",
        same_as="assert-on-tuple",
    ),
    RuffRule(
        ("F632",),
        _IMPORTANT,
        _BUG,
        "Identity of equal literals depends on the interpreter's caching. Use `==`.",
        same_as="is-with-literal",
    ),
    RuffRule(
        ("F701", "F702", "F704", "F706", "F707"),
        _IMPORTANT,
        _BUG,
        "Python refuses to compile the module, so nothing in it can be imported.",
    ),
    RuffRule(
        ("B006", "B039"),
        _NIT,
        _BUG,
        "The default is made once and shared by all calls: the first change to it stays. Default "
        "to `None` and create the value inside.",
        same_as="mutable-default",
    ),
    RuffRule(
        ("B023",),
        _IMPORTANT,
        _BUG,
        "The function looks the variable up when it is called. Called after the loop, every one "
        "of them sees the last value. Bind it with a default argument or `functools.partial`.",
    ),
    RuffRule(
        ("B012", "PLE0116"),
        _IMPORTANT,
        _BUG,
        "Leaving `finally` this way drops the exception that is on its way, so failures vanish.",
    ),
    RuffRule(
        ("B015", "PLW0133"),
        _IMPORTANT,
        _BUG,
        "The expression has no effect; an `assert`, a `raise` or an assignment is missing.",
    ),
    RuffRule(
        ("B002", "B016", "B020", "B030", "B032", "PLW0711", "PLW1501", "RUF016", "RUF026"),
        _IMPORTANT,
        _BUG,
        "Python reads this otherwise than it looks, so the line does not do what it seems to.",
    ),
    RuffRule(
        ("B003",),
        _IMPORTANT,
        _BUG,
        "Assigning to `os.environ` does not change the environment of the process or of its "
        "children. Update it in place.",
    ),
    RuffRule(
        ("B005", "PLE1310"),
        _IMPORTANT,
        _BUG,
        "`strip` takes a set of characters, not a prefix: `'example.me'.rstrip('.me')` is "
        "`'exampl'`. Use `removeprefix` or `removesuffix`.",
    ),
    RuffRule(
        ("B031",),
        _IMPORTANT,
        _BUG,
        "The group is consumed by its first use; the second one sees nothing. Make it a list.",
    ),
    RuffRule(
        ("B035", "RUF024"),
        _IMPORTANT,
        _BUG,
        "All entries share one key or one value: later writes replace or change earlier ones.",
    ),
    RuffRule(
        ("B019",),
        _NIT,
        _PERFORMANCE,
        "The cache holds `self`, so no instance is ever freed while the class lives.",
    ),
    RuffRule(
        ("B025", "B029"),
        _NIT,
        _BUG,
        "One of the two has no effect; often the other name was meant.",
    ),
    RuffRule(
        ("PLE2502", "PLE251"),
        _IMPORTANT,
        _SECURITY,
        "An invisible control character makes the code look different from what runs: "
        "https://trojansource.codes. Write it as an escape.",
    ),
    RuffRule(
        ("PLE",),
        _IMPORTANT,
        _BUG,
        "Python raises, or ignores the construct, when this line runs.",
    ),
    RuffRule(
        ("PLW0177",),
        _IMPORTANT,
        _BUG,
        "Nothing equals NaN, itself included, so the comparison is always false. Use `math.isnan`.",
    ),
    RuffRule(
        ("PLW2101",),
        _IMPORTANT,
        _BUG,
        "Each call makes a lock of its own, so it excludes nobody. Create it once and share it.",
    ),
    RuffRule(
        ("RUF006",),
        _NIT,
        _BUG,
        "The loop keeps only a weak reference, so the task can vanish half done, and its error "
        "is never seen. Keep it in a set until it is done.",
    ),
    RuffRule(
        ("RUF017",),
        _NIT,
        _PERFORMANCE,
        "`sum` over lists copies the result for each of them: quadratic. Use "
        "`itertools.chain.from_iterable`.",
    ),
    RuffRule(
        ("RUF032",),
        _IMPORTANT,
        _BUG,
        "The decimal starts from a binary fraction: `Decimal(0.1)` is 0.1000000000000000055…. "
        "Give it text.",
    ),
    RuffRule(
        ("S103", "S306"),
        _IMPORTANT,
        _SECURITY,
        "Another user of the machine can change this file, or put a link in its place.",
    ),
    RuffRule(
        ("S113",),
        _NIT,
        _BUG,
        "Without a timeout a server that never answers holds this thread for ever.",
    ),
    RuffRule(
        ("S201",),
        _IMPORTANT,
        _SECURITY,
        "The debugger of the development server lets a visitor run code. Take it from settings.",
    ),
    RuffRule(
        ("S202",),
        _IMPORTANT,
        _SECURITY,
        "An archive with a member named `../../etc/cron.d/x` writes outside the target. Pass "
        "`filter='data'`.",
    ),
    RuffRule(
        ("S304", "S305", "S502", "S503", "S505"),
        _IMPORTANT,
        _SECURITY,
        "This cipher, mode, key size or protocol version is broken; what it hides can be read.",
    ),
    RuffRule(
        ("S501", "S323"),
        _IMPORTANT,
        _SECURITY,
        "Anyone on the way can answer in the server's place and read what is sent.",
        same_as="tls-not-verified",
    ),
    RuffRule(
        ("S507",),
        _IMPORTANT,
        _SECURITY,
        "An unknown host key is accepted, so anyone on the way can pose as the server.",
    ),
    RuffRule(
        ("S506",),
        _IMPORTANT,
        _SECURITY,
        "A document can name any Python object to be built. Use `yaml.safe_load`.",
        same_as="yaml-load",
    ),
    RuffRule(
        ("S610", "S611"),
        _IMPORTANT,
        _SECURITY,
        "This text reaches the database as it is; a value inside it can change the statement.",
    ),
    RuffRule(
        ("S308", "S701", "S702", "S704"),
        _NIT,
        _SECURITY,
        "Values are put into the page unescaped: markup in one of them runs as script.",
    ),
    RuffRule(
        ("ASYNC210", "ASYNC212", "ASYNC251"),
        _IMPORTANT,
        _PERFORMANCE,
        "While it waits, no other task of the process runs. Use its awaitable twin.",
        same_as="blocking-in-async",
    ),
    RuffRule(
        ("ASYNC105", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC250"),
        _IMPORTANT,
        _PERFORMANCE,
        "The call blocks the event loop, or is never awaited, and stalls every other task.",
    ),
    RuffRule(
        ("ASYNC100", "ASYNC110", "ASYNC230"),
        _NIT,
        _PERFORMANCE,
        "The event loop is held or polled here; an awaitable twin lets other tasks run.",
    ),
    RuffRule(
        ("YTT",),
        _IMPORTANT,
        _BUG,
        "The comparison goes wrong for versions such as 3.10, whose text sorts before 3.9.",
    ),
)

SELECTED = ",".join(code for rule in RULES for code in rule.codes)


@cache
def rule_for(code: str) -> RuffRule | None:
    """Return the entry of a code: the whole code before a family's first letters."""
    fitting = [
        (len(prefix), rule) for rule in RULES for prefix in rule.codes if code.startswith(prefix)
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None
