"""The tables of docs/scenario.md: `python -m tests.docs.scenario_kinds` prints them."""

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

ALL_GENERATORS: Final = dict(sorted({**GENERATORS, **CONTAINERS}.items()))
"""Every generator by kind, in the order of the tables."""
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
    "gamma": "{gamma: {shape: 2, scale: 15, decimals: 1}}",
    "weibull": "{weibull: {shape: 1.5, scale: 100, decimals: 1}}",
    "pareto": "{pareto: {alpha: 1.5, min: 10, decimals: 1}}",
    "histogram": "{histogram: {edges: [0, 10, 50, 100], weights: [70, 25, 5]}}",
    "triangular": "{triangular: {min: 1, mode: 2, max: 9, decimals: 1}}",
    "sequence": "{sequence: 100, step: 10}",
    "round_robin": "{round_robin: 3}",
    "constant": "{constant: USD}",
    "choice": "{choice: {CA: 39, TX: 30, NY: 20}}",
    "joint": "{joint: [Boston, Austin, Dallas], table: places}",
    "boolean": "{boolean: 20%}",
    "uuid": "uuid",
    "generation_id": "generation_id",
    "faker": "faker.name",
    "regex": '{regex: "[A-Z]{3}-[0-9]{4}"}',
    "text": "{text: {length_min: 5, length_max: 5}}",
    "template": '{template: "{name|first|lower|ascii}@example.com"}',
    "ip": "{ip: 10.0.0.0/8}",
    "latitude": "{latitude: {min: -24, max: -23}}",
    "longitude": "{longitude: {min: -47, max: -46}}",
    "bytes": "{bytes: {length_min: 2, length_max: 2}}",
    "event_time": "event_time",
    "timestamp": "{timestamp: {after: 2026-01-01, before: 2026-02-01}}",
    "date": "{date: {first: 1990-01-01, last: 2005-12-31}}",
    "offset": "{offset: event_time, by: {uniform: {min: 30, max: 90}}}",
    "random_time": "random_time",
    "from": "{from: customers.state, skew: {zipf: 1.2}}",
    "random_walk": "{random_walk: {key: device, mean: 20, sd: 5, step_sd: 0.2, decimals: 1}}",
    "state_machine": "{state_machine: {new: {to: {paid: 9, void: 1}}, paid: {}, void: {}}, "
    "key: device}",
    "sql": '{sql: "n * 2 + 1"}',
    "python": "{python: my_function}",
    "array": "{array: {items: {round_robin: 9}, length: {poisson: 2}}}",
    "map": "{map: {values: {round_robin: 9}, length: 1}}",
    "record": "{record: {street: faker.street_name, number: {uniform: {min: 1, max: 99}}}}",
    "union": "{union: [{round_robin: 9}, {constant: none}], weights: [3, 1]}",
    "enum_symbol": "enum_symbol",
}
"""One for each generator."""
WITH_A_SCHEMA: Final = frozenset({"enum_symbol", "python"})
"""Generators whose example needs more than a scenario: the type of a schema, or a function."""
AROUND: Final = """\
seed: 42
start: 2026-01-01T00:00:00Z
streams:
  s:
    rate: 1/s
    rows: 50
    fields:
      name: faker.name
      n: {{sequence: 1}}
      device: {{round_robin: 3}}
      x: {example}
  customers:
    rows: 100
    fields: {{state: {{choice: [CA, NY, TX]}}}}
"""


def scenario_of(kind: str) -> str:
    """Return a scenario with the example of a generator as field `x` of stream `s`."""
    return AROUND.format(example=EXAMPLES[kind])


def kind_rows() -> list[str]:
    """Return a table row per generator: kind, description, example, first values."""
    return [
        f"| `{kind}` | {_first(generator)} | `{_cell(EXAMPLES[kind])}` | {first_values(kind)} |"
        for kind, generator in ALL_GENERATORS.items()
    ]


def first_values(kind: str) -> str:
    """Return the first values of a generator's example, as a table shows them."""
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
    """Return the first sentence of a generator's docstring."""
    text = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    return _cell(text.replace("``", "`"))


def key_rows(model: type[BaseModel]) -> list[str]:
    """Return a table row per key of a model, with its docstring."""
    docs = attribute_docstrings(model)
    by_key = {f.alias or name: docs.get(name, "") for name, f in model.model_fields.items()}
    return [f"| `{key}` | {' '.join(by_key[key].split())} |" for key in keys_of(model)]


def parameters_of(kind: type[ValueGenerator]) -> list[str]:
    """Return the parameters of a generator, without those of every generator."""
    return [n for n in kind.model_fields if n not in ValueGenerator.model_fields]


def parameter_rows() -> list[str]:
    """Return a table row per generator with parameters: names, required in bold, and defaults."""
    return [
        f"| `{kind}` | {', '.join(map(_parameter(generator), parameters_of(generator)))} |"
        for kind, generator in ALL_GENERATORS.items()
        if parameters_of(generator)
    ]


def _parameter(kind: type[ValueGenerator]) -> Any:
    def text(name: str) -> str:
        field = kind.model_fields[name]
        if field.is_required():
            return f"**`{name}`**"
        default = field.get_default(call_default_factory=True)
        plain = default not in (None, "", {}, ()) and not isinstance(default, ValueGenerator)
        short = plain and len(str(default)) < 20 and not re.search(r"[|{}]", str(default))
        return f"`{name}`" + (
            f" ({str(default).lower() if default is True else default})" if short else ""
        )

    return text


TABLES: Final = {
    "scenario": lambda: key_rows(Scenario),
    "stream": lambda: key_rows(StreamModel),
    "topic": lambda: key_rows(TopicModel),
    "kinds": kind_rows,
    "parameters": parameter_rows,
}
"""The tables of the page, by the name in the comment above each."""


if __name__ == "__main__":
    for name, rows in TABLES.items():
        print(f"<!-- {name} -->", *rows(), sep="\n")  # noqa: T201 - to paste into the page
