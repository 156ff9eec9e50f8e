"""submit.sh: the arguments for Flink's SQL client, which is a fake that records them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest
from flink_sql import BOUNDED, DEFAULTS, read_statements, variable_values

from tests.engines.conftest import DEPLOY

SUBMIT: Final = DEPLOY / "flink" / "submit.sh"
CLIENT: Final = """\
#!/bin/sh
printf '%s\\n' "$@" >"$KEPT/words"
cp "$2" "$KEPT/tables.sql"
"""


def submitted(folder: Path, *arguments: str, **environ: str) -> tuple[list[str], str]:
    """Run the script; return the arguments of the client, and the file behind -i."""
    client = folder / "bin" / "sql-client.sh"
    client.parent.mkdir()
    client.write_text(CLIENT, "utf-8")
    client.chmod(0o755)
    own = {k: v for k, v in os.environ.items() if k not in DEFAULTS}
    own |= {"FLINK_HOME": str(folder), "KEPT": str(folder)} | environ
    subprocess.run([str(SUBMIT), *arguments], env=own, check=True)
    return (folder / "words").read_text("utf-8").splitlines(), (folder / "tables.sql").read_text()


def statements(text: str) -> list[str]:
    """Return the statements of a file that has no variables left, spaces made one."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return [" ".join(s.split()) for s in code.split(";") if s.strip()]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {
            "KAFKA_BOOTSTRAP_SERVERS": "redpanda:9092",
            "SCHEMA_REGISTRY_URL": "http://redpanda:8081",
            "GERADOR_TOPIC": "a.b-c_d",
            "FLINK_BOUNDED_MODE": BOUNDED,
        },
    ],
    ids=["defaults", "given"],
)
def test_the_variables_get_the_same_values_as_in_python(tmp_path: Path, environ: dict[str, str]):
    """The shell and local_flink.py make the same statements of tables.sql, in the same order."""
    words, text = submitted(tmp_path, **environ)
    expected = [
        " ".join(s.split()) for s in read_statements("tables.sql", variable_values(environ))
    ]
    assert statements(text) == expected
    assert not any("${" in statement for statement in statements(text))
    assert (words[0], words[2], Path(words[3]).name) == ("-i", "-f", "job.sql")
    assert not Path(words[1]).exists()  # it was temporary


def test_a_cluster_elsewhere_and_a_prompt(tmp_path: Path):
    """FLINK_JOBMANAGER names the cluster; "-" leaves the job out, for a prompt."""
    words, _ = submitted(tmp_path, "-", FLINK_JOBMANAGER="there")
    assert words[0] == "-i"
    assert words[2:] == ["-Drest.address=there"]


def test_without_flink_it_says_what_to_set(tmp_path: Path):
    """A missing distribution is one line and exit code 2."""
    environ = os.environ | {"FLINK_HOME": str(tmp_path / "nowhere")}
    done = subprocess.run([str(SUBMIT)], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "set FLINK_HOME" in done.stderr
