"""The body of PATCH /streams/{name}: JSON that says each thing once, told as a scenario's file is.

What a rate or a time may be is judged by who steers; here is only what JSON can be wrong about.
"""

import json
from collections import Counter
from typing import Annotated, Any, Final

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from gerador.api.answers import NO_JSON, UNREADABLE_JSON
from gerador.api.queries import refused, shown
from gerador.errors import did_you_mean

_JSON: Final = "application/json"
_EXAMPLE: Final = '{"rate": 500}'
_WORD_CHARACTERS_MAX: Final = 40
"""Of a rate or a time as it is written."""


class NewRate(BaseModel):
    """How fast rows are to fall due from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: Annotated[
        float | str,
        Field(
            description='Rows per second: 500, "10k", "1.5M", or "max".',
            examples=[500, "10k", "max"],
        ),
    ]
    over: Annotated[
        float | str | None,
        Field(
            description='Ramp there from the rate of this moment: "2m", "500ms", or seconds.',
            examples=["2m", 30],
        ),
    ] = None


DOCUMENTED: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {_JSON: {"schema": NewRate.model_json_schema()}},
    }
}
"""What the OpenAPI document says of the body."""


async def new_rate(request: Request) -> NewRate:
    """Read a request's body. Answers 422 to what is no such object of JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != _JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise refused(NO_JSON)
    given = _object(body)
    for word in given:
        if word not in NewRate.model_fields:
            near = did_you_mean(word, NewRate.model_fields)
            raise refused(f"unknown word {shown(word)}{near}; there is rate, over")
    if given.get("rate") is None:
        raise refused(f"'rate' is missing; give it, like {_EXAMPLE}")
    for word, value in given.items():
        _check_size(word, value)
    return NewRate.model_construct(**given)


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as e:  # also digits or levels without end
        raise refused(UNREADABLE_JSON) from e
    if not isinstance(given, dict):
        raise refused(f"{shown(json.dumps(given))} is no object; send one, like {_EXAMPLE}")
    return given


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        [(twice, _)] = Counter(word for word, _ in pairs).most_common(1)
        raise refused(f"{shown(twice)} stands twice; keep one")
    return given


def _check_size(word: str, value: Any) -> None:
    """Refuse what is no single value, and what is too long to be told back."""
    if isinstance(value, dict | list):
        example = "500/s or max; shapes are for a scenario's file" if word == "rate" else "2m or 30"
        raise refused(f"{word} is one value here, like {example}")
    text = str(value)
    if len(text) > _WORD_CHARACTERS_MAX:
        raise refused(f"{word} {shown(text)}: over {_WORD_CHARACTERS_MAX} characters; round it")
