"""The grammar: every verb of the contract, tolerant addresses, hostile addresses, wrong words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import (
    Ask,
    ByAuthor,
    ByBots,
    Command,
    Ignore,
    Mute,
    Pause,
    Plain,
    RepositoryRef,
    Resume,
    Review,
    ShowConfiguration,
    Status,
    Subscribe,
    Unsubscribe,
    Verb,
    WithLabel,
    parse,
    parse_pull_request,
    parse_repository,
)
from core.errors import UserError
from core.models import DismissalScope, PullRequestRef, Severity

WEB = "https://github.com"
REF = PullRequestRef(owner="octo-org", repo="hello.world", number=12)
URL = "https://github.com/octo-org/hello.world/pull/12"
REPOSITORY = RepositoryRef("octo-org", "hello.world")

COMMANDS: list[tuple[str, Command]] = [
    ("", Plain(Verb.HELP)),
    ("  ", Plain(Verb.HELP)),
    ("help", Plain(Verb.HELP)),
    ("help review", Plain(Verb.HELP)),
    ("HELP", Plain(Verb.HELP)),
    ("review", Review()),
    ("review octo-org/hello.world#12", Review(REF)),
    (f"review {URL}", Review(REF)),
    (f"Review   {URL}  full", Review(REF, full=True)),
    (f"review full {URL}", Review(REF, full=True)),
    ("review full", Review(full=True)),
    (f"review {URL} focus the  retry loop", Review(REF, focus="the retry loop")),
    (f"review {URL} focus: full text search", Review(REF, focus="full text search")),
    (f"review <{URL}|Fix the thing> full", Review(REF, full=True)),
    (f"review <{URL}>.", Review(REF)),
    (f"review <{URL}|Fix the thing>, focus tests", Review(REF, focus="tests")),
    ("review focus/full#3", Review(PullRequestRef(owner="focus", repo="full", number=3))),
    ("status", Status()),
    (f"status <{URL}>", Status(REF)),
    ("pause", Pause()),
    ("resume", Resume()),
    ("pause octo-org/hello.world#12", Pause(REF)),
    ("resume octo-org/hello.world#12", Resume(REF)),
    ("ignore", Ignore()),
    ("ignore we know", Ignore(reason="we know")),
    ("ignore because we know", Ignore(reason="we know")),
    ("ignore all", Ignore(DismissalScope.PULL_REQUEST)),
    ("ignore ALL: because it moves", Ignore(DismissalScope.PULL_REQUEST, "it moves")),
    ("ignore rule because tests", Ignore(DismissalScope.RULE, "tests")),
    ("ignore off", Ignore(off=True)),
    ("ignore OFF.", Ignore(off=True)),
    ("ignore undo", Ignore(off=True)),
    ("ignore all off", Ignore(DismissalScope.PULL_REQUEST, off=True)),
    ("ignore rule: off", Ignore(DismissalScope.RULE, off=True)),
    ("ignore off by one is meant", Ignore(reason="off by one is meant")),
    ("ignore because off", Ignore(reason="off")),
    ("ignore off, sorry", Ignore(off=True)),
    ("ignore all off because I was wrong", Ignore(DismissalScope.PULL_REQUEST, off=True)),
    ("ignore all callers check it", Ignore(reason="all callers check it")),
    ("ignore rule does not apply here", Ignore(reason="rule does not apply here")),
    ("ask octo-org/hello.world#12 why?", Ask("why?", REF)),
    ("explain", Plain(Verb.EXPLAIN)),
    ("ask  why <b> & not <c>?", Ask("why <b> & not <c>?")),
    ("configuration", Plain(Verb.CONFIGURATION)),
    ("queue", Plain(Verb.QUEUE)),
    ("subscribe octo-org/hello.world", Subscribe(REPOSITORY)),
    (
        "subscribe octo-org/hello.world label:x min:Important branch:release/2",
        Subscribe(REPOSITORY, Severity.IMPORTANT, "release/2", "x"),
    ),
    ("subscribe https://github.com/octo-org/hello.world/", Subscribe(REPOSITORY)),
    ("unsubscribe", Unsubscribe()),
    ("unsubscribe octo-org/hello.world", Unsubscribe(REPOSITORY)),
    ("list", Plain(Verb.LIST)),
    ("mute octo-org/hello.world", Mute(REPOSITORY)),
    ("mute octo-org/hello.world for 2h", Mute(REPOSITORY, 7_200)),
    (f"mute {URL} for 30 minutes", Mute(REF, 1_800)),
    ("mute @octo-cat", Mute(ByAuthor("octo-cat"))),
    ("mute @dependabot[bot] for 1w", Mute(ByAuthor("dependabot[bot]"), 604_800)),
    ("mute Bots for 3d", Mute(ByBots(), 259_200)),
    ("mute label:wip", Mute(WithLabel("wip"))),
    ("mute LABEL:needs:work OFF", Mute(WithLabel("needs:work"), off=True)),
    (f"mute <{URL}|the change> off", Mute(REF, off=True)),
    ("configuration octo-org/hello.world", ShowConfiguration(REPOSITORY)),
    (f"configuration {URL}", ShowConfiguration(REF)),
    ("connect", Plain(Verb.CONNECT)),
    ("disconnect", Plain(Verb.DISCONNECT)),
    ("stats", Plain(Verb.STATS)),
    ("doctor", Plain(Verb.DOCTOR)),
]


@pytest.mark.parametrize(("text", "command"), COMMANDS)
def test_words_become_a_command(text: str, command: Command) -> None:
    assert parse(text, web_url=WEB) == command


def test_every_verb_of_the_contract_is_understood() -> None:
    assert {command.verb for _, command in COMMANDS} == set(Verb)


@pytest.mark.parametrize(
    "text",
    [
        URL,
        f"{URL}/",
        f"{URL}/files",
        f"{URL}/files/0a1b2c3d..4e5f6a7b",
        f"{URL}/files#diff-0a1b2cR10-R12",
        f"{URL}/commits/0123456789abcdef0123456789abcdef01234567",
        f"{URL}#discussion_r1234",
        f"{URL}?w=1&diff=split#issuecomment-1",
        f"{URL}?w=1&amp;diff=split",
        f"{URL}.",
        f"({URL}),",
        f"`{URL}`",
        f"<{URL}>",
        f"<{URL}|octo-org/hello.world#12>",
        f"<{URL}/files|a label with spaces>.",
        "github.com/octo-org/hello.world/pull/12",
        "HTTPS://GitHub.com/octo-org/hello.world/pull/12",
        "octo-org/hello.world#12",
        "octo-org/hello.world#12.",
        f"“{URL}”",
        "‘octo-org/hello.world#12’,",
        f"*{URL}*",
        f"*<{URL}>*",
        f"_<{URL}|#12 Fix it>_.",
        "~octo-org/hello.world#12~",
        f"{URL}\u200b",
        f"\u00a0{URL}\ufeff",
        f"(“*<{URL}>*”)",
    ],
)
def test_a_pasted_pull_request_is_read(text: str) -> None:
    assert parse_pull_request(text, web_url=WEB) == REF


@pytest.mark.parametrize(
    "web_url", ["http://127.0.0.1:8123", "https://git.example.com/", "https://example.com/git"]
)
def test_addresses_count_on_the_configured_host_alone(web_url: str) -> None:
    address = f"{web_url.rstrip('/')}/octo-org/hello.world/pull/12"
    assert parse_pull_request(address, web_url=web_url) == REF
    with pytest.raises(UserError):
        parse_pull_request(URL, web_url=web_url)


HOSTILE = [
    "https://github.com@evil.example/o/r/pull/1",
    "https://github.com:pass@evil.example/o/r/pull/1",
    "https://user@github.com/o/r/pull/1",
    "https://user:pass@github.com/o/r/pull/1",
    "https://github.com.evil.example/o/r/pull/1",
    "https://evil.example/github.com/o/r/pull/1",
    "https://evil.example/?https://github.com/o/r/pull/1",
    "https://evil.example/#https://github.com/o/r/pull/1",
    "https://evil.example\\@github.com/o/r/pull/1",
    "https://evil.example\\github.com/o/r/pull/1",
    "https:\\\\github.com\\o\\r\\pull\\1",
    "https://github.com\\.evil.example/o/r/pull/1",
    "https://github.com:8443/o/r/pull/1",
    "https://github.com:443@evil.example/o/r/pull/1",
    "https://github.com:/o/r/pull/1",
    "https://github.com./o/r/pull/1",
    "https://githubXcom/o/r/pull/1",
    "https://api.github.com/o/r/pull/1",
    "https://www.github.com/o/r/pull/1",
    "https://github.co/m/o/r/pull/1",
    "https://github.com%2eevil.example/o/r/pull/1",
    "https://github.com%00.evil.example/o/r/pull/1",
    "https://github%2ecom/o/r/pull/1",
    "https://github.com/o%2fr/pull/1",
    "https://github.com/o/r%2f..%2fx/pull/1",
    "https://github.com/%6f/r/pull/1",
    "https://github.com//o/r/pull/1",
    "https://github.com/o//r/pull/1",
    "https://github.com/o/r/pull//1",
    "https://github.com/../o/r/pull/1",
    "https://github.com/o/../pull/1",
    "https://github.com/o/./pull/1",
    "https://github.com/./r/pull/1",
    "https://github.com/o/r/pull/1/../../../x/y/pull/2",
    "https://github.com/o/r/pull/1/%2e%2e/x",
    "https://github.com/o/r/pull/0",
    "https://github.com/o/r/pull/-1",
    "https://github.com/o/r/pull/1e3",
    "https://github.com/o/r/pull/0x10",
    "https://github.com/o/r/pull/١٢",
    "https://github.com/o/r/pull/1２",
    "https://github.com/o/r/pull/99999999999999999999",
    "https://github.com/o/r/pull/",
    "https://github.com/o/r/issues/1",
    "https://github.com/o/r/pulls/1",
    "https://github.com/o/r",
    "https://ɡithub.com/o/r/pull/1",
    "https://gıthub.com/o/r/pull/1",
    "https://github。com/o/r/pull/1",
    "https://GITHUB.COM\u200b/o/r/pull/1",
    "https://github.com/o\u202e/r/pull/1",
    "https://github.com/ο/r/pull/1",
    "https://github.com/o/r/pull/1\nhttps://evil.example",
    "https://github.com/o/r\n/pull/1",
    "https://github.com/o/r/pull/1\x00",
    "https://github.com/o/r/pull/1 https://evil.example",
    "https://github.com\t/o/r/pull/1",
    "http://github.com/o/r/pull/1",
    "ftp://github.com/o/r/pull/1",
    "file:///o/r/pull/1",
    "javascript:alert(1)//github.com/o/r/pull/1",
    "data:text/html,https://github.com/o/r/pull/1",
    "//github.com/o/r/pull/1",
    "https:/github.com/o/r/pull/1",
    "https:github.com/o/r/pull/1",
    "https://[::1]/o/r/pull/1",
    "https://[::ffff:127.0.0.1]/o/r/pull/1",
    "https://127.0.0.1/o/r/pull/1",
    "https://2130706433/o/r/pull/1",
    "https://0x7f.1/o/r/pull/1",
    "https://localhost/o/r/pull/1",
    "https://169.254.169.254/o/r/pull/1",
    "<https://evil.example/o/r/pull/1|https://github.com/o/r/pull/1>",
    "<https://github.com/o/r/pull/1",
    "<!channel>",
    "<@U0123|o/r#1>",
    "o/r#0",
    "o/r#1#2",
    "o/..#1",
    "o/.#1",
    "../r#1",
    "-o/r#1",
    "o/r/x#1",
    "o\\r#1",
    "o/r#1\u2028",
    "o/r#",
    "/r#1",
    "#1",
    "1",
    "",
    f"https://github.com/{'o' * 101}/r/pull/1",
    f"https://github.com/o/r/pull/1?{'a' * 3_000}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_pull_request(text, web_url=WEB)
    assert "owner/repo#12" in refused.value.next_step
    assert "evil" not in str(refused.value)


@pytest.mark.parametrize("text", [f"http{URL[5:]}", f"ftp{URL[5:]}", f"http{URL[5:]}/files"])
def test_an_address_with_another_scheme_is_told_from_one_elsewhere(text: str) -> None:
    with pytest.raises(UserError, match="does not begin with https://"):
        parse_pull_request(text, web_url=WEB)


def test_underscores_of_a_name_are_no_style() -> None:
    assert str(parse_repository("octo/my_repo_", web_url=WEB)) == "octo/my_repo_"
    assert str(parse_repository("_octo/my_repo_", web_url=WEB)) == "octo/my_repo"


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "””"])
def test_a_label_of_several_words_stands_in_quotes(quotes: str) -> None:
    label = f"label:{quotes[0]}needs review{quotes[1]}"
    subscribed = parse(f"subscribe o/r {label} min:nit", web_url=WEB)
    assert subscribed == Subscribe(RepositoryRef("o", "r"), Severity.NIT, "", "needs review")
    muted = parse(f"mute {label} for 2h", web_url=WEB)
    assert muted == Mute(WithLabel("needs review"), 7_200)


@pytest.mark.parametrize(
    "text", ["mute label:good first issue", "subscribe o/r label:good first issue"]
)
def test_whoever_forgot_the_quotes_is_told_of_them(text: str) -> None:
    with pytest.raises(UserError, match="stands in quotes"):
        parse(text, web_url=WEB)


def test_an_address_elsewhere_says_which_host_counts() -> None:
    with pytest.raises(UserError, match=r"github\.com only"):
        parse_pull_request("https://gitlab.com/o/r/pull/1", web_url=WEB)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("reviw x", "review"),
        ("halp", "help"),
        ("statsu", "stat"),
        ("config", "configuration"),
        (f"review {URL} ful", "full"),
        (f"review {URL} --full", "full"),
        ("review focsu x", "focus"),
        ("subscribe o/r minn:nit", "min"),
        ("subscribe o/r min:importent", "important"),
        ("mute bot", "bots"),
        ("unmute o/r", "mute … off"),
        ("unpause", "resume"),
        ("dismiss", "ignore"),
        ("undo", "ignore off"),
        ("follow o/r", "subscribe"),
    ],
)
def test_a_misspelt_word_gets_a_did_you_mean(text: str, meant: str) -> None:
    with pytest.raises(UserError, match=f"Did you mean `{meant}"):
        parse(text, web_url=WEB)


@pytest.mark.parametrize(
    ("text", "next_step"),
    [
        ("xylophone", "`help` lists what Argus understands."),
        ("please review this", "Begin with `review`: the first word is the command."),
        ("Hey, can you explain", "Begin with `explain`: the first word is the command."),
        ("please look at this", "`help` lists what Argus understands."),
        (URL, "Put `review` before it."),
        (f"review {URL} please", "Use `review <pr> [full] [focus …]`."),
        (f"review {URL} focus", "Put what to look at behind it: `focus error handling`."),
        ("pause o/r#1 now", "Use `pause [<pr>]`."),
        ("ask", "Put it behind: `ask why is the lock taken twice?`"),
        ("subscribe", "Use `subscribe owner/repo [min:important] [branch:main] [label:x]`."),
        (
            "subscribe o/r min:",
            "Use `subscribe owner/repo [min:important] [branch:main] [label:x]`.",
        ),
        (
            "subscribe o/r o/r",
            "Use `subscribe owner/repo [min:important] [branch:main] [label:x]`.",
        ),
        ("unsubscribe nothing", "Use `owner/repo`, please."),
        ("mute", "Use `mute <pr, owner/repo, @author, bots or label:x> [for 2h, or off]`."),
        ("mute o/r for ever", "Say `for 30m`, `for 2h` or `for 3d`."),
        ("mute o/r for 2 months", "Say `for 30m`, `for 2h` or `for 3d`."),
        ("mute o/r 2h", "Say `for 30m`, `for 2h` or `for 3d`."),
        ("mute o/r off now", "Say `for 30m`, `for 2h` or `for 3d`."),
        ("mute <@U0123ABC>", "Use `owner/repo`, please."),
        (
            "mute label:",
            "Use `mute <pr, owner/repo, @author, bots or label:x> [for 2h, or off]`.",
        ),
        ("configuration o/r o/r", "Use `configuration [<pr> or owner/repo]`."),
        ("status o/r#1 o/r#2", "Use `status [<pr>]`."),
        ("review " + "x" * 5_000, "Keep it below 4,000 characters."),
    ],
)
def test_every_error_names_the_next_step(text: str, next_step: str) -> None:
    with pytest.raises(UserError) as refused:
        parse(text, web_url=WEB)
    assert refused.value.next_step == next_step


def test_what_was_typed_comes_back_without_formatting_or_mentions() -> None:
    with pytest.raises(UserError) as refused:
        parse("<!channel|`*x*`>\u202e", web_url=WEB)
    assert not set(refused.value.what) & set("<>`*@|\u202e")


@given(st.text(max_size=200))
def test_any_text_is_a_command_or_an_error_in_words(text: str) -> None:
    command: Command | None = None
    refused: UserError | None = None
    try:
        command = parse(text, web_url=WEB)
    except UserError as error:
        refused = error
    assert command is not None or (refused is not None and refused.what and refused.next_step)


@given(
    st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,38}\Z"),
    st.from_regex(r"\A[A-Za-z0-9_-][A-Za-z0-9_.-]{0,40}[A-Za-z0-9_-]\Z"),
    st.integers(1, 999_999_999),
)
def test_every_name_survives_both_spellings(owner: str, repo: str, number: int) -> None:
    ref = PullRequestRef(owner=owner, repo=repo, number=number)
    assert parse_pull_request(str(ref), web_url=WEB) == ref
    assert parse_pull_request(f"{WEB}/{owner}/{repo}/pull/{number}", web_url=WEB) == ref


HOSTILE_REPOSITORIES = [
    "https://github.com@evil.example/o/r",
    "https://github.com.evil.example/o/r",
    "https://evil.example/o/r",
    "https://github.com:8443/o/r",
    "https://github.com/o/..",
    "https://github.com/../o/r",
    "https://github.com/o%2fr",
    "https://github.com//o/r",
    "https://github.com/o/r/settings",
    "http://169.254.169.254/o/r",
    "//github.com/o/r",
    "file:///o/r",
    "<https://evil.example/o/r|o/r>",
    "o/..",
    "../r",
    "o/r/x",
    "o\\r",
    "-o/r",
    "o/r\u202e",
    "ο/r",
]


@pytest.mark.parametrize("text", HOSTILE_REPOSITORIES)
@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe", "mute", "configuration"])
def test_a_hostile_repository_is_refused_by_every_verb_that_takes_one(verb: str, text: str) -> None:
    with pytest.raises(UserError) as refused:
        parse(f"{verb} {text}", web_url=WEB)
    assert "evil" not in str(refused.value)
