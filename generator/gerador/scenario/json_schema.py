"""The JSON Schema of scenario files, for editors: generated from the model, with attribute docstrings and limits as descriptions."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import GenerateJsonSchema

from gerador.scenario.model import TOPIC_PATTERN, Scenario, read_topic
from gerador.scenario.nested_values import CONTAINERS, expand_value
from gerador.settings.value_types import RowCount
from gerador.values import GENERATORS
from gerador.values.declaration import parse_duration_s, parse_share
from gerador.values.shorthand import DISTRIBUTION_KINDS, FAKER_PREFIX, expand_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic_core import core_schema

    from gerador.values.declaration import ValueGenerator


def attribute_docstrings(model: type) -> dict[str, str]:
    """Return the docstring of each attribute of a class, or the one that it inherits."""
    found: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if owner.__module__.partition(".")[0] == __name__.partition(".")[0]:
            found |= _module_docstrings(owner.__module__).get(owner.__qualname__, {})
    return found


@cache
def _module_docstrings(module: str) -> dict[str, dict[str, str]]:
    """Return the docstrings of the classes at the top of a module, by class and attribute."""
    file = sys.modules[module].__file__
    tree = ast.parse(Path(str(file)).read_text("utf-8"))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: dict(_class_docstrings(node)) for node in classes}


def _class_docstrings(node: ast.ClassDef) -> list[tuple[str, str]]:
    """Return the attributes behind which a text stands, with that text."""
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


def describe_limits(said: Any) -> Any:
    """Return the schema of a property with its limits told at the end of its description."""
    told = ", ".join(
        dict.fromkeys(text for form in _alternatives(said) for text in _limit_texts(form))
    )
    if not told or "description" not in said:
        return said
    return {**said, "description": f"{said['description']} {told[0].upper()}{told[1:]}."}


def _alternatives(said: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and the forms that it may have, but for what they refer to or hold."""
    if isinstance(said, dict):
        yield said
        for inner in said.get("anyOf", ()):
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
_REFERENCE_KEY: Final = "x-form"
_REFERENCES: Final[dict[Callable[..., Any], str]] = {
    expand_value: VALUE_DEFINITION,
    expand_number: NUMBER_DEFINITION,
}
_READ_ROWS: Final = RowCount.__metadata__[0].func  # type: ignore[attr-defined]
_TEXT_PATTERNS: Final[dict[Callable[..., Any], dict[str, Any]]] = {
    parse_share: {"pattern": r"^\s*[0-9.]+%\s*$"},
    parse_duration_s: {"pattern": r"^\s*\d+(\.\d+)?(ms|s|m|h|d)?\s*$"},
    _READ_ROWS: {"pattern": r"^\s*\d+(\.\d+)?[kM]?\s*$"},
    read_topic: {"pattern": TOPIC_PATTERN},
}
"""What reads texts in place of what the model holds, and which texts."""
_SHORT_FORMS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
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


def scenario_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    made = Scenario.model_json_schema(schema_generator=_SchemaGenerator)
    defs = {name: _simplify(inner) for name, inner in made.pop("$defs").items()}
    for kind in (*GENERATORS.values(), *CONTAINERS.values()):
        defs[kind.__name__] = _kind_schema(kind, defs[kind.__name__])
    defs[VALUE_DEFINITION] = _value_schema()
    defs[NUMBER_DEFINITION] = _number_schema()
    return {
        "$schema": DIALECT,
        **_simplify(made),
        "title": "Scenario",
        "$defs": dict(sorted(defs.items())),
    }


class _SchemaGenerator(GenerateJsonSchema):
    """The model's schema, marked where a file has another form than the model."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """Add the docstrings of attributes as descriptions."""
        made, model = super().model_schema(schema), schema["cls"]
        docs = attribute_docstrings(model)
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
        if function in _REFERENCES:
            return {_REFERENCE_KEY: _REFERENCES[function], "of": made}
        if function in _TEXT_PATTERNS:
            return {"anyOf": [{"type": "string", **_TEXT_PATTERNS[function]}, made]}
        return made


def _simplify(node: Any) -> Any:
    """Return a schema without what only says the obvious, and with references to forms."""
    if isinstance(node, list):
        return [_simplify(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if _REFERENCE_KEY in node:
        beside = {k: v for k, v in node.items() if k == "description"}
        return {"$ref": _definition_ref(node[_REFERENCE_KEY]), **beside}
    if isinstance(node.get("properties"), dict):
        inner = {
            name: describe_limits(_simplify(said)) for name, said in node["properties"].items()
        }
        rest = {k: v for k, v in node.items() if k != "properties"}
        return {**_simplify(rest), "properties": inner}
    made = {_KEYWORDS.get(k, k): _simplify(v) for k, v in node.items() if not _is_noise(k, v)}
    return {**made, "additionalProperties": False} if "patternProperties" in node else made


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and (value is None or isinstance(value, dict))
    )


def _definition_ref(name: str) -> str:
    return f"#/$defs/{name}"


def _kind_schema(kind: type[ValueGenerator], model: dict[str, Any]) -> dict[str, Any]:
    """Return how a kind is written as a mapping: ``{poisson: 2, min: 1}``, ``{text: {…}}``."""
    word = kind.model_fields["kind"].default
    parameters = {k: v for k, v in model["properties"].items() if k != "kind"}
    inner = {"type": "object", "properties": parameters, "additionalProperties": False}
    main = [] if kind.main is None else [parameters[kind.main], *_SHORT_FORMS.get(word, ())]
    beside = {name: said for name, said in parameters.items() if name != word}
    needed = [
        _required_parameter(name, word, kind.main, parameters) for name in model.get("required", [])
    ]
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


def _required_parameter(
    name: str, word: str, main: str | None, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Return where a parameter that must be given may stand."""
    inside = {"properties": {word: {"type": "object", "required": [name]}}}
    ways: list[dict[str, Any]] = [{"required": [name]}, inside]
    if name == main:
        forms = {"anyOf": [parameters[name], *_SHORT_FORMS.get(word, ())]}
        alone = {"allOf": [forms, {"not": {"type": "null"}}]}
        ways.append({"properties": {word: alone}})
    return {"anyOf": ways}


def _value_schema() -> dict[str, Any]:
    """Return what a field's value may be."""
    return {
        "title": "value",
        "description": "How a value is chosen: a kind's word, a mapping that begins with one, "
        "a number or boolean that is constant, or the fields of a record.",
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
            _record_schema(),
        ],
    }


def _record_schema() -> dict[str, Any]:
    """Return the fields of a record: no kind among them, or a name that means nothing else."""
    parameters = {name for kind in _all_kinds().values() for name in kind.model_fields}
    known = sorted({*_all_kinds(), *parameters, "else"})
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": _definition_ref(VALUE_DEFINITION)},
        "anyOf": [
            {"propertyNames": {"not": {"enum": sorted([*_all_kinds(), "else"])}}},
            {"not": {"propertyNames": {"enum": known}}},
        ],
    }


def _number_schema() -> dict[str, Any]:
    """Return what may stand where a number stands."""
    return {
        "title": "number",
        "description": "A number, or a distribution that every row draws its own from.",
        "anyOf": [
            {"type": "number"},
            {"enum": sorted(_kinds_without_parameters() & set(DISTRIBUTION_KINDS))},
            *({"$ref": _definition_ref(GENERATORS[word].__name__)} for word in DISTRIBUTION_KINDS),
        ],
    }


def _all_kinds() -> dict[str, type[ValueGenerator]]:
    return GENERATORS | CONTAINERS


def _kinds_without_parameters() -> set[str]:
    """Return the kinds that need no parameter."""
    return {word for word, kind in _all_kinds().items() if not any(_required_parameters(kind))}


def _required_parameters(kind: type[ValueGenerator]) -> Iterator[str]:
    return (name for name, field in kind.model_fields.items() if field.is_required())


def _null_schema() -> dict[str, Any]:
    said = {
        "description": "Share of nulls, as 0.7 or 70%.",
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", **_TEXT_PATTERNS[parse_share]},
        ],
    }
    return dict(describe_limits(said))


def _else_schema() -> dict[str, Any]:
    return {
        "description": "How a value is chosen where it is not null.",
        "$ref": _definition_ref(VALUE_DEFINITION),
    }
