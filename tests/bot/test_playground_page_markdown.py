"""Comments are shown as GitHub shows them, and nothing in them can act on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.page import markdown
from tests.bot.page_html import Reader

PARTS = (
    *("<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>", "<br>", "</div>"),
    *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<!--", "-->", "`", "```\n", "\n"),
    *(
        "\n\n",
        "- ",
        "> ",
        "**",
        "_",
        "[a](javascript:alert(1))",
        "[b](https://x.test)",
        "word",
        " ",
    ),
    *("|a|b|\n|-|:-:|\n", "<SUB onclick=x>", '<a href="javascript:x">', "&lt;", "<", ">", "1. "),
)


def keep(address: str) -> str | None:
    return address


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=24).map("".join))
def test_nothing_gets_out_of_a_comment(text: str) -> None:
    shown = markdown.render(text, keep)
    assert Reader(shown).wrong == [], shown


def test_folded_sections_stay_folded_and_keep_their_markup() -> None:
    text = "<details><summary>1 nit</summary>\n\n- **x** `y`\n\n</details>\n\n<sub>0.2 s</sub>"
    assert markdown.render(text, keep) == (
        "<details><summary>1 nit</summary>\n<ul>\n<li><strong>x</strong> <code>y</code></li>\n"
        "</ul>\n</details>\n<p><sub>0.2 s</sub></p>"
    )


def test_hidden_markers_are_not_shown() -> None:
    assert markdown.render("Said.\n\n<!-- argus:v1:finding:1:2 -->", keep) == "<p>Said.</p>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("</details>", ""),
        ("<details>", "<details></details>"),
        ("- <details>\n\n</details>", "</details></li>\n</ul>"),
        ("a <sub>b", "<p>a <sub>b</sub></p>"),
        ("a </sub> b", "<p>a  b</p>"),
        ("<sub onclick=x>a</sub>", "<sub>a</sub>"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("![a](https://x.test/a.png)", "<p><em>a</em></p>"),
    ],
)
def test_html_is_balanced_and_harmless(text: str, shown: str) -> None:
    assert shown in markdown.render(text, keep)
    assert markdown.render(text, keep).count("<details>") == markdown.render(text, keep).count(
        "</details>"
    )


def test_links_lead_where_the_page_shows_them_or_nowhere() -> None:
    def resolve(address: str) -> str | None:
        return "#there" if address.endswith("known") else None

    shown = markdown.render("[`a`](http://x/known) and [b *c*](http://x/other)", resolve)
    assert shown == '<p><a href="#there"><code>a</code></a> and b <em>c</em></p>'


def test_suggestion_shows_what_goes_and_what_comes() -> None:
    shown = markdown.render("```suggestion\nb < c\n```", keep, replaced=["b > c"])
    assert (
        '<span class="line remove">b &gt; c</span><span class="line add">b &lt; c</span>' in shown
    )


def test_plain_text_has_no_markup() -> None:
    assert markdown.plain("**A `b`** and\n[c](https://x)") == "A b and c"
