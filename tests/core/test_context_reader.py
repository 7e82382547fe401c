"""Looking around for a review: a whole repository, or the files that are likely to matter."""

import asyncio

import pytest

from core.context import NO_CONTEXT, Context
from core.context.choosing import likely
from core.context.reader import ContextReader
from core.errors import PullRequestGone
from core.models import Background, FileChange, LinkedIssue, PullRequest, RepositoryText
from tests.fakes.core import FakeHost, a_file

PAY = "from shop.gateway import charge\n\n\ndef settle(x):\n    return charge(x)\n"
FILES = {
    "shop/pay.py": PAY,
    "shop/gateway.py": "def charge(x):\n    return x\n",
    "shop/checkout.py": "from shop.pay import settle\n\n\ndef f():\n    return settle(1)\n",
    "tests/test_pay.py": "from shop.pay import settle\n\n\ndef test_pay():\n    settle(1)\n",
    "docs/conf.py": "x = 1\n",
    "README.md": "settle\n",
}
CHANGE = a_file("shop/pay.py", "@@ -4,1 +4,2 @@\n def settle(x):\n+    return charge(x)")


def a_host(**changes: object) -> FakeHost:
    host = FakeHost(files=(CHANGE,), at_head={path: text.encode() for path, text in FILES.items()})
    for name, value in changes.items():
        setattr(host, name, value)
    return host


async def read(host: FakeHost, files: tuple[FileChange, ...] = (CHANGE,)) -> Context:
    async with ContextReader().opened(host, host.pull, look=True) as around:
        return await around.explain(files, {"shop/pay.py": PAY})


def paths(context: Context) -> set[str]:
    return {excerpt.path for excerpt in context.excerpts}


async def test_whole_repository_is_searched() -> None:
    host = a_host()
    assert paths(await read(host)) == {"shop/gateway.py", "shop/checkout.py", "tests/test_pay.py"}
    assert host.reads == []


async def test_of_a_large_repository_likely_files_are_asked_for() -> None:
    host = a_host(listed_only=True)
    assert paths(await read(host)) == {"shop/gateway.py", "shop/checkout.py", "tests/test_pay.py"}
    asked = {path for path, _ in host.reads}
    assert asked == {"shop/gateway.py", "shop/checkout.py", "tests/test_pay.py"}


async def test_host_without_a_repository_leaves_the_changed_files() -> None:
    host = a_host(at_head={})
    assert paths(await read(host)) == set()


async def test_background_is_told_beside() -> None:
    told = Background(("Charge once",), (LinkedIssue(3, "Charged twice", ""),))
    assert (await read(a_host(told=told))).background == told


async def test_trouble_of_the_host_costs_context_and_no_review() -> None:
    assert (await read(a_host(down=True))).excerpts == ()


async def test_pull_request_that_is_gone_ends_the_review() -> None:
    with pytest.raises(PullRequestGone):
        await read(a_host(gone=True))


class SlowHost(FakeHost):
    """Counts how many of its repositories are held at once."""

    held = most = 0

    async def repository(self, pull: PullRequest) -> RepositoryText | None:
        SlowHost.held += 1
        SlowHost.most = max(SlowHost.most, SlowHost.held)
        return await super().repository(pull)


async def test_few_repositories_are_held_at_once() -> None:
    reader = ContextReader(at_once=2)

    async def review() -> None:
        host = SlowHost(files=(CHANGE,))
        async with reader.opened(host, host.pull, look=True):
            await asyncio.sleep(0.01)
            SlowHost.held -= 1

    await asyncio.gather(*(review() for _ in range(9)))
    assert SlowHost.most == 2


async def test_nobody_looks_around_for_static_analysis() -> None:
    host = a_host(down=True)
    async with ContextReader().opened(host, host.pull, look=False) as around:
        assert around.texts == {}
        assert await around.explain((CHANGE,), {}) == NO_CONTEXT


def test_likely_files_are_those_imported_named_or_beside_and_tests() -> None:
    change = a_file("app/Order.java", "@@ -1,0 +1,1 @@\n+  PriceRules rules = new PriceRules();")
    others = (
        "lib/deep/down/PriceRules.java",
        "app/Basket.java",
        "test/app/OrderTest.java",
        "other/Unrelated.java",
        "app/notes.md",
        "node_modules/PriceRules.java",
        "app/order.py",
    )
    chosen = likely([change], {}, RepositoryText({}, others))
    assert set(chosen) == {
        "lib/deep/down/PriceRules.java",
        "app/Basket.java",
        "test/app/OrderTest.java",
    }
