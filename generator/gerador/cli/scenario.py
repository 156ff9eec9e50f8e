"""`gerador scenario`: prints or lists the scenarios of the gallery."""

from __future__ import annotations

from typing import Annotated, Final

import typer

LIST: Final = "list"
NAME_COLUMNS: Final = 12


def scenario(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A scenario of the gallery; list: their names."),
    ] = LIST,
) -> None:
    """Print a scenario of the gallery as it stands, to read, to keep and to change.

    gerador run NAME runs it, and gerador check NAME tells what it comes to.
    """
    from gerador.scenario import gallery  # noqa: PLC0415 - `--help` shall not wait for pydantic

    if name != LIST:
        typer.echo(gallery.text(name), nl=False)
        return
    for each in gallery.names():
        typer.echo(f"{each:{NAME_COLUMNS}}  {gallery.description(each)}")
