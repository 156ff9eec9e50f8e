"""`gerador schema`: prints the JSON Schema of scenario files."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the JSON Schema of scenario files, which editors complete and check by.

    Keep it in a file and name that in a scenario's first line:
    # yaml-language-server: $schema=scenario.schema.json
    """
    import json  # noqa: PLC0415 - `--help` shall not wait

    from gerador.scenario.json_schema import scenario_json_schema  # noqa: PLC0415

    typer.echo(json.dumps(scenario_json_schema(), indent=2, ensure_ascii=False))
