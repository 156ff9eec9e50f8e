"""Write plain values as compact YAML that is read as the same values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from gerador.scenario.yaml_reader import NullKey, parse_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator


COLUMNS: Final = 100
_WIDTH_UNLIMITED: Final = 2**31
_VARIABLE: Final = re.compile(r"\$(?=\{)")
_LINE_BREAKS: Final = ("\n", "\r", "\x85", "\u2028", "\u2029")
_BLOCK_LEVELS: Final = 3
"""Levels that always have one key per line: the file, its streams, a stream."""
_TAG: Final = "tag:yaml.org,2002:"
_TAGS: Final = {bool: "bool", int: "int", float: "float", type(None): "null"}


class _Dumper(yaml.SafeDumper):
    """Quotes text that would be read as a number, a boolean or null by YAML 1.2 or 1.1."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Write repeated values out instead of using anchors and aliases."""
        return True

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a plain scalar."""
        if kind is not yaml.ScalarNode or not implicit[0]:
            return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        meant = parse_scalar(value)
        if not isinstance(meant, str):
            return _TAG + _TAGS[type(meant)]
        other = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        return f"{_TAG}str" if other == f"{_TAG}timestamp" else other

    def represent_mapping(self, tag: str, mapping: Any, flow_style: Any = None) -> yaml.MappingNode:
        """Write the key `null` without quotes: as a key it is read as text."""
        node = super().represent_mapping(tag, mapping, flow_style)
        for key, _ in node.value:
            if key.value == "null":
                key.tag = f"{_TAG}null"
        return node


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(line_break in text for line_break in _LINE_BREAKS) else None
    return dumper.represent_scalar(f"{_TAG}str", _VARIABLE.sub("$$", text), style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(NullKey, _text)


def to_yaml(value: dict[str, Any]) -> str:
    """Return a mapping of text to plain values as YAML."""
    return "".join(f"{line}\n" for line in _lines(value, 0))


def _lines(value: dict[str, Any], level: int) -> Iterator[str]:
    pad = "  " * level
    for key, inner in value.items():
        block = isinstance(inner, dict) and bool(inner)
        text = _flow(inner) if isinstance(inner, dict | list) else _single_value(inner)
        flow = f"{pad}{_flow(key)}: {text}"
        if block and (
            level < _BLOCK_LEVELS - 1 or len(flow) > COLUMNS or _is_field_mapping(key, level)
        ):
            yield f"{pad}{_flow(key)}:"
            yield from _lines(inner, level + 1)
        else:
            yield flow


def _is_field_mapping(key: Any, level: int) -> bool:
    return level == _BLOCK_LEVELS - 1 and key in {"fields", "let"}


def _flow(value: Any) -> str:
    """Return a value in one line for a flow collection."""
    return _dump([value]).strip(" \n").removeprefix("[").removesuffix("]")


def _single_value(value: Any) -> str:
    """Return a scalar as the value of a block key."""
    return _dump(value).strip(" \n").removesuffix("\n...")


def _dump(value: Any) -> str:
    return yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=_WIDTH_UNLIMITED,
    )
