"""What stands on the pull request stands on the page: in place, linked, escaped, and told right."""

import asyncio
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.playground.page.diffs import files
from bot.playground.page.pages import Pages
from bot.playground.page.progress import progress, reader
from bot.playground.page.values import FileView, PageView, ThreadView
from bot.playground.page.views import Setting, page
from bot.playground.sample import Sample, load
from bot.playground.sample.planting import plant, push_follow_up
from core.models import Stage
from tests.bot.playground_scene import QuietSlack, open_scene, said
from tests.fakes.github import FakeGitHub

Json = dict[str, Any]


@dataclass
class Story:
    """The pull request of the sample at three moments."""

    sample: Sample
    queued: Json
    reviewed: Json
    again: Json

    def page(self, snapshot: Json, *messages: Json) -> PageView:
        slack = QuietSlack()
        slack.messages = list(messages)
        setting = Setting("reviews", self.sample.follow_up.message)
        return page(snapshot, slack.snapshot(), setting)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    hub = FakeGitHub.start(Path(tmp_path_factory.mktemp("github")) / "data")
    try:
        yield asyncio.run(told(hub))
    finally:
        hub.stop()


async def told(hub: FakeGitHub) -> Story:
    """Review the sample, push its second commit and review that."""
    sample = load()
    planted = await asyncio.to_thread(plant, hub, sample)

    async def seen() -> Json:
        return await asyncio.to_thread(hub.snapshot, planted.repository, planted.number)

    async with open_scene(hub, sample, planted) as scene:
        await scene.stage(Stage.WAITING)
        queued = await seen()
        await scene.review()
        reviewed = await seen()
        head = await asyncio.to_thread(push_follow_up, hub, sample)
        scene.receipt = ""
        await scene.review(head)
        return Story(sample, queued, reviewed, await seen())


def standing(files: tuple[FileView, ...]) -> list[tuple[str, str, ThreadView]]:
    """Return path, text of the line, and thread of everything that stands in the diff."""
    return [
        (file.path, "".join(piece.text for piece in line.pieces), thread)
        for file in files
        for hunk in file.hunks
        for line in hunk.lines
        for thread in line.threads
    ]


class Anchors(HTMLParser):
    """Collects ids and inner links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href" and (value or "").startswith("#"):
                self.links.add((value or "")[1:])


def test_every_finding_stands_on_its_line_with_its_severity(story: Story) -> None:
    view = story.page(story.reviewed)
    shown = standing(view.pull.files)
    assert len(shown) == view.pull.findings == len(story.reviewed["review_comments"]) == 5
    defects = story.sample.change.defects
    for path, text, thread in shown:
        assert any(d.path == path and (d.code in text or text in d.code) for d in defects), text
        (comment,) = thread.comments
        assert (comment.severity, comment.author.login) == ("Important", "argus")
        assert comment.category in {"security", "bug"}
        assert comment.rule.partition("/")[0] in {"secrets", "python", "typescript", "go"}
        assert "<sub>" not in comment.html
        assert "argus:v1" not in comment.html


def test_outdated_findings_leave_the_diff_and_stay_in_the_conversation(story: Story) -> None:
    view = story.page(story.again)
    assert {thread.outdated for _, _, thread in standing(view.pull.files)} == {False}
    reviews = [event for event in view.pull.conversation if event.kind == "review"]
    assert [thread.outdated for thread in reviews[0].threads].count(True) == 4
    assert view.pull.findings == 2


def test_conversation_is_told_in_order(story: Story) -> None:
    kinds = [event.kind for event in story.page(story.again).pull.conversation]
    assert kinds == ["commit", "review", "comment", "commit", "review"]


@pytest.mark.parametrize("moment", ["queued", "reviewed", "again"])
def test_every_inner_link_leads_somewhere(story: Story, moment: str) -> None:
    found = Anchors(Pages().whole(story.page(getattr(story, moment))))
    assert len(found.ids) == len(set(found.ids))
    assert found.links - set(found.ids) == set()


def test_summary_links_lead_to_the_comments_on_the_page(story: Story) -> None:
    view = story.page(story.reviewed)
    (summary,) = [event for event in view.pull.conversation if event.kind == "comment"]
    for _, _, thread in standing(view.pull.files):
        assert f'href="#{thread.anchor}"' in summary.html
    assert "<details><summary>1 nit</summary>" in summary.html


def test_markup_in_anything_foreign_is_shown_as_text(story: Story) -> None:
    evil = "<img src=x onerror=alert(1)>"
    snapshot = copy.deepcopy(story.reviewed)
    snapshot["pull"] |= {"title": evil, "body": evil}
    snapshot["pull"]["user"]["login"] = evil
    snapshot["pull"]["labels"][0]["name"] = evil
    snapshot["files"][0]["path"] = evil
    snapshot["files"][0]["hunks"][0] |= {"header": f"@@ -1 +1 @@ {evil}"}
    snapshot["files"][0]["hunks"][0]["lines"][0]["text"] = evil
    snapshot["commits"][0]["commit"]["message"] = evil
    snapshot["checks"][0]["output"] |= {"title": evil, "summary": evil}
    snapshot["issue_comments"][0]["body"] = evil
    snapshot["review_comments"][0] |= {"body": f"**{evil}**"}
    shown = Pages().whole(story.page(snapshot, said("1.0", evil)))
    assert "<img src=x" not in shown
    assert shown.count("&lt;img src=x") >= 12


def with_check(snapshot: Json, status: str, conclusion: str | None = None) -> Json:
    changed = copy.deepcopy(snapshot)
    changed["checks"][-1] |= {"status": status, "conclusion": conclusion}
    return changed


@pytest.mark.parametrize(
    ("status", "phase", "states"),
    [
        ("queued", "queued", ["done", "now", "next", "next"]),
        ("in_progress", "reviewing", ["done", "done", "now", "next"]),
        ("completed", "done", ["done", "done", "done", "done"]),
    ],
)
def test_progress_follows_the_check(
    story: Story, status: str, phase: str, states: list[str]
) -> None:
    now = progress(with_check(story.reviewed, status, "success"))
    assert (now.phase, [step.state for step in now.steps]) == (phase, states)
    assert bool(now.took) is (status == "completed")


def test_progress_starts_with_the_push(story: Story) -> None:
    now = progress(copy.deepcopy(story.reviewed) | {"checks": []})
    assert (now.phase, now.since) == ("pushed", story.reviewed["timeline"][0]["at"])


def test_time_of_a_repeated_review_starts_with_its_own_check(story: Story) -> None:
    changed = copy.deepcopy(story.reviewed)
    times = {"started_at": "2030-01-01T10:00:00Z", "completed_at": "2030-01-01T10:01:05Z"}
    changed["checks"].append({**changed["checks"][0], "id": 10**12, **times})
    assert progress(changed).took == "1 min 5 s"


def test_result_is_the_headline(story: Story) -> None:
    now = progress(story.reviewed)
    assert now.headline == "6 important findings, 1 nit, static analysis only"
    assert now.tone == "neutral"


@pytest.mark.parametrize(
    ("summary", "said_reader"),
    [
        ("Commit `abc` · 2 files read · read by `openai:gpt`, `x:y`", "read by openai:gpt, x:y"),
        (
            "Commit `abc` · 2 files read · no model answered\n\n- read by nobody",
            "no model answered",
        ),
        ("The review is queued. It is next.", ""),
    ],
)
def test_reader_is_who_the_check_names(story: Story, summary: str, said_reader: str) -> None:
    changed = copy.deepcopy(story.reviewed)
    changed["checks"][0]["output"]["summary"] = summary
    assert reader(changed) == said_reader
    assert reader(story.reviewed) == "static analysis only: no model is configured"


def test_page_knows_whether_the_follow_up_is_there(story: Story) -> None:
    assert not story.page(story.reviewed).pushed
    assert story.page(story.again).pushed
    assert story.page(story.reviewed).suggestion != story.page(story.again).suggestion


def a_file(*lines: tuple[str, str]) -> Json:
    rows = [{"kind": kind, "old": 1, "new": 1, "text": text} for kind, text in lines]
    hunk = {"header": "@@ -1 +1 @@ def f():", "lines": rows}
    counts = {"additions": 1, "deletions": 1, "status": "modified", "previous_path": None}
    return {"path": "a/b.py", "hunks": [hunk], **counts}


def test_only_what_changed_in_a_line_is_marked_by_whole_words() -> None:
    (file,) = files([a_file(("-", "for name in names:"), ("+", "for node in names:"))], {})
    old, new = file.hunks[0].lines
    assert [(p.text, p.changed) for p in old.pieces] == [
        ("for ", False),
        ("name", True),
        (" in names:", False),
    ]
    assert "".join(piece.text for piece in new.pieces) == "for node in names:"
    assert file.hunks[0].context == "def f():"


def test_lines_with_little_in_common_are_not_marked() -> None:
    (file,) = files([a_file(("-", "return total"), ("+", "raise Error(x)"))], {})
    assert [len(line.pieces) for line in file.hunks[0].lines] == [1, 1]


def test_channel_shows_its_own_messages_and_asides_in_order(story: Story) -> None:
    slack = QuietSlack()
    slack.messages = [said("5.0", "later"), said("3.0", "first", edited={"ts": "4.0"})]
    slack.messages.append(said("6.0", "answer", thread_ts="3.0"))
    slack.slash("U0LENA", "reviews", "help")
    view = page(story.reviewed, slack.snapshot(), Setting("reviews", "x")).channel
    assert [(m.html, m.only_for, m.edited) for m in view.messages] == [
        ("<p>first</p>", "", True),
        ("<p>later</p>", "", False),
        ("<p>Heard: help</p>", "lena-k", False),
    ]
    assert [m.html for m in view.messages[0].replies] == ["<p>answer</p>"]


def test_reply_that_the_channel_is_shown_stands_in_both_places(story: Story) -> None:
    card = said("3.0", "octo/shop#7: done")
    news = said("6.0", "one more", thread_ts="3.0", subtype="thread_broadcast")
    view = story.page(story.reviewed, card, said("4.0", "later"), news).channel
    assert [(m.html, m.replied_to) for m in view.messages] == [
        ("<p>octo/shop#7: done</p>", ""),
        ("<p>later</p>", ""),
        ("<p>one more</p>", "octo/shop#7: done"),
    ]
    (reply,) = view.messages[0].replies
    assert reply.html == "<p>one more</p>"
    assert reply.key != view.messages[2].key


def test_what_became_of_a_finding_stands_beside_its_claim(story: Story) -> None:
    changed = copy.deepcopy(story.reviewed)
    shape = changed["review_comments"][0]
    claim = story.page(changed).pull.conversation[1].threads[0].title
    shape["body"] = f"_Dismissed_ by `mona`: fine\n\n{shape['body']}"
    (thread,) = [t for t in story.page(changed).pull.conversation[1].threads if t.state]
    assert (thread.state, thread.title, thread.id) == ("dismissed", claim, shape["id"])


def test_reactions_stand_below_what_they_are_for(story: Story) -> None:
    changed = copy.deepcopy(story.reviewed)
    for shape in (changed["review_comments"][0], changed["issue_comments"][0]):
        shape["reactions"] |= {"eyes": 1, "+1": 2}
    given = [("👍", 2), ("👀", 1)]
    view = story.page(changed)
    (comment,) = [event for event in view.pull.conversation if event.kind == "comment"]
    assert [(one.emoji, one.count) for one in comment.reactions] == given
    (first,) = view.pull.conversation[1].threads[0].comments
    assert [(one.emoji, one.count) for one in first.reactions] == given


def test_buttons_of_the_newest_check_are_there_to_press(story: Story) -> None:
    check = story.page(story.reviewed).pull.check
    assert check is not None
    assert [button.label for button in check.buttons][:1] == ["Re-review"]
    shown = Pages().whole(story.page(story.reviewed))
    for button in check.buttons:
        assert f'name="button" value="{button.identifier}"' in shown


def test_way_to_sign_in_is_a_link_and_other_local_addresses_are_none(story: Story) -> None:
    web = story.reviewed["pull"]["html_url"].partition("/harbour-market")[0]
    start = f"{web}/auth/github/start?ticket=abc"
    for address, linked in ((start, True), ("http://127.0.0.1:1/auth/github/start", False)):
        view = story.page(story.reviewed, said("1.0", f"<{address}|Sign in>"))
        assert (f'href="{address}"' in view.channel.messages[0].html) is linked


def test_mention_shows_the_name_of_the_app(story: Story) -> None:
    (message,) = story.page(story.reviewed, said("1.0", "<@U0ARGUS> help")).channel.messages
    assert '<span class="mention">@Argus</span>' in message.html
