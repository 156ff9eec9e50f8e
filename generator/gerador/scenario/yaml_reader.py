"""Read YAML 1.2 into plain values with line numbers; substitute environment variables; report syntax errors."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from gerador.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping


CHARACTERS_MAX: Final = 4 * 1024 * 1024
VALUES_MAX: Final = 100_000
"""Values of a file once its aliases are written out."""
DEPTH_MAX: Final = 64
_VARIABLE: Final = re.compile(r"\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_INT: Final = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_PYTHON_LOADER: Final = yaml.SafeLoader
_FAST_LOADER: Final = getattr(yaml, "CSafeLoader", _PYTHON_LOADER)
"""libyaml's reader where PyYAML has it, ten times as fast; what it refuses, Python's tells."""
MERGE_KEY: Final = "<<"
"""YAML 1.1's key of a mapping that others are merged into; YAML 1.2 has none."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Characters that UTF-8 cannot say."""
_CORE_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_SPECIAL_FLOATS: Final = {".inf": "inf", "-.inf": "-inf", ".nan": "nan"}

NULL_KEY: Final = "null"

Location = tuple["str | int", ...]


class NullKey(str):
    """A key that is written as null, without quotes: a parameter's name, or the value."""

    __slots__ = ()


@dataclass
class LineIndex:
    """The line of every value and key, by the path to it."""

    source: str
    of: dict[Location, int] = field(default_factory=dict)

    def found(self, loc: Location) -> Location:
        """Return the path in the file that a path in the model means.

        The model knows kinds as steps where the file leaves them out, and the other way round;
        what the file does not have is left out, and a parameter may stand beside its kind.
        """
        at: Location = ()
        for step in loc:
            if (*at, step) in self.of:
                at = (*at, step)
            elif at and (*at[:-1], step) in self.of and len(at) > 1:
                at = (*at[:-1], step)
        return at

    def place(self, loc: Location) -> str:
        """Return ``file:line: path`` of a path in the model."""
        path = self.found(loc)
        shown = ".".join(str(step) for step in path)
        return f"{self.source}:{self.of.get(path, 1)}" + (f": {shown}" if shown else "")


class _Constructor:
    """Builds values from YAML nodes, noting lines."""

    def __init__(self, source: str, environ: Mapping[str, str]) -> None:
        self.lines = LineIndex(source)
        self.faults: list[str] = []
        self._environ = environ
        self._values = 0

    def value(self, node: yaml.Node, path: Location) -> Any:
        self._values += 1
        if self._values > VALUES_MAX or len(path) > DEPTH_MAX:
            raise _too_large(self.lines.source)
        self.lines.of.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(inner, (*path, i)) for i, inner in enumerate(node.value)]
        return self._scalar(node, path)

    def _pairs(self, node: yaml.MappingNode, path: Location) -> Iterator[tuple[Hashable, Any]]:
        seen = set()
        for key_node, inner in node.value:
            key = self._key(key_node, path)
            if key == MERGE_KEY and not key_node.style:  # in quotes it is a name as any
                self._fault(
                    key_node, path, f"{MERGE_KEY!r} does not merge here; write the keys out"
                )
                continue
            if key in seen:
                self._fault(key_node, path, f"{key!r} stands twice; keep one")
                continue
            seen.add(key)
            # What judges the value knows a number with a point as a step by its text.
            step = str(key) if isinstance(key, float) else key
            self.lines.of[(*path, step)] = key_node.start_mark.line + 1
            yield key, self.value(inner, (*path, step))

    def _key(self, node: yaml.Node, path: Location) -> Any:
        if isinstance(node, yaml.ScalarNode):
            key = self._scalar(node, path)
            return NullKey(node.value) if key is None else key  # null is a parameter's name
        self._fault(node, path, "a list or a mapping as a key; a key is a word or a number")
        return ""

    def _scalar(self, node: yaml.Node, path: Location) -> Any:
        text = _VARIABLE.sub(lambda m: self._variable(m, node, path), str(node.value))
        if _SURROGATE.search(text):
            self._fault(node, path, "half a surrogate pair in a text; write the whole character")
            return ""
        plain = isinstance(node, yaml.ScalarNode) and not node.style
        return parse_scalar(text) if plain else text

    def _variable(self, match: re.Match[str], node: yaml.Node, path: Location) -> str:
        escaped, name, default = match.groups()
        if escaped:
            return match[0][1:]
        found = self._environ.get(name) or default
        if found is None:
            state = "is empty" if name in self._environ else "is not set"
            self._fault(node, path, f"${{{name}}} {state}; set it, or write ${{{name}:-a default}}")
            return ""
        return found

    def _fault(self, node: yaml.Node, path: Location, what: str) -> None:
        shown = "".join(f"{step}: " for step in (".".join(str(s) for s in path),) if step)
        told = f"{self.lines.source}:{node.start_mark.line + 1}: {shown}{what}"
        self.faults.append(" ".join(told.splitlines()))


def parse_scalar(text: str) -> Any:
    """Return what a plain scalar means in YAML 1.2's core schema."""
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if _INT.fullmatch(text) and len(text) < 100:
        return int(text, 0) if text[1:2] in "xo" and len(text) > 1 else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(_SPECIAL_FLOATS[text]) if text in _SPECIAL_FLOATS else text


def read_yaml(text: str, source: str, environ: Mapping[str, str]) -> tuple[Any, LineIndex]:
    """Return the value of a YAML text, and the lines of all that is in it.

    `environ` is what ``${NAME}`` may name. Cost: O(text).

    Raises ScenarioError: not YAML (file, line, column), a key twice, a variable that is not set,
    a tag, several documents, or far too much; all such faults at once where that can be.
    """
    if len(text) > CHARACTERS_MAX:
        raise ScenarioError(f"{source}: over {CHARACTERS_MAX:,} characters; is it a scenario?")
    reader = _Constructor(source, environ)
    node = _compose(text, source)
    value = None if node is None else reader.value(node, ())
    if reader.faults:
        raise ScenarioError("\n".join(reader.faults))
    return value, reader.lines


def _compose(text: str, source: str) -> yaml.Node | None:
    with suppress(yaml.YAMLError, RecursionError, ValueError):
        return _compose_with(_FAST_LOADER, text, source)
    try:
        return _compose_with(_PYTHON_LOADER, text, source)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ScenarioError(f"{source}{at}: not YAML: {_syntax_message(e)}") from e
    except yaml.YAMLError as e:
        raise ScenarioError(f"{source}: not YAML: {str(e).splitlines()[0]}") from e
    except (RecursionError, ValueError) as e:
        raise ScenarioError(f"{source}: not YAML that can be read: {e}") from e


def _compose_with(loader: type[yaml.SafeLoader], text: str, source: str) -> yaml.Node | None:
    _check_events(loader, text, source)
    return yaml.compose(text, Loader=loader)


_SYNTAX_MESSAGES: Final = (
    (r"found character '\\t'", "a tab; indent with spaces"),
    (r"found character '(.)' that cannot", "a text that begins with {0!r}; put it in quotes"),
    (
        r"mapping values are not allowed",
        "a second ':' in a line; put a text that has one in quotes",
    ),
    (r"could not find expected ':'", "a key without ':'; add it"),
    (r"expected <block end>", "this does not fit the lines above; check the indentation"),
    (r"expected ',' or '(.)'", "'{0}' or ',' is missing; close what is open"),
    (r"found unexpected end of stream", "a quote that nothing closes; close it"),
    (r"found unknown escape character '(.)'", "'\\{0}' in double quotes; use single quotes"),
    (r"found undefined alias '(.*)'", "no anchor '&{0}' for '*{0}'"),
    (r"expected a single document", "a second document; a scenario is one file"),
)
"""What PyYAML says, by its beginning, and what is meant."""


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    """Return what is wrong about a text, and the way out, where we know better words."""
    problem = str(error.problem or error.context)
    told = f"{error.context or ''}; {problem}"
    for pattern, words in _SYNTAX_MESSAGES:
        if match := re.search(pattern, told):
            return words.format(*match.groups())
    return problem


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _too_large(source: str) -> ScenarioError:
    return ScenarioError(
        f"{source}: over {VALUES_MAX:,} values or {DEPTH_MAX} levels; is it a scenario?"
    )


def _check_events(loader: type[yaml.SafeLoader], text: str, source: str) -> None:
    """Refuse tags, and early what is far too much: PyYAML's time grows with the depth squared."""
    values = depth = 0
    for event in yaml.parse(text, Loader=loader):
        values += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if values > 2 * VALUES_MAX or depth > DEPTH_MAX + 1:  # keys are none of the values
            raise _too_large(source)
        tag = getattr(event, "tag", None)
        if tag is not None:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ScenarioError(
                f"{source}:{line}: the tag {_tag(tag)!r} means nothing here; remove it"
            )
