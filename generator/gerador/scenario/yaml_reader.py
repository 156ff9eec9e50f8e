"""Read YAML 1.2 into plain values with line numbers; substitute environment variables."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import yaml

from gerador.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping


CHARACTERS_MAX: Final = 4 * 1024 * 1024
VALUES_MAX: Final = 100_000
"""Values of a file, with aliases expanded."""
DEPTH_MAX: Final = 64
_VARIABLE: Final = re.compile(r"\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_INT: Final = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_PYTHON_LOADER: Final = yaml.SafeLoader
_FAST_LOADER: Final = getattr(yaml, "CSafeLoader", _PYTHON_LOADER)
"""libyaml's loader when PyYAML has it, ten times as fast; Python's loader reports its errors."""
MERGE_KEY: Final = "<<"
"""The merge key of YAML 1.1, which YAML 1.2 does not have."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Code points that UTF-8 cannot encode."""
_CORE_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_SPECIAL_FLOATS: Final = {".inf": "inf", "-.inf": "-inf", ".nan": "nan"}

NULL_KEY: Final = "null"

Location: TypeAlias = "tuple[str | int, ...]"
"""The keys and indices that lead to a value."""
LocatedError: TypeAlias = "tuple[Location, str]"
"""The location of an error in the model, and the message."""


class NullKey(str):
    """A key that is an unquoted null: the parameter `null`, or the value null."""

    __slots__ = ()


@dataclass
class LineIndex:
    """The line of every value and key, by location in the file."""

    source: str
    line_of: dict[Location, int] = field(default_factory=dict)

    def nearest(self, loc: Location) -> Location:
        """Return the location in the file that is closest to a location in the model.

        Kinds and union members are steps of the model that a file may leave out, and a parameter
        may be next to its kind instead of below it. Steps that the file does not have are skipped.
        """
        found: Location = ()
        for step in loc:
            if (*found, step) in self.line_of:
                found = (*found, step)
            elif len(found) > 1 and (*found[:-1], step) in self.line_of:
                found = (*found[:-1], step)
        return found

    def format(self, loc: Location) -> str:
        """Return ``file:line: path`` of a location in the model."""
        nearest = self.nearest(loc)
        path = ".".join(str(step) for step in nearest)
        return f"{self.source}:{self.line_of.get(nearest, 1)}" + (f": {path}" if path else "")


class _Constructor:
    """Builds values from YAML nodes; records lines and errors."""

    def __init__(self, source: str, environ: Mapping[str, str]) -> None:
        self.lines = LineIndex(source)
        self.errors: list[str] = []
        self._environ = environ
        self._values = 0

    def value(self, node: yaml.Node, path: Location) -> Any:
        self._values += 1
        if self._values > VALUES_MAX or len(path) > DEPTH_MAX:
            raise _too_large(self.lines.source)
        if path or node.value:  # the loaders disagree on the line of an empty document
            self.lines.line_of.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(inner, (*path, i)) for i, inner in enumerate(node.value)]
        return self._scalar(node, path)

    def _pairs(self, node: yaml.MappingNode, path: Location) -> Iterator[tuple[Hashable, Any]]:
        seen = set()
        for key_node, inner in node.value:
            key = self._key(key_node, path)
            if key == MERGE_KEY and not key_node.style:  # in quotes it is a name like any other
                text = f"merge key {MERGE_KEY!r} is not supported (YAML 1.2); write the keys out"
                self._add_error(key_node, path, text)
                continue
            if key in seen:
                self._add_error(key_node, path, f"duplicate key {key!r}; remove one")
                continue
            seen.add(key)
            # Locations of the model have a float key as text.
            step = str(key) if isinstance(key, float) else key
            self.lines.line_of[(*path, step)] = key_node.start_mark.line + 1
            yield key, self.value(inner, (*path, step))

    def _key(self, node: yaml.Node, path: Location) -> Any:
        if isinstance(node, yaml.ScalarNode):
            key = self._scalar(node, path)
            return NullKey(node.value) if key is None else key
        self._add_error(node, path, "key is a list or a mapping; expected text or a number")
        return ""

    def _scalar(self, node: yaml.Node, path: Location) -> Any:
        text = _VARIABLE.sub(lambda m: self._variable(m, node, path), str(node.value))
        if _SURROGATE.search(text):
            message = "text has half of a surrogate pair; write the whole character"
            self._add_error(node, path, message)
            return ""
        plain = isinstance(node, yaml.ScalarNode) and not node.style
        return parse_scalar(text) if plain else text

    def _variable(self, match: re.Match[str], node: yaml.Node, path: Location) -> str:
        escaped, name, default = match.groups()
        if escaped:
            return match[0][1:]
        value = self._environ.get(name) or default
        if value is None:
            state = "is empty" if name in self._environ else "is not set"
            text = f"environment variable {name} {state}; set it, or write ${{{name}:-default}}"
            self._add_error(node, path, text)
            return ""
        return value

    def _add_error(self, node: yaml.Node, path: Location, text: str) -> None:
        shown = "".join(f"{step}: " for step in (".".join(str(s) for s in path),) if step)
        message = f"{self.lines.source}:{node.start_mark.line + 1}: {shown}{text}"
        self.errors.append(" ".join(message.splitlines()))


def parse_scalar(text: str) -> Any:
    """Return the value of a plain scalar in YAML 1.2's core schema."""
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if _INT.fullmatch(text) and len(text) < 100:
        return int(text, 0) if text[1:2] in "xo" and len(text) > 1 else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(_SPECIAL_FLOATS[text]) if text in _SPECIAL_FLOATS else text


def read_yaml(text: str, source: str, environ: Mapping[str, str]) -> tuple[Any, LineIndex]:
    """Return the value of a YAML text, and its lines; `source` is its name in messages.

    `environ` has the variables that ``${NAME}`` can substitute. Cost: O(text).

    Raises ScenarioError: not YAML (file, line, column), a tag, several documents, a file that is
    too large; or all duplicate keys, unset variables and invalid keys, one per line.
    """
    if len(text) > CHARACTERS_MAX:
        raise ScenarioError(f"{source}: file has over {CHARACTERS_MAX:,} characters")
    constructor = _Constructor(source, environ)
    node = _compose(text, source)
    value = None if node is None else constructor.value(node, ())
    if constructor.errors:
        raise ScenarioError("\n".join(constructor.errors))
    return value, constructor.lines


def _compose(text: str, source: str) -> yaml.Node | None:
    with suppress(yaml.YAMLError, RecursionError, ValueError):
        return _compose_with(_FAST_LOADER, text, source)
    try:
        return _compose_with(_PYTHON_LOADER, text, source)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ScenarioError(f"{source}{at}: invalid YAML: {_syntax_message(e)}") from e
    except yaml.YAMLError as e:
        raise ScenarioError(f"{source}: invalid YAML: {str(e).splitlines()[0]}") from e
    except (RecursionError, ValueError) as e:
        raise ScenarioError(f"{source}: invalid YAML: {e}") from e


def _compose_with(loader: type[yaml.SafeLoader], text: str, source: str) -> yaml.Node | None:
    _check_events(loader, text, source)
    return yaml.compose(text, Loader=loader)


_SYNTAX_MESSAGES: Final = (
    (r"found character '\\t'", "tab character; indent with spaces"),
    (r"found character '(.)' that cannot", "text starts with {0!r}; put it in quotes"),
    (
        r"mapping values are not allowed",
        "unexpected ':'; check the indentation, and put text that contains ': ' in quotes",
    ),
    (r"could not find expected ':'", "key without ':'; add it"),
    (r"expected <block end>", "indentation does not match the lines above"),
    (r"expected ',' or '(.)'", "missing ',' or '{0}'; check for an unclosed bracket"),
    (r"found unexpected end of stream", "unclosed quote"),
    (r"found unknown escape character '(.)'", "unknown escape '\\{0}'; use single quotes"),
    (r"found undefined alias '(.*)'", "alias '*{0}' has no anchor '&{0}'"),
    (r"expected a single document", "more than one document; a scenario is a single one"),
)
"""Patterns of PyYAML's messages, and the messages in their place."""


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    """Return the message for a syntax error, PyYAML's own when it is not a common one."""
    problem = str(error.problem or error.context)
    original = f"{error.context or ''}; {problem}"
    for pattern, message in _SYNTAX_MESSAGES:
        if match := re.search(pattern, original):
            return message.format(*match.groups())
    return problem


def _too_large(source: str) -> ScenarioError:
    return ScenarioError(
        f"{source}: file has over {VALUES_MAX:,} values or {DEPTH_MAX} levels of nesting"
    )


def _check_events(loader: type[yaml.SafeLoader], text: str, source: str) -> None:
    """Reject tags, and early what is too large: PyYAML's time grows with the square of the depth.

    Raises ScenarioError.
    """
    values = depth = 0
    for event in yaml.parse(text, Loader=loader):
        values += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if values > 2 * VALUES_MAX or depth > DEPTH_MAX + 1:  # a pair is two nodes and one value
            raise _too_large(source)
        tag = getattr(event, "tag", None)
        if tag is not None:
            line = event.start_mark.line + 1 if event.start_mark else 1
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            raise ScenarioError(f"{source}:{line}: tag {shown!r} is not supported; remove it")
