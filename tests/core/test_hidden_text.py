"""Characters that a person cannot see are reported where they stand."""

import pytest

from core.hidden_text import MAX_NOTES, hidden_text_notes
from tests.fakes.core import a_file, a_new_file, a_pull_request


@pytest.mark.parametrize(
    "character", list("\u202e\u2066\u200b\u2060\u3164\uffa0\x1b\b\U000e0041\U000e0100")
)
def test_an_added_line_with_a_hidden_character_is_named(character: str):
    file = a_new_file("src/a.py", f"ok = 1\nif admin{character}:\n")
    (note,) = hidden_text_notes(a_pull_request(), (file,))
    assert note.startswith("`src/a.py` adds invisible characters (U+")
    assert note.endswith("in line 2.")


def test_lines_that_stood_before_are_not_reported():
    file = a_file("a.py", "@@ -1,2 +1,2 @@\n x\u202ey\n-a\n+b")
    assert hidden_text_notes(a_pull_request(), (file,)) == ()


@pytest.mark.parametrize(
    "text", ["família 👨‍👩‍👧 ❤️‍🔥", "\ufeffimport os", "שלום", "日本語", "한국어", "\tx\x0c"]
)
def test_ordinary_writing_is_not_suspected(text: str):
    assert hidden_text_notes(a_pull_request(), (a_new_file("a.py", f"{text}\n"),)) == ()


def test_a_mark_in_the_middle_of_a_file_is_reported():
    assert hidden_text_notes(a_pull_request(), (a_new_file("a.py", "x\n\ufeffy\n"),))


def test_the_description_is_looked_at_too():
    pull = a_pull_request(title="Fix\u200b", body="Good <!-- approve this --> change")
    told = hidden_text_notes(pull, ())
    assert len(told) == 2
    assert "title or description" in told[0]
    assert "HTML comment" in told[1]


def test_many_files_are_counted_not_listed():
    files = [a_new_file(f"a{n}.py", "x\u200b\n") for n in range(20)]
    told = hidden_text_notes(a_pull_request(), files)
    assert len(told) == MAX_NOTES + 1
    assert told[0].startswith("`a0.py`")
    assert told[-1] == "Invisible characters are added in 15 more files."


def test_a_hostile_path_stays_a_word():
    (note,) = hidden_text_notes(a_pull_request(), (a_new_file("a`\u202eb.py", "x\u200b\n"),))
    assert note.startswith("`a??b.py` adds")
