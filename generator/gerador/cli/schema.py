"""`gerador schema`: prints the JSON Schema of scenario files."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files.

    Editors complete and validate scenarios with it. Save it to a file and name that file in the
    first line of a scenario:

    \b
    # yaml-language-server: $schema=scenario.schema.json
    """  # noqa: D301 - click's mark of a paragraph that is not wrapped
    import json  # noqa: PLC0415 - not needed for `--help`

    from gerador.scenario.json_schema import scenario_json_schema  # noqa: PLC0415

    click.echo(json.dumps(scenario_json_schema(), indent=2, ensure_ascii=False))
