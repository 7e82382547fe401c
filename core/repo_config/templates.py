"""Prompt templates: texts with variables, shipped as versioned files or given by configuration.

A template words what the team wants; it becomes guidance, fenced as data like all of it, and
never a part of our own instructions. Variables are replaced by name and nothing else is: no
expression, no attribute, no format.
"""

import difflib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template

VERSION = "v1"
BUILT_IN = ("default", "security")
"""Templates that come with Argus."""

VARIABLES: Mapping[str, str] = {
    "instructions": "the team's own words, `prompt.instructions`",
    "repository": "`owner/repo`",
    "base_branch": "the branch that it is to be merged into",
    "languages": "extensions of the files that are read, such as `py, ts`",
    "categories": "kinds of findings that are reported",
    "max_findings": "comments on lines in one review",
}
"""What a template may say, with its meaning. Nothing the author of a pull request chooses is here:
title, description and branch are shown to the model as the author's, and only so."""

_FOLDER = Path(__file__).parent.parent / "prompts" / "templates"


def check_template(text: str) -> str:
    """Return a template that is taken; raises ValueError naming what is not a variable."""
    for match in Template.pattern.finditer(text):
        name = match.group("named") or match.group("braced")
        if match.group("invalid") is not None:
            raise ValueError("a `$` stands before no variable; write `$$` for the sign itself")
        if name and name not in VARIABLES:
            close = difflib.get_close_matches(name, VARIABLES, n=1)
            meant = f"; did you mean `${close[0]}`?" if close else ""
            raise ValueError(f"`${name[:60]}` is not a variable of templates{meant}")
    return text


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """Return the text with its variables replaced; raises KeyError for one without a value."""
    return Template(template).substitute(values).strip()


@cache
def built_in(name: str) -> str:
    """Return the text of a template that comes with Argus."""
    return (_FOLDER / f"{name}_{VERSION}.md").read_text(encoding="utf-8").strip()
