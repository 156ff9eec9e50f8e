"""The JSON Schema of a scenario file, for editors: made from the model, in the file's short forms.

Where the file cannot be told by a schema (which key of a mapping stands first), it lets more pass
than the program does. Holds no rule of its own: words, limits and descriptions are the model's.

Source: JSON Schema 2020-12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import GenerateJsonSchema

from gerador.scenario.fields import KINDS
from gerador.scenario.fields.declared import read_duration_s, read_share
from gerador.scenario.fields.written import FAKER, NUMBER_KINDS, written_number
from gerador.scenario.file.attribute_docs import attribute_docs
from gerador.scenario.file.model import TOPIC, Scenario, read_topic
from gerador.scenario.file.told_limits import with_limits
from gerador.scenario.file.values import CONTAINERS, written_value
from gerador.settings.texts import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic_core import core_schema

    from gerador.scenario.fields import Declared

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
VALUE: Final = "Value"
NUMBER: Final = "Number"
_FORM: Final = "x-form"
_FORMS: Final[dict[Callable[..., Any], str]] = {written_value: VALUE, written_number: NUMBER}
_READ_ROWS: Final = Rows.__metadata__[0].func  # type: ignore[attr-defined]
_TEXTS: Final[dict[Callable[..., Any], dict[str, Any]]] = {
    read_share: {"pattern": r"^\s*[0-9.]+%\s*$"},
    read_duration_s: {"pattern": r"^\s*\d+(\.\d+)?(ms|s|m|h|d)?\s*$"},
    _READ_ROWS: {"pattern": r"^\s*\d+(\.\d+)?[kM]?\s*$"},
    read_topic: {"pattern": TOPIC},
}
"""What reads texts in place of what the model holds, and which texts."""
_SHORT: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "choice": ({"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},),
}
"""Further forms of a kind's main parameter."""
_KEYWORDS: Final = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
}
"""Limits behind what reads texts, which pydantic leaves in its own words."""


def file_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    made = Scenario.model_json_schema(schema_generator=_FileForm)
    defs = {name: _tidy(inner) for name, inner in made.pop("$defs").items()}
    for kind in (*KINDS.values(), *CONTAINERS.values()):
        defs[kind.__name__] = _written(kind, defs[kind.__name__])
    defs[VALUE] = _value()
    defs[NUMBER] = _number()
    return {
        "$schema": DIALECT,
        **_tidy(made),
        "title": "Scenario",
        "$defs": dict(sorted(defs.items())),
    }


class _FileForm(GenerateJsonSchema):
    """The model's schema, marked where a file has another form than the model."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """Add the docstrings of attributes as descriptions."""
        made, model = super().model_schema(schema), schema["cls"]
        docs = attribute_docs(model)
        for name, field in model.model_fields.items():
            word = field.alias or name
            if name in docs and word in made["properties"]:
                made["properties"][word] = {
                    **made["properties"][word],
                    "description": docs[name],
                }
        return made

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> dict[str, Any]:
        """Mark values and numbers; add the texts that are read."""
        made = super().function_before_schema(schema)
        function: Callable[..., Any] = schema["function"]["function"]
        if function in _FORMS:
            return {_FORM: _FORMS[function], "of": made}
        if function in _TEXTS:
            return {"anyOf": [{"type": "string", **_TEXTS[function]}, made]}
        return made


def _tidy(node: Any) -> Any:
    """Return a schema without what only says the obvious, and with references to forms."""
    if isinstance(node, list):
        return [_tidy(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if _FORM in node:
        beside = {k: v for k, v in node.items() if k == "description"}
        return {"$ref": _ref(node[_FORM]), **beside}
    if isinstance(node.get("properties"), dict):
        inner = {name: with_limits(_tidy(said)) for name, said in node["properties"].items()}
        rest = {k: v for k, v in node.items() if k != "properties"}
        return {**_tidy(rest), "properties": inner}
    made = {_KEYWORDS.get(k, k): _tidy(v) for k, v in node.items() if not _is_noise(k, v)}
    return {**made, "additionalProperties": False} if "patternProperties" in node else made


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and (value is None or isinstance(value, dict))
    )


def _ref(name: str) -> str:
    return f"#/$defs/{name}"


def _written(kind: type[Declared], model: dict[str, Any]) -> dict[str, Any]:
    """Return how a kind is written as a mapping: ``{poisson: 2, min: 1}``, ``{text: {…}}``."""
    word = kind.model_fields["kind"].default
    parameters = {k: v for k, v in model["properties"].items() if k != "kind"}
    inner = {"type": "object", "properties": parameters, "additionalProperties": False}
    main = [] if kind.main is None else [parameters[kind.main], *_SHORT.get(word, ())]
    beside = {name: said for name, said in parameters.items() if name != word}
    needed = [_given(name, word, kind.main, parameters) for name in model.get("required", [])]
    what = {"description": model["description"]}
    return {
        "title": word,
        **what,
        "type": "object",
        "properties": {word: {**what, "anyOf": [*main, inner, {"type": "null"}]}, **beside},
        "required": [word],
        "additionalProperties": False,
        **({"allOf": needed} if needed else {}),
    }


def _given(name: str, word: str, main: str | None, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return where a parameter that must be given may stand."""
    inside = {"properties": {word: {"type": "object", "required": [name]}}}
    ways: list[dict[str, Any]] = [{"required": [name]}, inside]
    if name == main:
        forms = {"anyOf": [parameters[name], *_SHORT.get(word, ())]}
        alone = {"allOf": [forms, {"not": {"type": "null"}}]}
        ways.append({"properties": {word: alone}})
    return {"anyOf": ways}


def _value() -> dict[str, Any]:
    """Return what a field's value may be."""
    return {
        "title": "value",
        "description": "How a value is chosen: a kind's word, a mapping that begins with one, "
        "a number or boolean that is constant, or the fields of a record.",
        "anyOf": [
            {"enum": sorted(_words())},
            {"type": "string", "pattern": f"^{FAKER.replace('.', chr(92) + '.')}[A-Za-z_]"},
            {"type": ["number", "boolean"]},
            {
                "type": "object",
                "properties": {"null": _null(), "else": _else()},
                "required": ["null", "else"],
                "additionalProperties": False,
            },
            *({"$ref": _ref(kind.__name__)} for kind in _every_kind().values()),
            _record(),
        ],
    }


def _record() -> dict[str, Any]:
    """Return the fields of a record: no kind among them, or a name that means nothing else."""
    parameters = {name for kind in _every_kind().values() for name in kind.model_fields}
    known = sorted({*_every_kind(), *parameters, "else"})
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": _ref(VALUE)},
        "anyOf": [
            {"propertyNames": {"not": {"enum": sorted([*_every_kind(), "else"])}}},
            {"not": {"propertyNames": {"enum": known}}},
        ],
    }


def _number() -> dict[str, Any]:
    """Return what may stand where a number stands."""
    return {
        "title": "number",
        "description": "A number, or a distribution that every row draws its own from.",
        "anyOf": [
            {"type": "number"},
            {"enum": sorted(_words() & set(NUMBER_KINDS))},
            *({"$ref": _ref(KINDS[word].__name__)} for word in NUMBER_KINDS),
        ],
    }


def _every_kind() -> dict[str, type[Declared]]:
    return KINDS | CONTAINERS


def _words() -> set[str]:
    """Return the kinds that need no parameter."""
    return {word for word, kind in _every_kind().items() if not any(_needed(kind))}


def _needed(kind: type[Declared]) -> Iterator[str]:
    return (name for name, field in kind.model_fields.items() if field.is_required())


def _null() -> dict[str, Any]:
    said = {
        "description": "Share of nulls, as 0.7 or 70%.",
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", **_TEXTS[read_share]},
        ],
    }
    return dict(with_limits(said))


def _else() -> dict[str, Any]:
    return {"description": "How a value is chosen where it is not null.", "$ref": _ref(VALUE)}
