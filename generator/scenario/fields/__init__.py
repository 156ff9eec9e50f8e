"""What can be declared about a field: how its values are chosen.

Frozen, strict declarations with a `kind` word each, as they stand in a scenario file. Holds no
values, no randomness and no Arrow; whether a declaration suits a field is judged in `fit`.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import Discriminator

from generator.scenario.fields.bounded import (
    BetaField,
    LoguniformField,
    TriangularField,
    UniformField,
    ZipfField,
)
from generator.scenario.fields.counted import SequenceField, TurnsField
from generator.scenario.fields.declared import NULL_SHARE, Declared
from generator.scenario.fields.geo import LatitudeField, LongitudeField
from generator.scenario.fields.keyed import StatesField, WalkField
from generator.scenario.fields.laws import (
    ExponentialField,
    LognormalField,
    NormalField,
    PoissonField,
)
from generator.scenario.fields.listed import ChoiceField, ConstantField
from generator.scenario.fields.nested import (
    DigitsField,
    LengthField,
    PythonField,
    SqlField,
    WholeField,
)
from generator.scenario.fields.numbers import Number
from generator.scenario.fields.random_texts import BytesField, RegexField, TextField
from generator.scenario.fields.related import FromField
from generator.scenario.fields.spans import SpanField
from generator.scenario.fields.texts import (
    BooleanField,
    FakerField,
    GenerationIdField,
    IpField,
    SymbolField,
    TemplateField,
    UuidField,
)
from generator.scenario.fields.times import (
    CalendarField,
    DateField,
    EventTimeField,
    OffsetField,
    TimestampField,
)
from generator.scenario.fields.together import TogetherField
from generator.scenario.fields.written import register

FieldSpec: TypeAlias = Annotated[
    BetaField
    | BooleanField
    | BytesField
    | CalendarField
    | ChoiceField
    | ConstantField
    | DateField
    | DigitsField
    | EventTimeField
    | ExponentialField
    | FakerField
    | FromField
    | GenerationIdField
    | IpField
    | LatitudeField
    | LengthField
    | LognormalField
    | LoguniformField
    | LongitudeField
    | NormalField
    | OffsetField
    | PoissonField
    | PythonField
    | RegexField
    | SequenceField
    | SpanField
    | SqlField
    | StatesField
    | SymbolField
    | TemplateField
    | TextField
    | TimestampField
    | TogetherField
    | TriangularField
    | TurnsField
    | UniformField
    | UuidField
    | WalkField
    | WholeField
    | ZipfField,
    Discriminator("kind"),
]

KINDS: Final[dict[str, type[Declared]]] = {
    kind.model_fields["kind"].default: kind
    for kind in FieldSpec.__origin__.__args__  # type: ignore[attr-defined]
}
"""Every kind of declaration by its word."""

register(KINDS)

__all__ = [
    "KINDS",
    "NULL_SHARE",
    "BetaField",
    "BooleanField",
    "BytesField",
    "CalendarField",
    "ChoiceField",
    "ConstantField",
    "DateField",
    "Declared",
    "DigitsField",
    "EventTimeField",
    "ExponentialField",
    "FakerField",
    "FieldSpec",
    "FromField",
    "GenerationIdField",
    "IpField",
    "LatitudeField",
    "LengthField",
    "LognormalField",
    "LoguniformField",
    "LongitudeField",
    "NormalField",
    "Number",
    "OffsetField",
    "PoissonField",
    "PythonField",
    "RegexField",
    "SequenceField",
    "SpanField",
    "SqlField",
    "StatesField",
    "SymbolField",
    "TemplateField",
    "TextField",
    "TimestampField",
    "TogetherField",
    "TriangularField",
    "TurnsField",
    "UniformField",
    "UuidField",
    "WalkField",
    "WholeField",
    "ZipfField",
]
