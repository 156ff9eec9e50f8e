"""Substitutes for images that cannot be pulled, with the same tags.

Pulling is always tried first. Substitutes are labelled and reported. Contains the mapping;
the parts themselves are in `stand_ins/` and come from `materials`.
"""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import docker.errors

from tests.stack.materials import kafka, prepared, program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import IO

    from docker import DockerClient

LABEL: Final = "gerador.stand-in"
RECIPE: Final = "gerador.stand-in.recipe"
"""Label with a hash of the substitute's sources: it is rebuilt only if they change."""
BASE: Final = "python:3.13-slim"
BASE_IS: Final = "Debian trixie's Python, and the locked wheels, for Python's own image"
PARTS: Final = Path(__file__).with_name("stand_ins")

Contents = list[tuple[Path, str]]
"""What a build gets: (file or folder, its name there)."""


def stood_in(client: DockerClient, references: Sequence[str]) -> dict[str, str]:
    """Pull or substitute all `references`; return the substituted ones and their substitutes.

    Raises AssertionError: one can neither be pulled nor substituted.
    """
    found = {reference: _available(client, reference) for reference in references}
    return {reference: what for reference, what in found.items() if what is not None}


def _available(client: DockerClient, reference: str) -> str | None:
    labels = _labels(client, reference)
    if labels is not None and LABEL not in labels:
        return None
    if _pulled(client, reference):
        return None
    recipe = _recipe(reference)
    if labels is None or labels.get(RECIPE) != recipe:
        _stand_in(client, reference, recipe)
    return client.images.get(reference).labels[LABEL]


def _labels(client: DockerClient, reference: str) -> dict[str, str] | None:
    """Return the labels of an image that the engine has."""
    try:
        return dict(client.images.get(reference).labels)
    except docker.errors.ImageNotFound:
        return None


def _pulled(client: DockerClient, reference: str) -> bool:
    try:
        client.images.pull(reference)
    except docker.errors.APIError:
        return False
    return True


def _recipe(reference: str) -> str:
    """Return a hash of everything of ours that a stand-in is made from."""
    sign = hashlib.sha256()
    for stamp in sorted((prepared() / "trixie" / "wheels").glob("*.stamp")):
        sign.update(stamp.name.encode())
    if reference != BASE:
        for path, name in _files_of(MAKERS[_name(reference)][0]):
            sign.update(name.encode() + path.read_bytes())
    return sign.hexdigest()


def _name(reference: str) -> str:
    """Return what the image is called, without registry, owner and tag."""
    name = reference.rpartition("/")[2].partition(":")[0]
    assert name in MAKERS, f"{reference} cannot be pulled, and has no substitute"
    return name


def _stand_in(client: DockerClient, reference: str, recipe: str) -> None:
    if reference == BASE:
        _import_base(client, recipe)
        return
    _available(client, BASE)
    part, contents, arguments = MAKERS[_name(reference)]
    with _packed([*_files_of(part), *contents()]) as context:
        client.images.build(
            fileobj=context,
            custom_context=True,
            tag=reference,
            buildargs=arguments,
            labels={RECIPE: recipe},
            rm=True,
        )


def _import_base(client: DockerClient, recipe: str) -> None:
    base = prepared() / "trixie"
    repository, _, tag = BASE.partition(":")
    with subprocess.Popen(
        [program("tar"), "-C", base, "-c", "--numeric-owner", "."], stdout=subprocess.PIPE
    ) as packing:
        client.api.import_image(
            src=packing.stdout,
            repository=repository,
            tag=tag,
            changes=[f'LABEL {LABEL}="{BASE_IS}"', f"LABEL {RECIPE}={recipe}", 'CMD ["python3"]'],
        )


def _files_of(part: str) -> Contents:
    return [(path, path.name) for path in sorted((PARTS / part).iterdir()) if path.is_file()]


def _kafka_parts() -> Contents:
    runtime, jars = kafka()
    return [(runtime, "java"), *((jar, f"jars/{jar.name}") for jar in jars)]


def _prometheus_parts() -> Contents:
    return [(program("prometheus").resolve(), "prometheus")]


def _no_parts() -> Contents:
    return []


@contextmanager
def _packed(contents: Contents) -> Iterator[IO[bytes]]:
    """Pack what a build gets."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for path, name in contents:
                archive.add(path, name)
        file.seek(0)
        yield file


MAKERS: Final[dict[str, tuple[str, Callable[[], Contents], dict[str, str]]]] = {
    "redpanda": ("redpanda", _kafka_parts, {}),
    "prometheus": ("prometheus", _prometheus_parts, {}),
    "console": ("page", _no_parts, {"PORT": "8080"}),
    "grafana": ("page", _no_parts, {"PORT": "3000"}),
}
"""Folder in `stand_ins/`, what is added from elsewhere, and build arguments, by image name."""
