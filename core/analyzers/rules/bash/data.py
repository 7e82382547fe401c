"""Shell that deletes, empties or splits what it should not."""

import itertools
import re
from collections.abc import Iterable

from ast_grep_py import SgNode

from core.analyzers.rules.bash.nodes import (
    arguments,
    command,
    following,
    has_flag,
    name_of,
    script,
    statement_around,
)
from core.analyzers.rules.rule import Rule, enclosing, field_text
from core.models import Category, Severity

_ROOT_PATH = re.compile(
    r"^\"?\$(?:(\w+)|\{(\w+)\})\"?/(?:\"?\*|(?:bin|boot|dev|etc|home|lib\w*|opt|root|s?bin|usr|var)"
    r"\"?(?:/\*)?|\")?$"
)
"""`$X/`, `$X/*` or `$X/usr`, which is `/`, `/*` or `/usr` when `X` is empty."""
_FILTERS = {"sort", "sed", "awk", "grep", "uniq", "tr", "cut", "jq", "head", "tail", "cat", "yq"}
_CONDITIONS = {"if_statement", "elif_clause", "while_statement"}
_CHANGES = {"rm", "mv", "cp", "chmod", "chown", "unlink", "rmdir", "shred"}


def _may_delete_the_root(node: SgNode) -> bool:
    if not has_flag(node, "rR", "--recursive"):
        return False
    places = (_ROOT_PATH.match(argument.text()) for argument in arguments(node))
    return any(place and not _is_never_empty(node, place[1] or place[2]) for place in places)


def _is_never_empty(node: SgNode, name: str) -> bool:
    """Tell whether the file gives the variable a value, or refuses an empty one."""
    given = rf"(?m)(?:^|[\s;]){name}=[\"']?(?:[\w./~-]|\$\(|\$\{{?\w+\}}?/)|\$\{{{name}:[?=]"
    tested = rf"-[nz]\s+\"?\$\{{?{name}\b|for\s+{name}\s+in\b"
    return re.search(f"{given}|{tested}", script(node)) is not None


def _deletes_elsewhere(node: SgNode) -> bool:
    """Tell whether a failed `cd` makes the next lines delete in the wrong folder."""
    statement = statement_around(node)
    stops = re.search(r"(?m)^\s*set\s+-\w*e|^#!.*\s-\w*e|set\s+-o\s+errexit", script(node))
    given = [argument.text() for argument in arguments(node)]
    above = node.parent()
    asked = above is not None and above.kind() in _CONDITIONS
    if stops or not given or given[0] in {"-", "/", "..", "~"} or asked:
        return False
    after = following(statement)[:3] if statement.kind() == "command" else []
    return any(_deletes_here(later) for later in after)


def _deletes_here(statement: SgNode) -> bool:
    """Tell whether a statement removes files by a name relative to the current folder."""
    if statement.kind() != "command" or name_of(statement) not in {"rm", "git"}:
        return False
    if name_of(statement) == "git":
        return re.match(r"git clean\b.*-\w*f", statement.text()) is not None
    names = [a.text() for a in arguments(statement) if not a.text().startswith("-")]
    return bool(names) and all(re.match(r"\"?[\w.*]", name) for name in names)


def _empties_its_input(statement: SgNode) -> bool:
    """Tell whether a filter writes over the very file that it, or the first of its row, reads."""
    body = statement.named_children()[0]
    commands = [body] if body.kind() == "command" else body.named_children()
    targets = [
        redirect.named_children()[-1].text()
        for redirect in statement.named_children()[1:]
        if re.match(r"^1?>\|?\s*[^&>(\s]", redirect.text()) and redirect.named_children()
    ]
    inputs = {
        argument.text()
        for part in commands
        if part.kind() == "command" and name_of(part) in _FILTERS
        for argument in _files(part)
    }
    return any(target in inputs and target != "/dev/null" for target in targets)


def _files(filtering: SgNode) -> Iterable[SgNode]:
    """Return the arguments that are files; the first of `sed`, `grep` and `awk` is a program."""
    given = [a for a in arguments(filtering) if not a.text().startswith("-")]
    programmed = name_of(filtering) in {"sed", "grep", "awk", "jq", "tr", "yq"}
    return given[1:] if programmed else given


def _splits_names(node: SgNode) -> bool:
    """Tell whether a name that the loop gives is used without quotes to change files."""
    loop = enclosing(node, "for_statement", "function_definition")
    if name_of(node) not in _CHANGES or loop is None or loop.kind() != "for_statement":
        return False
    variable = field_text(loop, "variable")
    over = loop.text().partition("do")[0]
    from_files = re.search(r"\*|\$\((?:ls|find)\b|`(?:ls|find)\b", over)
    bare = {f"${variable}", f"${{{variable}}}"}
    return bool(from_files) and any(argument.text() in bare for argument in arguments(node))


def _passes_split_names(pipeline: SgNode) -> bool:
    """Judge `find … | xargs rm`, whose names are cut at blanks and quotes."""
    parts = [part for part in pipeline.named_children() if part.kind() == "command"]
    for before, after in itertools.pairwise(parts):
        if name_of(before) not in {"find", "ls"} or name_of(after) != "xargs":
            continue
        changes = {argument.text().rpartition("/")[2] for argument in arguments(after)} & _CHANGES
        safe = re.search(r"-print0|-printf|--zero", before.text()) or re.search(
            r"\s-(?:0|d|\w*0\b)|--null|--delimiter", after.text()
        )
        if changes and not safe:
            return True
    return False


def _loses_its_variable(pipeline: SgNode) -> bool:
    """Tell whether what a piped loop assigns is read after it, where it was never set."""
    last = pipeline.named_children()[-1]
    if last.kind() == "redirected_statement":
        last = last.named_children()[0]
    if last.kind() != "while_statement" or "lastpipe" in script(pipeline):
        return False
    assigned = {
        field_text(assignment, "name")
        for assignment in last.find_all(kind="variable_assignment")
        if _outlives_its_statement(assignment)
    }
    after = "\n".join(node.text() for node in following(pipeline))
    return any(_is_read_first(after, name) for name in assigned if re.fullmatch(r"\w+", name))


def _outlives_its_statement(assignment: SgNode) -> bool:
    """Tell whether an assignment is neither local nor made for one command alone."""
    parent = assignment.parent()
    return parent is not None and parent.kind() not in {"declaration_command", "command"}


def _is_read_first(text: str, name: str) -> bool:
    read = re.search(rf"\$(?:{name}\b|\{{[#!]?{name}\b)", text)
    set_again = re.search(
        rf"(?m)(?:^|[\s;]){name}\+?=|\bread\s[^\n]*\b{name}\b|\bfor\s+{name}\b", text
    )
    return read is not None and (set_again is None or read.start() < set_again.start())


RULES: tuple[Rule, ...] = (
    Rule(
        id="root-deleted",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="With an empty variable this deletes from the root",
        body=(
            "When the variable is unset or empty, `$DIR/*` becomes `/*` and everything that may be "
            'deleted is gone. Write `"${DIR:?}"/*`, which stops with a message instead.'
        ),
        match=command("rm"),
        keep=_may_delete_the_root,
        needs=r"\brm\s",
    ),
    Rule(
        id="deletes-elsewhere",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="When `cd` fails, the wrong folder is cleaned",
        body=(
            "The script goes on in the folder it was in, and `rm` deletes there. Write "
            "`cd … || exit`, or give `rm` the whole path."
        ),
        match=command("cd"),
        keep=_deletes_elsewhere,
        needs=r"\bcd\b",
    ),
    Rule(
        id="input-emptied",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The file is emptied before it is read",
        body=(
            "The shell opens the target of `>` and cuts it to nothing before the command starts, "
            "so its content is lost. Write to another file and move it, or use `sponge`, `sort -o` "
            "or `sed -i`."
        ),
        match={"kind": "redirected_statement", "regex": r">"},
        keep=_empties_its_input,
        needs=r"\b(?:sort|sed|awk|grep|uniq|tr|cut|jq|head|tail|cat|yq)\b.*>",
    ),
    Rule(
        id="name-split",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A file name with a blank becomes two names",
        body=(
            "Without quotes `my file` is `my` and `file`, and the wrong files are changed or "
            'deleted. Write `"$f"`.'
        ),
        match={"kind": "command", "inside": {"kind": "for_statement", "stopBy": "end"}},
        keep=_splits_names,
        needs=r"\bfor\b",
    ),
    Rule(
        id="names-split-by-xargs",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A file name with a blank or a quote becomes other names",
        body=(
            "`xargs` cuts its input at blanks and quotes, so `old backup` deletes `old` and "
            "`backup`. Use `find … -print0 | xargs -0 …`, or `-exec … {} +`."
        ),
        match={"kind": "pipeline", "regex": r"\bxargs\b"},
        keep=_passes_split_names,
        outside_tests=True,
        needs=r"\bxargs\b",
    ),
    Rule(
        id="variable-lost-in-pipe",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="What this loop assigns is gone after it",
        body=(
            "The loop behind `|` runs in a process of its own, so the variable outside keeps its "
            "old value. Feed the loop instead: `while …; do …; done < <(command)`."
        ),
        match={"kind": "pipeline", "regex": r"\|\s*while\b"},
        keep=_loses_its_variable,
        outside_tests=True,
        needs=r"\|\s*while\b",
    ),
)
