"""The page in Chromium: it follows the review by itself and leaves the reader where they were."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from litestar import Litestar
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.playground.page import playground_routes
from bot.playground.sample import load
from bot.playground.sample.planting import plant
from core.models import Stage
from tests.bot.playground_scene import QuietSlack, Scene, open_scene
from tests.fakes import github as fakes
from tests.fakes.github import FakeGitHub

hub = fakes.github
expect.set_options(timeout=15_000)
CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.asyncio(loop_scope="module"),
]


@dataclass
class Seat:
    """A reader before the page, and the scene behind it."""

    page: Page
    scene: Scene
    complaints: list[str]
    """What the browser's console said; a breach of the policy is among it."""

    async def top(self, selector: str) -> float:
        return float(
            await self.page.locator(selector).evaluate("e => e.getBoundingClientRect().top")
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def seat(hub: FakeGitHub, browser: Browser) -> AsyncIterator[Seat]:
    sample = load()
    planted = await asyncio.to_thread(plant, hub, sample)
    routes = playground_routes(hub, QuietSlack(), planted, sample)
    app = Litestar(route_handlers=list(routes), openapi_config=None)
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    complaints: list[str] = []
    async with open_scene(hub, sample, planted) as scene:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"http://127.0.0.1:{bound.getsockname()[1]}/playground")
        yield Seat(page, scene, complaints)
        await page.close()
    server.should_exit = True
    await serving
    bound.close()


async def test_page_follows_the_review_and_leaves_the_reader_alone(seat: Seat) -> None:
    page = seat.page
    now = page.locator("#now")
    await expect(now).to_have_attribute("data-phase", "pushed")
    await seat.scene.stage(Stage.WAITING)
    await expect(now).to_have_attribute("data-phase", "queued")
    await page.locator("#check summary").first.click()
    await page.locator("#line").fill("/argus help me")
    await page.locator("details.file").nth(2).locator("summary").click()
    await page.locator("details.file").nth(4).scroll_into_view_if_needed()
    before = await seat.top("details.file:nth-of-type(5)")
    await seat.scene.review()
    await expect(now).to_have_attribute("data-phase", "done")
    await expect(page.locator(".talk .thread")).to_have_count(5)
    assert abs(await seat.top("details.file:nth-of-type(5)") - before) < 60
    assert await page.locator("#check").evaluate("e => e.open")
    assert not await page.locator("details.file").nth(2).evaluate("e => e.open")
    assert await page.locator("#line").input_value() == "/argus help me"
    assert seat.complaints == []


async def test_buttons_act_without_leaving_the_page(seat: Seat) -> None:
    page = seat.page
    await page.evaluate("window.stayed = true")
    await page.get_by_role("button", name="Push the follow-up commit").click()
    pushed = page.get_by_role("button", name="Follow-up pushed")
    await expect(pushed).to_be_disabled()
    await page.locator("#composer").get_by_role("button", name="help").click()
    await page.locator("#composer").get_by_role("button", name="Send").click()
    await expect(page.locator("#messages")).to_contain_text("Heard: help")
    await expect(page.locator("#messages")).to_contain_text("Only visible to lena-k")
    await expect(pushed).to_be_disabled()
    assert await page.evaluate("window.stayed")
    assert seat.complaints == []


async def test_link_into_a_folded_file_opens_it(seat: Seat) -> None:
    await seat.scene.review()
    page = seat.page
    found = page.locator(".found a").first
    await expect(found).to_be_visible()
    target = page.locator(f"[id='{(await found.get_attribute('href') or '')[1:]}']")
    await page.locator("details.file").evaluate_all("all => all.forEach(e => { e.open = false })")
    await expect(target).to_be_hidden()
    await found.click()
    await expect(target).to_be_in_viewport()


def luminance(colour: str) -> float:
    """Return how light `rgb(…)` is. https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_what_the_page_says_for_a_moment_is_readable_at_once(seat: Seat) -> None:
    for scheme in ("light", "dark"):
        await seat.page.emulate_media(color_scheme=scheme)
        text, ground, opacity = await seat.page.locator("#toast").evaluate(
            """toast => {
                toast.textContent = "Commented.";
                toast.classList.add("shown");
                const style = getComputedStyle(toast);
                const seen = [style.color, style.backgroundColor, style.opacity];
                toast.classList.remove("shown");
                return seen;
            }"""
        )
        dark, light = sorted((luminance(text), luminance(ground)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5
        assert opacity == "1"


async def test_page_is_never_wider_than_the_screen(seat: Seat) -> None:
    await seat.scene.review()
    page = seat.page
    await expect(page.locator(".talk .thread")).to_have_count(5)
    for width in (390, 768, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") == width
