"""Questions about shell syntax that its rules share."""

import re

from ast_grep_py import SgNode

EXPANSIONS = {"simple_expansion", "expansion"}
_PREFIXES = {"sudo", "doas", "exec", "command", "nice", "time", "env"}


def command(name: str) -> dict[str, object]:
    """Match commands by their name, also behind `sudo` and its like."""
    prefixes = "|".join(sorted(_PREFIXES))
    return {
        "kind": "command",
        "regex": rf"^(?:\w+=\S*\s+)*(?:(?:{prefixes})\s+(?:-\S+\s+)*)*(?:/\S*/)?(?:{name})(?:\s|$)",
    }


def words(node: SgNode) -> list[SgNode]:
    """Return the name and arguments of a command, without what stands before the name."""
    given = [c for c in node.named_children() if c.kind() != "variable_assignment"]
    while len(given) > 1 and given[0].text() in _PREFIXES:
        given = given[1:]
        while len(given) > 1 and given[0].text().startswith("-"):
            given = given[1:]
    return [word for word in given if not word.kind().endswith("redirect")]


def arguments(node: SgNode) -> list[SgNode]:
    """Return the arguments of a command."""
    return words(node)[1:]


def name_of(node: SgNode) -> str:
    """Return the last part of a command's name."""
    given = words(node)
    return given[0].text().rpartition("/")[2] if given else ""


def has_flag(node: SgNode, letters: str, *names: str) -> bool:
    """Tell whether one of the short letters or long names is among the arguments."""
    short = re.compile(rf"-[A-Za-z]*[{letters}][A-Za-z]*$")
    texts = [argument.text() for argument in arguments(node)]
    return any(short.match(text) or text.partition("=")[0] in names for text in texts)


def script(node: SgNode) -> str:
    """Return the whole text of the file."""
    return node.get_root().root().text()


def statement_around(node: SgNode) -> SgNode:
    """Return the list, pipeline or command as a whole that a node is part of."""
    for above in node.ancestors():
        if above.kind() not in {"redirected_statement", "pipeline", "list", "negated_command"}:
            break
        node = above
    return node


def following(node: SgNode) -> list[SgNode]:
    """Return the statements after a node in the same block."""
    return [n for n in node.next_all() if n.is_named() and n.kind() != "comment"]
