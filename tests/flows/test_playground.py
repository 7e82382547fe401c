"""Stories of the playground, as a person plays them: `run` without credentials, in Chromium.

One playground serves all of them; each leaves it so that the next can begin.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.bot import test_playground_page_browser as browsers
from tests.fakes.argus import NO_OLLAMA, READY_SECONDS, ROOT, STOP_SECONDS

browser = browsers.browser
pytestmark = browsers.pytestmark
ANSWER = 20_000
"""Milliseconds for an answer; they come in one or two seconds on a machine of one's own."""
RUNNING = re.compile(r"Argus is running\. Open (http://127\.0\.0\.1:\d+/playground)")


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a playground, started as `make run` starts it, where no `.env` is."""
    folder = tmp_path_factory.mktemp("playground")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PORT": str(port),
        "OLLAMA_BASE_URL": NO_OLLAMA,
    }
    log = folder / "run.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield announced(running, log)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(STOP_SECONDS)


def announced(running: subprocess.Popen[bytes], log: Path) -> str:
    """Return the address once it is printed."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        found = RUNNING.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise TimeoutError(f"no address was printed:\n{log.read_text()[-4000:]}")


@pytest_asyncio.fixture(loop_scope="module")
async def page(playground: str, browser: browsers.Browser) -> AsyncIterator[Page]:
    """The page, on which the first review is done; nothing in it breaks the page's policy."""
    complaints: list[str] = []
    shown = await browser.new_page(viewport={"width": 1440, "height": 900})
    shown.on("console", lambda said: complaints.append(said.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    await shown.goto(playground)
    await expect(shown.locator("#now")).to_have_attribute("data-phase", "done", timeout=ANSWER)
    yield shown
    await shown.close()
    assert complaints == []


async def slash(page: Page, text: str) -> None:
    """Type into the channel."""
    composer = page.locator("#composer")
    await composer.locator("#line").fill(text)
    await composer.get_by_role("button", name="Send").click()


async def told(page: Page, words: str) -> Locator:
    """Return what the person alone is told in the channel, once it is."""
    answer = page.locator("#messages > .aside", has_text=words).last
    await expect(answer).to_be_visible(timeout=ANSWER)
    return answer


def pull_request(page: Page) -> str:
    return f"{page.url.removesuffix('/playground')}/harbour-market/till/pull/1"


async def test_review_is_asked_for_followed_and_dismissed_in_slack(page: Page) -> None:
    cards = page.locator("#messages > .message", has=page.get_by_role("button", name="Re-review"))
    await expect(cards.first).to_contain_text("important findings", timeout=ANSWER)
    before = await cards.count()
    await slash(page, f"/argus review {pull_request(page)} full")
    await told(page, "Queued")
    await expect(cards).to_have_count(before + 1, timeout=ANSWER)
    card = cards.last
    await expect(card).to_contain_text("important findings", timeout=ANSWER)
    await expect(card.locator(".many")).to_contain_text("replies", timeout=ANSWER)
    await card.locator(".side > summary").click()
    thread = page.locator(".side[open]")
    finding = thread.locator(".message", has_text="SQL is built from a value").last
    await finding.get_by_label("Dismiss").select_option(label="Dismiss: it is intended")
    await expect(thread.locator(".message", has_text="Dismissed by")).to_contain_text(
        "SQL is built from a value", timeout=ANSWER
    )
    found = page.locator(".found li", has_text="SQL is built from a value").first
    await expect(found).to_contain_text("dismissed", timeout=ANSWER)


async def test_thread_in_slack_answers_a_mention(page: Page) -> None:
    cards = page.locator("#messages > .message", has=page.get_by_role("button", name="Re-review"))
    await cards.first.locator(".side > summary").click(timeout=ANSWER)
    thread = page.locator(".side[open]")
    await thread.get_by_role("textbox").fill("@Argus status")
    await thread.get_by_role("button", name="Send").click()
    said = thread.locator(".message", has_text="@Argus status")
    await expect(said.locator(".mention")).to_have_text("@Argus", timeout=ANSWER)
    await expect(thread.locator(".aside").last).to_contain_text(
        "harbour-market/till#1", timeout=ANSWER
    )


async def test_finding_is_explained_in_its_thread_on_the_pull_request(page: Page) -> None:
    thread = page.locator(".talk .thread", has_text="Credential in the code")
    before = await thread.locator(".comment").count()
    await thread.get_by_role("textbox").click()
    await thread.get_by_role("button", name="@argus explain").click()
    await thread.get_by_role("button", name="Reply").click()
    await expect(thread.locator(".comment")).to_have_count(before + 2, timeout=ANSWER)
    asked, answer = (thread.locator(".comment").nth(n) for n in (before, before + 1))
    await expect(asked).to_contain_text("lena-k")
    await expect(answer).to_contain_text("no model is configured now that could say more")
    await expect(thread.get_by_role("textbox")).to_have_value("")


async def test_word_in_the_conversation_is_answered_there(page: Page) -> None:
    entries = page.locator(".conversation article.entry")
    before = await entries.count()
    box = page.locator("#comment")
    await box.get_by_role("textbox").fill("@argus help")
    await box.get_by_role("button", name="Comment").click()
    await expect(entries).to_have_count(before + 2, timeout=ANSWER)
    await expect(entries.nth(before + 1)).to_contain_text("@argus review full")


async def test_account_is_linked_in_the_browser_and_forgotten_again(page: Page) -> None:
    await slash(page, "/argus connect")
    link = (await told(page, "Argus knows you as @lena-k")).get_by_role("link", name="Sign in")
    async with page.context.expect_page() as opened:
        await link.click()
    consent = await opened.value
    await expect(consent.get_by_role("heading")).to_have_text("Link these two accounts?")
    await expect(consent.locator("dl")).to_contain_text("@lena-k")
    await consent.get_by_role("button", name="Link them").click()
    await expect(consent.get_by_role("heading")).to_have_text("Linked")
    await consent.close()
    await told(page, "Linked. You are @lena-k on GitHub.")
    await slash(page, "/argus disconnect")
    await told(page, "GitHub was told as well")


async def test_shortcut_on_a_message_lets_one_pick_among_its_pull_requests(page: Page) -> None:
    await slash(page, f"which is next: {pull_request(page)} or {pull_request(page)}0?")
    message = page.locator("#messages > .message", has_text="which is next").last
    modal = page.locator("dialog")
    await message.hover(timeout=ANSWER)
    await message.get_by_role("button", name="Review this PR").click()
    await expect(modal).to_contain_text("harbour-market/till#10", timeout=ANSWER)
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0, timeout=ANSWER)
    before = await page.locator("#messages > .aside").count()
    await message.hover()
    await message.get_by_role("button", name="Review this PR").click()
    await modal.get_by_role("button", name="Review", exact=True).click(timeout=ANSWER)
    await expect(modal).to_have_count(0, timeout=ANSWER)
    await expect(page.locator("#messages > .aside")).to_have_count(before + 1, timeout=ANSWER)
    await expect(page.locator("#messages > .aside").last).to_contain_text("This commit was read")


async def test_buttons_of_the_check_pause_and_resume(page: Page) -> None:
    check = page.locator("#deeds")
    for pressed, other in (("Pause", "Resume"), ("Resume", "Pause")):
        await check.get_by_role("button", name=pressed).click(timeout=ANSWER)
        await expect(check.get_by_role("button", name=other)).to_be_visible(timeout=ANSWER)


async def test_channel_that_follows_the_repository_shows_the_next_commit(page: Page) -> None:
    await slash(page, "/argus subscribe harbour-market/till")
    await told(page, "This channel follows")
    now = page.locator("#now")
    before = await now.locator("p .quiet").first.inner_text()
    await page.get_by_role("button", name="Push the follow-up commit").click()
    await expect(now.locator("p .quiet").first).not_to_have_text(before, timeout=ANSWER)
    await expect(now).to_have_attribute("data-phase", "done", timeout=ANSWER)
    head = (await page.locator(".event code").last.inner_text()).strip()
    followed = page.locator("#messages > .message:not(.aside)", has_text=head).last
    await expect(followed).to_contain_text("harbour-market/till#1", timeout=ANSWER)
