"""The names in code: what a line uses, what it may define, and what a file imports.

By pattern, in time linear in the text; whether a name is really defined somewhere is read off
the outline afterwards.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.context.languages import speaks, words

LONGEST_LINE = 1_000
"""Characters of a line that are looked at."""

WORD = re.compile(r"[A-Za-z_]\w{2,}")
"""Names of one or two letters are local."""

_QUOTED = re.compile(
    r"\"\"\".*?(?:\"\"\"|$)|\"(?>(?:[^\"\\\n]|\\.)*)\"|'(?>(?:[^'\\\n]|\\.)*)'|//.*+|(?<![\w$])\#(?=\s|$).*+|/\*.*?\*/|--\s.*+"
)
_USED = re.compile(
    r"(?P<before>(?:\.|->|::)\s*+)?(?P<name>[A-Za-z_]\w{2,})(?P<call>!?(?:<[\w, .]*+>)?\s*+\()?"
)
_KEYWORDS = frozenset(
    words("""
    abstract and args array as assert async await base bool boolean break byte case catch char
    class const constructor continue def default defer delete del dict do double elif else
    elsif end enum err error except export extends extern false final finally float fn for
    foreach from func function get global go goto if impl implements import in include inline
    instanceof int interface internal is isset kwargs lambda len let list long loop map match
    mod module mut namespace new nil none not null object of operator optional or override
    package pass print private protected pub public raise range readonly ref rescue return
    self set short sizeof static str string strict struct super switch template test then this
    throw throws trait true try tuple type typedef typename typeof undefined union unless
    unsafe unsigned until use using val var virtual void when where while with xor yield None
    True False String Object List Map Set Optional Result Option Some Vec Box Self Integer
    Boolean Exception Error Promise Array Int isinstance println printf require
    """)
)
_COMMON = frozenset(
    words("""
    add all any append apply build call clear clone close contains copy count create each
    encode equals execute extend filter find first flush format handle hash index init insert
    items join keys last length load lock log map name next open parse pop push put read
    reduce remove render replace reset resolve run save send size sort split start stop strip
    then toString trim unlock unwrap update validate value values wait write
    """)
)
"""Names that a receiver has to explain: most things have one of them."""

_DEFINING = {
    "python": r"^[ \t]*+(?:async[ \t]++)?(?:def|class)",
    "ruby": r"^[ \t]*+(?:\w++[ \t]++)??(?:def|class|module)",
    "go": r"^(?:func|type|const|var)",
    "rust": r"\b(?:fn|struct|enum|trait|impl|mod|const|static|type|union|macro_rules!)",
    "script": r"\b(?:function\*?|class|interface|type|enum|const|let|var|namespace)",
    "jvm": r"\b(?:class|interface|enum|record|object|fun|val|var|def|trait|type(?:alias)?)",
    "c": r"(?:^\#[ \t]*+define|\b(?:struct|enum|union|class|namespace|using))",
    "csharp": r"\b(?:class|interface|struct|record|enum|delegate|namespace)",
    "php": r"\b(?:function|class|interface|trait|enum|const)",
    "swift": r"\b(?:func|class|struct|enum|protocol|extension|var|let|typealias)",
}
"""What stands before a name that is defined, by family of languages."""
_ELSEWHERE = (
    r"\b(?:def|defp|defmodule|defmacro|class|func|function|fun|fn|local|sub|interface|struct|enum"
    r"|trait|module|object|type|contract|modifier|library|mixin|extension|protocol)"
)
_NAMED = (
    r"[ \t]++(?:\([^)\n]{0,100}\)[ \t]*+|(?:self|class)\.|<[^>\n]{0,100}>[ \t]*+|mut[ \t]++"
    r"|\w++\.)?(?P<name>\w++)"
)
_DEFINES = {
    family: re.compile(before + _NAMED, re.MULTILINE) for family, before in _DEFINING.items()
}
_DEFINES_ELSEWHERE = re.compile(_ELSEWHERE + _NAMED)
_CALLABLE = re.compile(
    r"^[ \t]*+(?>(?:[\w<>\[\],.?*&:~@]++[ \t*&]++)*)(?>(?:\w++::)*)(?P<name>\w++)[ \t]*+"
    r"(?:\(|[=:][ \t]*+(?:async\b|function\b|\())",
    re.MULTILINE,
)
_CONSTANT = re.compile(r"^[ \t]*+(?P<name>[A-Z]\w*+)[ \t]*+(?::[^=\n]{0,80})?=(?!=)", re.MULTILINE)
_BLOCK = re.compile(
    r"^\t(?P<name>\w++)[ \t]++[\w\[\]*.]*+[ \t]*+(?:=|struct\b|interface\b|func\b)", re.MULTILINE
)
_WITHOUT_KEYWORD = frozenset({"jvm", "c", "csharp", "script", "dart", "php"})

_IMPORT = re.compile(
    r"^[ \t]*+(?:(?:import|from|use|using|require(?:_relative|_once)?|include(?:_once)?"
    r"|\#[ \t]*+include|\#import|mod|pub mod|alias|load|source)\b|(?:export|const|let|var)\b"
    r"[^\n;]{0,120}?\b(?:from|require)\b)[^\n]{0,400}|^\t\"[\w./-]{1,200}\"",
    re.MULTILINE,
)
_IMPORTS_WITHIN = 20_000
"""Characters of a file in which its imports are looked for."""
_MOST_IMPORTS = 400


@dataclass(frozen=True, slots=True)
class Use:
    """A name that a line uses."""

    name: str
    line: int
    call: bool
    member: bool
    """It stands behind a receiver: `x.name`."""

    @property
    def weight(self) -> float:
        """Rate how much its definition tells about the line; only the order means anything."""
        if self.member and self.name in _COMMON:
            return 1.0
        if self.call:
            return 8.0 if self.member else 10.0
        if self.name.isupper():
            return 7.0
        return 6.0 if self.name[0].isupper() else 3.0


def uses(line: str, number: int) -> Iterator[Use]:
    """Yield the names that a line of code uses; texts and comments are no code."""
    bare = _QUOTED.sub(" ", line[:LONGEST_LINE])
    for found in _USED.finditer(bare):
        name = found["name"]
        if name not in _KEYWORDS:
            yield Use(name, number, found["call"] is not None, found["before"] is not None)


def may_define(path: str, text: str) -> frozenset[str]:
    """Return the names that a text may define, and some that it does not."""
    family = speaks(path)
    defines = _DEFINES.get(family, _DEFINES_ELSEWHERE)
    names = {found["name"] for found in defines.finditer(text)}
    names.update(found["name"] for found in _CONSTANT.finditer(text))
    if family in _WITHOUT_KEYWORD or family == "bash":
        names.update(found["name"] for found in _CALLABLE.finditer(text))
    if family == "go":
        names.update(found["name"] for found in _BLOCK.finditer(text))
    return frozenset(names)


def imports(text: str) -> frozenset[str]:
    """Return the words in a file's imports: modules, folders and names."""
    words: set[str] = set()
    for count, found in enumerate(_IMPORT.finditer(text, 0, _IMPORTS_WITHIN)):
        if count >= _MOST_IMPORTS:
            break
        words.update(re.findall(r"\w+", found.group()))
    return frozenset(words)


def is_import(line: str) -> bool:
    """Tell whether a line imports something."""
    return _IMPORT.match(line[:LONGEST_LINE]) is not None


def is_comment(line: str) -> bool:
    """Tell whether a line is a comment from its beginning."""
    return line.lstrip()[:2] in {"//", "/*", "* ", "*/", "# ", "--", "#!"} or line.strip() == "*"
