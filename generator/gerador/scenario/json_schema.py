"""The JSON Schema of scenario files, for editors; descriptions are docstrings and limits."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import GenerateJsonSchema

from gerador.scenario.model import TOPIC_PATTERN, Scenario, read_schema_paths, read_topic
from gerador.scenario.nested_values import CONTAINERS, expand_value
from gerador.settings.value_types import RowCount
from gerador.values import GENERATORS
from gerador.values.declaration import parse_duration_s, parse_share
from gerador.values.shorthand import FAKER_PREFIX, expand_number, registered_distributions
from gerador.values.time_offset import parse_offset_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic_core import core_schema

    from gerador.values.declaration import ValueGenerator


def attribute_docstrings(model: type) -> dict[str, str]:
    """Return the docstring of each attribute of a class, inherited ones included."""
    found: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if owner.__module__.partition(".")[0] == __name__.partition(".")[0]:
            found |= _module_docstrings(owner.__module__).get(owner.__qualname__, {})
    return found


@cache
def _module_docstrings(module: str) -> dict[str, dict[str, str]]:
    """Return the docstrings of a module's top-level classes, by class and attribute."""
    file = sys.modules[module].__file__
    tree = ast.parse(Path(str(file)).read_text("utf-8"))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: dict(_class_docstrings(node)) for node in classes}


def _class_docstrings(node: ast.ClassDef) -> list[tuple[str, str]]:
    """Return the attributes that are followed by a docstring, with that docstring."""
    return [
        (declared.target.id, inspect.cleandoc(text.value.value))
        for declared, text in pairwise(node.body)
        if isinstance(declared, ast.AnnAssign)
        and isinstance(declared.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    ]


_COUNT_KEYWORDS: Final = (
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "items"),
    ("minProperties", "maxProperties", "entries"),
)


def describe_limits(schema: Any) -> Any:
    """Return the schema of a property with its limits added to its description."""
    forms = _alternatives(schema)
    limits = ", ".join(dict.fromkeys(text for form in forms for text in _limit_texts(form)))
    if not limits or "description" not in schema:
        return schema
    description = f"{schema['description']} {limits[0].upper()}{limits[1:]}."
    return {**schema, "description": description}


def _alternatives(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and its alternatives, without references and nested schemas."""
    if isinstance(schema, dict):
        yield schema
        for inner in schema.get("anyOf", ()):
            yield from _alternatives(inner)


def _limit_texts(form: dict[str, Any]) -> Iterator[str]:
    text = _range_text(form)
    if text:
        yield text
    for least, most, unit in _COUNT_KEYWORDS:
        if most in form:
            yield f"{form.get(least, 0):,} to {form[most]:,} {unit}"
        elif form.get(least, 0) > 1:
            yield f"at least {form[least]:,} {unit}"


def _range_text(form: dict[str, Any]) -> str:
    low, high = _limit_text(form, "minimum"), _limit_text(form, "maximum")
    above, below = _limit_text(form, "exclusiveMinimum"), _limit_text(form, "exclusiveMaximum")
    start = f"from {low}" if low else f"above {above}" if above else ""
    if not (high or below):
        return f"{low} or more" if low else start
    end = f"to {high}" if high else f"to below {below}"
    return f"{start} {end}" if start else f"at most {high}" if high else f"below {below}"


def _limit_text(form: dict[str, Any], keyword: str) -> str:
    return f"{form[keyword]:,}".removesuffix(".0") if keyword in form else ""


DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
VALUE_DEFINITION: Final = "Value"
NUMBER_DEFINITION: Final = "Number"
OFFSET_DEFINITION: Final = "Offset"
"""Seconds, also as durations: a number, a text, or a distribution of these."""
_REFERENCE_KEY: Final = "x-form"
_REFERENCES: Final[dict[Callable[..., Any], str]] = {
    expand_value: VALUE_DEFINITION,
    expand_number: NUMBER_DEFINITION,
    parse_offset_s: OFFSET_DEFINITION,
}
_READ_ROWS: Final = RowCount.__metadata__[0].func  # type: ignore[attr-defined]
_OTHER_FORMS: Final[dict[Callable[..., Any], dict[str, Any]]] = {
    parse_share: {"type": "string", "pattern": r"^\s*[0-9.]+%\s*$"},
    parse_duration_s: {"type": "string", "pattern": r"^\s*\d+(\.\d+)?(ms|s|m|h|d)?\s*$"},
    _READ_ROWS: {"type": "string", "pattern": r"^\s*\d+(\.\d+)?[kM]?\s*$"},
    read_topic: {"type": "string", "pattern": TOPIC_PATTERN},
    read_schema_paths: {"type": "array", "items": {"type": "string"}, "minItems": 1},
}
"""Validators that read another form than the model's type, and the schema of that form."""
_SHORT_FORMS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "choice": ({"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},),
}
"""Further forms of a generator's main parameter."""
_KEYWORDS: Final = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
}
"""JSON Schema names of limits after a validator, which pydantic does not translate."""


def scenario_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    schema = Scenario.model_json_schema(schema_generator=_SchemaGenerator)
    defs = {name: _simplify(inner) for name, inner in schema.pop("$defs").items()}
    for distribution in registered_distributions().values():
        of_seconds = _offset_model(distribution, defs[distribution.__name__])
        defs[_offset_name(distribution)] = _kind_schema(distribution, of_seconds)
    for kind in (*GENERATORS.values(), *CONTAINERS.values()):
        defs[kind.__name__] = _kind_schema(kind, defs[kind.__name__])
    defs[VALUE_DEFINITION] = _value_schema()
    defs[NUMBER_DEFINITION] = _number_schema()
    defs[OFFSET_DEFINITION] = _offset_schema()
    return {
        "$schema": DIALECT,
        **_simplify(schema),
        "title": "Scenario",
        "$defs": dict(sorted(defs.items())),
    }


class _SchemaGenerator(GenerateJsonSchema):
    """Generates the model's schema; marks where a file has another form than the model."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """Add the docstrings of attributes as descriptions."""
        generated, model = super().model_schema(schema), schema["cls"]
        properties, docs = generated["properties"], attribute_docstrings(model)
        for name, field in model.model_fields.items():
            key = field.alias or name
            if name in docs and key in properties:
                properties[key] = {**properties[key], "description": docs[name]}
        return generated

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> dict[str, Any]:
        """Mark values and numbers; add the other forms that a validator reads."""
        generated = super().function_before_schema(schema)
        function: Callable[..., Any] = schema["function"]["function"]
        if function in _REFERENCES:
            return {_REFERENCE_KEY: _REFERENCES[function], "of": generated}
        if function in _OTHER_FORMS:
            return {"anyOf": [_OTHER_FORMS[function], generated]}
        return generated


def _simplify(node: Any) -> Any:
    """Return a schema without redundant titles and defaults, and with references resolved."""
    if isinstance(node, list):
        return [_simplify(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if _REFERENCE_KEY in node:
        description = {k: v for k, v in node.items() if k == "description"}
        return {"$ref": _definition_ref(node[_REFERENCE_KEY]), **description}
    if isinstance(node.get("properties"), dict):
        inner = {
            name: describe_limits(_simplify(schema)) for name, schema in node["properties"].items()
        }
        rest = {k: v for k, v in node.items() if k != "properties"}
        return {**_simplify(rest), "properties": inner}
    kept = {_KEYWORDS.get(k, k): _simplify(v) for k, v in node.items() if not _is_redundant(k, v)}
    return {**kept, "additionalProperties": False} if "patternProperties" in node else kept


def _is_redundant(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and (value is None or isinstance(value, dict))
    )


def _definition_ref(name: str) -> str:
    return f"#/$defs/{name}"


def _kind_schema(kind: type[ValueGenerator], model: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a generator as a mapping: ``{poisson: 2, min: 1}``, ``{text: {…}}``."""
    name = kind.model_fields["kind"].default
    parameters = {k: v for k, v in model["properties"].items() if k != "kind"}
    inner = {"type": "object", "properties": parameters, "additionalProperties": False}
    main = kind.main_parameter
    forms = [] if main is None else [parameters[main], *_SHORT_FORMS.get(name, ())]
    others = {key: schema for key, schema in parameters.items() if key != name}
    required = [
        _required_parameter(key, name, forms if key == main else [])
        for key in model.get("required", [])
    ]
    description = {"description": model["description"]}
    return {
        "title": name,
        **description,
        "type": "object",
        "properties": {name: {**description, "anyOf": [*forms, inner, {"type": "null"}]}, **others},
        "required": [name],
        "additionalProperties": False,
        **({"allOf": required} if required else {}),
    }


def _required_parameter(key: str, kind: str, forms: list[dict[str, Any]]) -> dict[str, Any]:
    """Return where a required parameter may be: next to the kind, inside it, or as its value.

    `forms` are those of the main parameter, which can be the value of the kind.
    """
    inside = {"properties": {kind: {"type": "object", "required": [key]}}}
    places: list[dict[str, Any]] = [{"required": [key]}, inside]
    if forms:
        alone = {"allOf": [{"anyOf": forms}, {"not": {"type": "null"}}]}
        places.append({"properties": {kind: alone}})
    return {"anyOf": places}


def _value_schema() -> dict[str, Any]:
    """Return the schema of a field's value."""
    return {
        "title": "value",
        "description": "A value generator: its name, a mapping with its name, "
        "or a constant number or boolean.",
        "anyOf": [
            {"enum": sorted(_kinds_without_parameters())},
            {"type": "string", "pattern": f"^{FAKER_PREFIX.replace('.', chr(92) + '.')}[A-Za-z_]"},
            {"type": ["number", "boolean"]},
            {
                "type": "object",
                "properties": {"null": _null_schema(), "else": _else_schema()},
                "required": ["null", "else"],
                "additionalProperties": False,
            },
            *({"$ref": _definition_ref(kind.__name__)} for kind in _all_kinds().values()),
        ],
    }


def _number_schema() -> dict[str, Any]:
    """Return the schema of a number parameter."""
    distributions = registered_distributions()
    return {
        "title": "number",
        "description": "A number, or a distribution from which each row draws one.",
        "anyOf": [
            {"type": "number"},
            {"enum": sorted(_kinds_without_parameters() & distributions.keys())},
            *({"$ref": _definition_ref(kind.__name__)} for kind in distributions.values()),
        ],
    }


_OFFSET_PATTERN: Final = r"^\s*-?\d+(\.\d+)?(ms|s|m|h|d)?\s*$"


def _offset_schema() -> dict[str, Any]:
    """Return the schema of the number of seconds of an offset."""
    number = _number_schema()
    kinds = registered_distributions().values()
    return {
        "title": "offset",
        "description": "Seconds, a duration such as 2h or -2h, or a distribution of them.",
        "anyOf": [
            {"type": "string", "pattern": _OFFSET_PATTERN},
            *(form for form in number["anyOf"] if "$ref" not in form),
            *({"$ref": _definition_ref(_offset_name(kind))} for kind in kinds),
        ],
    }


def _offset_name(distribution: type[ValueGenerator]) -> str:
    return f"{distribution.__name__}{OFFSET_DEFINITION}"


def _offset_model(distribution: type[ValueGenerator], model: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a distribution whose parameters in seconds may be durations."""
    properties = {
        name: schema if name in distribution.unitless else _with_offsets(schema)
        for name, schema in model["properties"].items()
    }
    return {**model, "properties": properties}


def _with_offsets(node: Any) -> Any:
    """Return a schema in which numbers are those of offsets, also in lists."""
    if isinstance(node, list):
        return [_with_offsets(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if node.get("$ref") == _definition_ref(NUMBER_DEFINITION):
        return {**node, "$ref": _definition_ref(OFFSET_DEFINITION)}
    if node.get("type") == "number":
        return {"anyOf": [node, {"type": "string", "pattern": _OFFSET_PATTERN}]}
    return {key: _with_offsets(inner) for key, inner in node.items()}


def _all_kinds() -> dict[str, type[ValueGenerator]]:
    return GENERATORS | CONTAINERS


def _kinds_without_parameters() -> set[str]:
    """Return the kinds that have no required parameter."""
    return {
        name
        for name, kind in _all_kinds().items()
        if not any(field.is_required() for field in kind.model_fields.values())
    }


def _null_schema() -> dict[str, Any]:
    share = {
        "description": "Share of nulls, such as 0.7 or 70%.",
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            _OTHER_FORMS[parse_share],
        ],
    }
    return dict(describe_limits(share))


def _else_schema() -> dict[str, Any]:
    return {
        "description": "Value generator of the values that are not null.",
        "$ref": _definition_ref(VALUE_DEFINITION),
    }
