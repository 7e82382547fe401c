"""`review` as a person or a script meets it: targets, options, streams and exit codes."""

import io
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.adapters.local_git import LocalChange, open_local
from bot.cli.configuration import Overrides
from bot.cli.exits import AuthenticationNeeded, ConfigurationUnusable, ExitCode, code_of, words_of
from bot.cli.formats import Format
from bot.cli.review import FailOn, Remote, ReviewOptions, Tools, exit_code, review
from bot.cli.terminal import Terminal, run_command
from bot.settings import SettingsError
from core.diff import LineMap
from core.errors import (
    AccessDenied,
    ArgusError,
    PermanentError,
    PullRequestGone,
    TransientError,
    UserError,
)
from core.models import (
    Coverage,
    Delivery,
    Job,
    Omission,
    OmissionReason,
    Outcome,
    OutcomeKind,
    Place,
    PostedReview,
    PullRequest,
    PullRequestRef,
    RecordedFinding,
    ReviewDraft,
    ReviewRecord,
    RowKind,
    Severity,
    Side,
)
from core.ports import Fence, Host, Publisher
from core.repo_config import FILENAMES, Layer, LayerKind, RepoConfig, parse, stacked
from core.repo_config.gathering import Organisation
from github.errors import AmbiguousWrite, NotFound
from tests.bot.reports import HEAD, a_finding, a_record
from tests.bot.repositories import Sandbox

WEB = "https://github.com"
URL = f"{WEB}/acme/shop/pull/7"
ROOT = Path(__file__).parent.parent.parent


def named(address: str) -> PullRequestRef:
    """Read an address as the grammar of commands does, as far as these tests need it."""
    found = re.match(rf"{WEB}/([\w.-]+)/([\w.-]+)/pull/(\d+)(?:[/#?].*)?$", address)
    if found is None:
        raise UserError("That is no pull request here.")
    return PullRequestRef(owner=found[1], repo=found[2], number=int(found[3]))


class WordReviewer:
    """A review core that finds the words BUG and NIT on added lines, and posts when it may."""

    def __init__(self) -> None:
        self.config = RepoConfig()
        self.model: bool | None = None
        self.job: Job | None = None
        self.seen_open: bool | None = None

    async def __call__(
        self,
        job: Job,
        host: Host,
        publisher: Publisher | None,
        fence: Fence,
        *,
        model: bool,
        command: RepoConfig | None = None,
        organisation: Organisation | None = None,
    ) -> Outcome:
        self.job, self.model = job, model
        pull = await host.pull_request()
        self.seen_open = pull.open
        own = Layer(LayerKind.REPOSITORY, "own", await self._configuration(host, pull))
        asked = Layer(LayerKind.COMMAND, "command", command or RepoConfig())
        self.config = stacked([own, asked]).config
        findings = await self._findings(host, pull)
        record = ReviewRecord(
            head=pull.head,
            base=pull.base,
            findings=findings[: self.config.review.max_findings],
            coverage=Coverage(files_total=pull.changed_files, files_read=pull.changed_files),
        )
        posted = None
        if publisher is not None:
            posted = await publisher.publish(ReviewDraft(pull, (), record), fence)
        return Outcome(
            kind=OutcomeKind.REVIEWED if findings else OutcomeKind.CLEAN,
            head=pull.head,
            record=record,
            review_url=posted.url if posted else "",
        )

    async def _configuration(self, host: Host, pull: PullRequest) -> RepoConfig:
        texts = [await host.text(name, pull.base) for name in FILENAMES]
        found = next((text for text in texts if text is not None), b"")
        return parse(found.decode(), "configuration")

    async def _findings(self, host: Host, pull: PullRequest) -> tuple[RecordedFinding, ...]:
        words = {"BUG": Severity.IMPORTANT, "NIT": Severity.NIT}
        return tuple(
            a_finding(
                id=f"{file.path}:{number}",
                path=file.path,
                line=number,
                severity=severity,
                title=word,
            )
            for file in (await host.changes(pull)).files
            for lines in (LineMap(file.hunks or ()),)
            for number in sorted(lines.added)
            for word, severity in words.items()
            if (line := lines.line_at(Side.RIGHT, number)) and word in line.text
        )


@dataclass
class Recorder:
    """A publisher and a deliverer of summaries that remember what they were given."""

    jobs: list[Job] = field(default_factory=list)
    drafts: list[ReviewDraft] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def publisher(self, job: Job) -> Publisher:
        self.jobs.append(job)
        return self

    async def publish(self, draft: ReviewDraft, fence: Fence) -> PostedReview:
        await fence.check()
        self.drafts.append(draft)
        return PostedReview(5, f"{URL}#pullrequestreview-5")

    async def find_posted(self, pull: PullRequest, fence: Fence) -> PostedReview | None:
        return None

    async def deliver(self, delivery: Delivery) -> str:
        self.deliveries.append(delivery)
        return "receipt"


class Desk:
    """A command line in a repository: what it is told, prints, and ends with."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.reviewer = WordReviewer()
        self.recorder = Recorder()
        self.out = io.StringIO()
        self.err = io.StringIO()
        self.terminal = Terminal(self.out, self.err)
        self.remote: Callable[[LocalChange], Remote] = Remote
        self.asked: list[PullRequestRef] = []

    async def connect(self, ref: PullRequestRef) -> Remote:
        self.asked.append(ref)
        change = await open_local("HEAD", folder=self.sandbox.root)
        return self.remote(replace(change, pull=replace(change.pull, ref=ref, repo_id=9, url=URL)))

    async def review(self, target: str, piped: bytes = b"", **options: object) -> ExitCode:
        tools = Tools(WEB, named, self.connect, self.reviewer)
        chosen = replace(ReviewOptions(), **options)  # type: ignore[arg-type]
        return await review(
            target, chosen, tools, self.terminal, folder=self.sandbox.root, piped=piped
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    sandbox = Sandbox(tmp_path / "shop")
    sandbox.write("a.py", "fine\n")
    sandbox.commit("Begin")
    sandbox.write("a.py", "fine\nBUG here\nNIT there\n")
    sandbox.commit("Change a")
    return Desk(sandbox)


async def test_important_finding_ends_with_one(desk: Desk) -> None:
    assert await desk.review("HEAD~1..HEAD") == ExitCode.FINDINGS
    assert "Important  a.py:2  bug" in desk.out.getvalue()
    assert "▌ 2 │ BUG here" in desk.out.getvalue()
    assert desk.err.getvalue() == ""


@pytest.mark.parametrize(
    ("fail_on", "line", "expected"),
    [
        (FailOn.IMPORTANT, "BUG", ExitCode.FINDINGS),
        (FailOn.IMPORTANT, "NIT", ExitCode.CLEAN),
        (FailOn.NIT, "NIT", ExitCode.FINDINGS),
        (FailOn.NIT, "BUG", ExitCode.FINDINGS),
        (FailOn.NIT, "fine", ExitCode.CLEAN),
        (FailOn.NEVER, "BUG", ExitCode.CLEAN),
    ],
)
async def test_exit_code_follows_the_asked_severity(
    desk: Desk, fail_on: FailOn, line: str, expected: ExitCode
) -> None:
    desk.sandbox.write("b.py", f"{line}\n")
    desk.sandbox.commit("Add b")

    assert await desk.review("HEAD", fail_on=fail_on) == expected


async def test_piped_diff_is_reviewed(desk: Desk) -> None:
    diff = desk.sandbox.git("diff", "HEAD~1", "HEAD").encode()

    assert await desk.review("-", piped=diff) == ExitCode.FINDINGS


async def test_working_tree_without_changes_is_clean_and_gives_a_hint(desk: Desk) -> None:
    assert await desk.review(".") == ExitCode.CLEAN
    assert "Nothing is changed there" in desk.err.getvalue()


async def test_pull_request_is_asked_for_by_its_address(desk: Desk) -> None:
    assert await desk.review(f"{URL}/files#diff-1") == ExitCode.FINDINGS
    assert desk.asked == [PullRequestRef(owner="acme", repo="shop", number=7)]
    assert "acme/shop#7" in desk.out.getvalue()


@pytest.mark.parametrize(
    "target", ["https://gitlab.com/acme/shop/pull/7", f"{WEB}/acme/shop", "http://"]
)
async def test_other_addresses_are_refused(desk: Desk, target: str) -> None:
    with pytest.raises(UserError) as refusal:
        await desk.review(target)

    assert code_of(refusal.value) == ExitCode.USAGE
    assert desk.asked == []


async def test_merged_pull_request_can_still_be_read(desk: Desk) -> None:
    desk.remote = lambda change: Remote(
        replace(change, pull=replace(change.pull, open=False, merged=True))
    )

    await desk.review(URL)

    assert desk.reviewer.seen_open is True
    assert desk.err.getvalue() == "acme/shop#7 is merged already; this is what it brought.\n"


async def test_closed_pull_request_is_not_posted_to_as_if_it_were_open(desk: Desk) -> None:
    recorder = desk.recorder
    desk.remote = lambda change: Remote(
        replace(change, pull=replace(change.pull, open=False)), recorder.publisher
    )

    await desk.review(URL, post=True)

    assert desk.reviewer.seen_open is False


async def test_nothing_is_posted_unless_it_is_asked(desk: Desk) -> None:
    recorder = desk.recorder
    desk.remote = lambda change: Remote(change, recorder.publisher, recorder)

    await desk.review(URL)

    assert (recorder.jobs, recorder.drafts, recorder.deliveries) == ([], [], [])


async def test_post_publishes_the_review_and_the_summary(desk: Desk) -> None:
    recorder = desk.recorder
    desk.remote = lambda change: Remote(change, recorder.publisher, recorder)

    assert await desk.review(URL, post=True) == ExitCode.FINDINGS

    (job,), (delivery,) = recorder.jobs, recorder.deliveries
    assert (job.id, str(job.ref), job.asked_in_person) == ("9:7", "acme/shop#7", True)
    assert [draft.pull.ref for draft in recorder.drafts] == [job.ref]
    assert (delivery.row.kind, delivery.ref, delivery.head) == (RowKind.SUMMARY, job.ref, job.head)
    assert delivery.outcome is not None
    assert f"{URL}#pullrequestreview-5" in desk.out.getvalue()


async def test_posted_review_is_told_even_if_its_summary_fails(desk: Desk) -> None:
    class Failing(Recorder):
        async def deliver(self, delivery: Delivery) -> str:
            raise TransientError("GitHub rests.")

    recorder = Failing()
    desk.remote = lambda change: Remote(change, recorder.publisher, recorder)

    with pytest.raises(TransientError):
        await desk.review(URL, post=True)

    assert f"{URL}#pullrequestreview-5" in desk.out.getvalue()


async def test_report_does_without_code_that_cannot_be_fetched(desk: Desk) -> None:
    class Unsteady(LocalChange):
        async def text(self, path: str, commit: str) -> bytes | None:
            if path == "gone.py":
                raise TransientError("GitHub rests.")
            return await super().text(path, commit)

    class Elsewhere(WordReviewer):
        async def _findings(self, host: Host, pull: PullRequest) -> tuple[RecordedFinding, ...]:
            return (a_finding(path="gone.py", line=3, place=Place.SUMMARY),)

    desk.reviewer = Elsewhere()
    desk.remote = lambda change: Remote(Unsteady(change.pull, change.change_set, change.read))

    assert await desk.review(URL) == ExitCode.FINDINGS
    assert "gone.py:3" in desk.out.getvalue()


async def test_post_without_credentials_is_an_authentication_error(desk: Desk) -> None:
    with pytest.raises(AuthenticationNeeded) as refusal:
        await desk.review(URL, post=True)

    assert code_of(refusal.value) == ExitCode.AUTHENTICATION
    assert "GITHUB_TOKEN" in words_of(refusal.value).next_step
    assert desk.reviewer.job is None


async def test_post_of_a_local_change_is_a_usage_error(desk: Desk) -> None:
    with pytest.raises(UserError, match="Only a review of a pull request can be posted"):
        await desk.review("HEAD", post=True)


async def test_model_can_be_left_out(desk: Desk) -> None:
    await desk.review("HEAD", model=False)

    assert desk.reviewer.model is False


async def test_configuration_is_the_one_of_the_base(desk: Desk) -> None:
    desk.sandbox.write(".argus.yaml", "review: { max_findings: 1 }\n")
    desk.sandbox.write("b.py", "BUG\nBUG\n")
    desk.sandbox.commit("Configure itself")

    await desk.review("HEAD")

    assert desk.reviewer.config.review.max_findings == 5


async def test_given_configuration_stands_in_for_the_repository_s(desk: Desk) -> None:
    desk.sandbox.write(".argus.yaml", "review: { gate: true }\nignore_labels: [x]\n")
    desk.sandbox.commit("Configure")
    desk.sandbox.write("b.py", "BUG\n")
    desk.sandbox.commit("Add b")
    file = desk.sandbox.root.parent / "mine.yaml"
    file.write_text("review: { min_severity: nit }\n")

    await desk.review("HEAD", overrides=Overrides(file=file))

    assert desk.reviewer.config == parse("review: { min_severity: nit }", "mine")


async def test_max_findings_leaves_the_rest_of_the_configuration(desk: Desk) -> None:
    desk.sandbox.write(".github/argus.yaml", "review: { gate: true, max_findings: 4 }\n")
    desk.sandbox.commit("Configure")
    desk.sandbox.write("b.py", "BUG\n" * 4)
    desk.sandbox.commit("Add b")

    await desk.review("HEAD", overrides=Overrides(max_findings=2))

    assert desk.reviewer.config == parse("review: { gate: true, max_findings: 2 }", "mine")
    assert desk.out.getvalue().count("b.py:") == 2


@pytest.mark.parametrize("content", ["reviews: {}\n", "review: {max_findings: many}\n", ": ["])
async def test_given_configuration_has_to_be_valid(desk: Desk, content: str) -> None:
    file = desk.sandbox.write("mine.yaml", content)

    with pytest.raises(ConfigurationUnusable) as refusal:
        await desk.review("HEAD", overrides=Overrides(file=file))

    assert code_of(refusal.value) == ExitCode.CONFIGURATION
    assert "line 1" in words_of(refusal.value).why
    assert desk.reviewer.job is None


async def test_given_configuration_has_to_exist(desk: Desk) -> None:
    with pytest.raises(ConfigurationUnusable, match="cannot be read"):
        await desk.review("HEAD", overrides=Overrides(file=Path("/no/such/file")))


async def test_finding_outside_of_the_diff_shows_the_file(desk: Desk) -> None:
    desk.sandbox.write("b.py", "".join(f"line {n}\n" for n in range(1, 40)))
    desk.sandbox.commit("Add b")
    desk.sandbox.write("a.py", "BUG\n")
    desk.sandbox.commit("Change a again")

    class Elsewhere(WordReviewer):
        async def _findings(self, host: Host, pull: PullRequest) -> tuple[RecordedFinding, ...]:
            await host.changes(pull)
            return (a_finding(path="b.py", line=30, place=Place.SUMMARY),)

    desk.reviewer = Elsewhere()
    await desk.review("HEAD")

    assert "▌ 30 │ line 30" in desk.out.getvalue()


async def test_json_alone_stands_on_stdout(desk: Desk) -> None:
    await desk.review("HEAD", form=Format.JSON)

    assert desk.out.getvalue().startswith("{\n")
    assert desk.out.getvalue().endswith("}\n")


@pytest.mark.parametrize(
    "kind", [OutcomeKind.FAILED, OutcomeKind.SUPERSEDED, OutcomeKind.CANCELLED]
)
def test_what_was_not_read_is_never_clean(kind: OutcomeKind) -> None:
    assert exit_code(Outcome(kind=kind, head=HEAD), FailOn.NEVER) == ExitCode.UPSTREAM


def test_what_is_ruled_out_is_clean() -> None:
    assert exit_code(Outcome(kind=OutcomeKind.SKIPPED, head=HEAD), FailOn.NIT) == ExitCode.CLEAN


def test_a_failed_model_is_never_clean() -> None:
    omitted = (Omission(path="a.py", reason=OmissionReason.MODEL_FAILED),)
    coverage = Coverage(files_total=1, files_read=0, omitted=omitted)
    outcome = Outcome(kind=OutcomeKind.CLEAN, head=HEAD, record=a_record(coverage=coverage))

    assert exit_code(outcome, FailOn.IMPORTANT) == ExitCode.UPSTREAM


def caused(error: ArgusError, cause: Exception) -> ArgusError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UserError("No."), ExitCode.USAGE, "No."),
        (AccessDenied("Hidden."), ExitCode.AUTHENTICATION, "Hidden."),
        (NotFound("404."), ExitCode.AUTHENTICATION, "GitHub does not show this to you."),
        (
            caused(PullRequestGone("Gone."), NotFound("404.")),
            ExitCode.AUTHENTICATION,
            "GitHub does not show this to you.",
        ),
        (PullRequestGone("Closed."), ExitCode.UPSTREAM, "It did not work."),
        (PermanentError("Broken."), ExitCode.UPSTREAM, "It did not work."),
        (
            TransientError("GitHub rests.", retry_after=90),
            ExitCode.UPSTREAM,
            "Something else is in trouble.",
        ),
        (
            AmbiguousWrite("Timed out."),
            ExitCode.UPSTREAM,
            "It is not known whether GitHub took the review.",
        ),
        (SettingsError(("PORT: no.",)), ExitCode.CONFIGURATION, "The settings cannot be used."),
    ],
)
def test_errors_end_in_words_and_their_code(
    error: ArgusError | SettingsError, code: ExitCode, words: str
) -> None:
    out, err = io.StringIO(), io.StringIO()

    async def failing() -> ExitCode:
        raise error

    assert run_command(failing, Terminal(out, err)) == code
    assert out.getvalue() == ""
    assert err.getvalue().startswith(f"✗ {words}")


def test_wait_that_github_asks_for_is_told() -> None:
    assert words_of(TransientError("x", retry_after=90)).next_step == "Try again in 90 seconds."


def test_error_cannot_drive_the_terminal() -> None:
    err = io.StringIO()
    Terminal(io.StringIO(), err).fail(words_of(UserError("a\x1b[2Jb", why="c\x07d")))

    assert err.getvalue() == "✗ a[2Jb\n  cd\n"


def test_letters_that_stdout_lacks_do_not_stop_the_report() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    Terminal(out, io.StringIO()).data("▌ naïve")

    assert raw.getvalue() == b"? na?ve\n"


def test_progress_is_silent_without_a_terminal() -> None:
    err = io.StringIO()
    with Terminal(io.StringIO(), err).progress() as say:
        say("Reading")

    assert err.getvalue() == ""


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Terminal(Screen(), io.StringIO()).look.coloured

    monkeypatch.setenv("NO_COLOR", "1")
    assert not Terminal(Screen(), io.StringIO()).look.coloured


def process(body: str) -> subprocess.Popen[bytes]:
    """Start a Python that runs a command of ours the way the entry point does."""
    script = f"""
        import asyncio, sys
        from bot.cli.exits import ExitCode
        from bot.cli.terminal import run_command, standard_terminal
        terminal = standard_terminal()
        async def command():
            {body}
            return ExitCode.FINDINGS
        sys.exit(run_command(command, terminal))
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        env={"PATH": os.defpath},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_interrupt_ends_with_130_and_no_traceback() -> None:
    with process("terminal.data('ready'); await asyncio.sleep(60)") as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=10)

    assert (running.returncode, err) == (130, b"Interrupted.\n")


def test_reader_that_leaves_early_keeps_the_exit_code() -> None:
    with process("terminal.data('x' * 1_000_000)") as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        err = running.stderr.read()
        running.wait(timeout=10)

    assert (running.returncode, err) == (1, b"")
