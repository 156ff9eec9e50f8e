"""The tables of docs/scenario.md: `python -m tests.docs.scenario_kinds` prints them anew."""

from __future__ import annotations

import inspect
import json
import re
import tempfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gerador
from gerador.scenario.json_schema import attribute_docstrings
from gerador.scenario.model import Scenario, StreamModel, TopicModel, keys_of
from gerador.scenario.nested_values import CONTAINERS
from gerador.values import GENERATORS
from gerador.values.declaration import ValueGenerator

if TYPE_CHECKING:
    from pydantic import BaseModel

ROWS_SHOWN: Final = 3
COLUMNS_SHOWN: Final = 70
EXAMPLES: Final = {
    "uniform": "{uniform: {min: 1, max: 6}}",
    "normal": "{normal: {mean: 170, sd: 8, decimals: 0}}",
    "lognormal": "{lognormal: {median: 80, sigma: 0.6, decimals: 2}}",
    "loguniform": "{loguniform: {min: 1, max: 1000, decimals: 0}}",
    "exponential": "{exponential: 30, decimals: 1}",
    "poisson": "{poisson: 2, min: 1}",
    "zipf": "{zipf: 1.2, max: 100}",
    "beta": "{beta: {a: 2, b: 5, decimals: 2}}",
    "triangular": "{triangular: {min: 1, mode: 2, max: 9, decimals: 1}}",
    "span": "{span: {min: 0, max: 1}}",
    "sequence": "{sequence: 100, step: 10}",
    "turns": "{turns: 3}",
    "constant": "{constant: BRL}",
    "choice": "{choice: {SP: 46, RJ: 17, MG: 21}}",
    "together": "{together: [SP, RJ], address: ~cidades}",
    "boolean": "{boolean: 20%}",
    "uuid": "uuid",
    "generation_id": "generation_id",
    "faker": "faker.name",
    "regex": '{regex: "[A-Z]{3}-[0-9]{4}"}',
    "text": "{text: {length_min: 5, length_max: 5}}",
    "template": '{template: "{nome|first|lower|ascii}@loja.br"}',
    "ip": "{ip: 10.0.0.0/8}",
    "latitude": "{latitude: {min: -24, max: -23}}",
    "longitude": "{longitude: {min: -47, max: -46}}",
    "bytes": "{bytes: {length_min: 2, length_max: 2}}",
    "event_time": "event_time",
    "timestamp": "{timestamp: {after: 2026-01-01, before: 2026-02-01}}",
    "date": "{date: {first: 1990-01-01, last: 2005-12-31}}",
    "offset": "{offset: event_time, by: {uniform: {min: 30, max: 90}}}",
    "calendar": "calendar",
    "from": "{from: clientes.uf, skew: {zipf: 1.2}}",
    "walk": "{walk: {per: aparelho, mean: 20, spread: 5, step: 0.2, decimals: 1}}",
    "states": "{states: {novo: {to: {pago: 9, nada: 1}}, pago: {}, nada: {}}, per: aparelho}",
    "sql": '{sql: "n * 2 + 1"}',
    "python": "{python: meu_pacote}",
    "digits": "{digits: , type: 'decimal(6,2)'}",
    "array": "{array: {of: {turns: 9}, length: {poisson: 2}}}",
    "map": "{map: {of: {turns: 9}, length: 1}}",
    "record": "{record: {rua: faker.street_name, numero: {uniform: {min: 1, max: 99}}}}",
    "union": "{union: [{turns: 9}, {constant: nada}], weights: [3, 1]}",
    "symbol": "symbol",
    "length": "{length: {poisson: 3}}",
    "whole": "{whole: {weights: [9, 1]}}",
}
"""One for each kind."""
WITH_A_SCHEMA: Final = frozenset({"symbol", "length", "whole", "python"})
"""Kinds whose example does not stand alone: it needs a schema's type, or a function."""
AROUND: Final = """\
seed: 42
start: 2026-01-01T00:00:00Z
streams:
  s:
    rate: 1/s
    rows: 50
    fields:
      nome: faker.name
      n: {{sequence: 1}}
      aparelho: {{turns: 3}}
      x: {example}
  clientes:
    rows: 100
    fields: {{uf: {{choice: [SP, RJ, MG]}}}}
"""


def scenario_of(kind: str) -> str:
    """Return a whole scenario around the example of a kind: its field is `x` of stream `s`."""
    return AROUND.format(example=EXAMPLES[kind])


def kind_rows() -> list[str]:
    """Return a line for each kind: word, what it is, example, the first values of it."""
    return [
        f"| `{word}` | {_first(kind)} | `{_cell(EXAMPLES[word])}` | {given(word)} |"
        for word, kind in {**GENERATORS, **CONTAINERS}.items()
    ]


def given(kind: str) -> str:
    """Return the first values of a kind's example, as a table shows them."""
    if kind in WITH_A_SCHEMA:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "s.yaml"
        file.write_text(scenario_of(kind), "utf-8")
        values = gerador.streams(file)["s"].rows(0, ROWS_SHOWN).column("x").to_pylist()
    shown = [_shown(value) for value in values]
    while len(shown) > 1 and len(", ".join(shown)) > COLUMNS_SHOWN:
        shown.pop()
    return f"`{_cell(', '.join(shown))}`"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, str | bytes | date | Decimal):
        return _plain(value)
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _first(kind: type[ValueGenerator]) -> str:
    """Return the first sentence of a kind's docstring."""
    text = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    return _cell(text.replace("``", "`"))


def word_rows(model: type[BaseModel]) -> list[str]:
    """Return a line for each word of a model, as its docstrings say."""
    docs = attribute_docstrings(model)
    said = {f.alias or name: docs.get(name, "") for name, f in model.model_fields.items()}
    return [f"| `{word}` | {' '.join(said[word].split())} |" for word in keys_of(model)]


def parameters_of(kind: type[ValueGenerator]) -> list[str]:
    """Return the parameters of a kind that are its own."""
    return [n for n in kind.model_fields if n not in ValueGenerator.model_fields]


def parameter_rows() -> list[str]:
    """Return a line for each kind that has parameters: their names, and how each is written."""
    return [
        f"| `{word}` | {', '.join(map(_parameter(kind), parameters_of(kind)))} |"
        for word, kind in {**GENERATORS, **CONTAINERS}.items()
        if parameters_of(kind)
    ]


def _parameter(kind: type[ValueGenerator]) -> Any:
    def told(name: str) -> str:
        field = kind.model_fields[name]
        if field.is_required():
            return f"**`{name}`**"
        default = field.get_default(call_default_factory=True)
        plain = default not in (None, "", {}, ()) and not isinstance(default, ValueGenerator)
        short = plain and len(str(default)) < 20 and not re.search(r"[|{}]", str(default))
        return f"`{name}`" + (
            f" ({str(default).lower() if default is True else default})" if short else ""
        )

    return told


TABLES: Final = {
    "scenario": lambda: word_rows(Scenario),
    "stream": lambda: word_rows(StreamModel),
    "topic": lambda: word_rows(TopicModel),
    "kinds": kind_rows,
    "parameters": parameter_rows,
}
"""The tables of the page, by the word in the comment above each."""


if __name__ == "__main__":
    for name, rows in TABLES.items():
        print(f"<!-- {name} -->", *rows(), sep="\n")  # noqa: T201 - it is to be pasted
