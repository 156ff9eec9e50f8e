"""`gerador scenario`: prints or lists the scenarios of the gallery."""

from __future__ import annotations

from typing import Final

import click

LIST: Final = "list"
NAME_COLUMNS: Final = 12


@click.command()
@click.argument("name", default=LIST, help="Name of a scenario, or `list` for all names (default).")
def scenario(name: str) -> None:
    """List the scenarios of the gallery, or print one.

    The output is the scenario file itself, comments included. `gerador run NAME` runs it;
    `gerador check NAME` prints estimates for it.
    """
    from gerador.scenario import gallery  # noqa: PLC0415 - imports pydantic

    if name != LIST:
        click.echo(gallery.text(name), nl=False)
        return
    for each in gallery.names():
        click.echo(f"{each:{NAME_COLUMNS}}  {gallery.description(each)}")
