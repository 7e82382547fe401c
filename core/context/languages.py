"""The languages whose structure is understood, and which nodes of their trees define a name.

The grammars are compiled into ast-grep. What no grammar is named for is outlined by its
indentation in `core.context.layout`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Language:
    """One grammar: the kinds of nodes that define functions, types and values."""

    grammar: str
    functions: tuple[str, ...]
    types: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    family: str = ""
    """Languages of one family call each other; empty stands for the grammar alone."""

    @property
    def speaks(self) -> str:
        """Return the family, or the grammar where it stands alone."""
        return self.family or self.grammar

    @property
    def kinds(self) -> frozenset[str]:
        """Return every kind that defines something."""
        return frozenset((*self.functions, *self.types, *self.values))


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text; long lists of names read better as one."""
    return tuple(text.split())


_SCRIPT_FUNCTIONS = words(
    "function_declaration generator_function_declaration method_definition function_signature"
)
_SCRIPT_TYPES = words(
    "class_declaration abstract_class_declaration interface_declaration type_alias_declaration"
    " enum_declaration internal_module"
)
_SCRIPT_VALUES = words("variable_declarator public_field_definition")
_C_FUNCTIONS = words("function_definition preproc_function_def")
_C_TYPES = words("struct_specifier enum_specifier union_specifier type_definition")

PYTHON = Language(
    "python", words("function_definition"), words("class_definition"), words("assignment")
)
JAVASCRIPT = Language(
    "javascript",
    words("function_declaration generator_function_declaration method_definition"),
    words("class_declaration"),
    words("variable_declarator field_definition"),
    family="script",
)
TYPESCRIPT = Language(
    "typescript", _SCRIPT_FUNCTIONS, _SCRIPT_TYPES, _SCRIPT_VALUES, family="script"
)
TSX = Language("tsx", _SCRIPT_FUNCTIONS, _SCRIPT_TYPES, _SCRIPT_VALUES, family="script")
GO = Language(
    "go",
    words("function_declaration method_declaration method_elem"),
    words("type_spec"),
    words("const_spec var_spec"),
)
JAVA = Language(
    "java",
    words("method_declaration constructor_declaration compact_constructor_declaration"),
    words(
        "class_declaration interface_declaration enum_declaration record_declaration"
        " annotation_type_declaration"
    ),
    words("field_declaration enum_constant"),
    family="jvm",
)
KOTLIN = Language(
    "kotlin",
    words("function_declaration secondary_constructor"),
    words("class_declaration object_declaration companion_object type_alias"),
    words("property_declaration"),
    family="jvm",
)
SCALA = Language(
    "scala",
    words("function_definition function_declaration"),
    words("class_definition object_definition trait_definition enum_definition type_definition"),
    words("val_definition"),
    family="jvm",
)
RUBY = Language(
    "ruby", words("method singleton_method"), words("class module"), words("assignment")
)
RUST = Language(
    "rust",
    words("function_item function_signature_item macro_definition"),
    words("struct_item enum_item union_item trait_item impl_item mod_item type_item"),
    words("const_item static_item"),
)
C = Language("c", _C_FUNCTIONS, _C_TYPES, words("preproc_def"), family="c")
CPP = Language(
    "cpp",
    _C_FUNCTIONS,
    (*_C_TYPES, *words("class_specifier namespace_definition alias_declaration")),
    words("preproc_def"),
    family="c",
)
CSHARP = Language(
    "csharp",
    words("method_declaration constructor_declaration local_function_statement"),
    words(
        "class_declaration interface_declaration struct_declaration record_declaration"
        " enum_declaration delegate_declaration namespace_declaration"
    ),
    words("property_declaration field_declaration"),
)
PHP = Language(
    "php",
    words("function_definition method_declaration"),
    words("class_declaration interface_declaration trait_declaration enum_declaration"),
    words("const_element property_element"),
)
SWIFT = Language(
    "swift",
    words("function_declaration init_declaration protocol_function_declaration"),
    words("class_declaration protocol_declaration typealias_declaration"),
    words("property_declaration"),
)
BASH = Language("bash", words("function_definition"), (), words("variable_assignment"))
LUA = Language("lua", words("function_declaration"), (), words("assignment_statement"))
SOLIDITY = Language(
    "solidity",
    words("function_definition modifier_definition"),
    words("contract_declaration interface_declaration library_declaration struct_declaration"),
)

_SUFFIXES = (
    (PYTHON, "py pyi"),
    (JAVASCRIPT, "js jsx mjs cjs"),
    (TYPESCRIPT, "ts mts cts"),
    (TSX, "tsx"),
    (GO, "go"),
    (JAVA, "java"),
    (KOTLIN, "kt kts"),
    (SCALA, "scala sc"),
    (RUBY, "rb rake"),
    (RUST, "rs"),
    (C, "c h"),
    (CPP, "cc cpp cxx hh hpp hxx ipp"),
    (CSHARP, "cs"),
    (PHP, "php"),
    (SWIFT, "swift"),
    (BASH, "sh bash"),
    (LUA, "lua"),
    (SOLIDITY, "sol"),
)
LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {suffix: language for language, names in _SUFFIXES for suffix in names.split()}
)
"""By extension in lower case, without its dot."""

LAID_OUT = frozenset(words("dart ex exs svelte vue hs jl m mm groovy pl pm ps1 r zig nim erl clj"))
"""Extensions of code without a grammar here."""


def language_of(path: str) -> Language | None:
    """Return the language of a path, None where no grammar is named for it."""
    return LANGUAGES.get(extension(path))


def is_code(path: str) -> bool:
    """Tell whether a path is one of code."""
    return extension(path) in LANGUAGES or extension(path) in LAID_OUT


@lru_cache(maxsize=8_192)
def speaks(path: str) -> str:
    """Return the family of languages in which names of this file are used."""
    language = language_of(path)
    return language.speaks if language else extension(path)


def extension(path: str) -> str:
    """Return the extension in lower case, empty when there is none."""
    stem, dot, name = path.rpartition("/")[2].rpartition(".")
    return name.lower() if dot and stem else ""
