"""The command line itself: what is not understood is one line on stderr, and the exit code 2."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NamedTuple

import pytest

from gerador.cli.main import INTERRUPTED, USAGE, app, main
from gerador.errors import EmbeddedKafkaError, ScenarioError, SettingError
from gerador.scenario import gallery

LISTED = "`gerador run --help` lists them all"


class Done(NamedTuple):
    """How the command ended."""

    returncode: int
    stdout: str
    stderr: str


class Gerador:
    """Runs the command in this process, as the installed script does."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._capture = capture

    def __call__(self, *arguments: str) -> Done:
        """Run it to its end."""
        self._patch.setattr(sys, "argv", ["gerador", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *self._capture.readouterr())


GALLERY = ", ".join(gallery.names())


@pytest.fixture
def gerador(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gerador:
    """Give the command."""
    monkeypatch.setenv("COLUMNS", "60")  # a narrow terminal breaks no message
    return Gerador(monkeypatch, capfd)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rum"], "No such command 'rum'. Did you mean 'run'?"),
        (["--rate", "5"], "No such option: --rate"),
        (["run", "--rat", "5"], "No such option: --rat (Possible options: --for, --port, --rate)"),
        (["run", "--rate"], "Option '--rate' requires an argument."),
        (
            ["run", "fast"],
            f"no scenario 'fast'; there is {GALLERY}; or give the path of a file",
        ),
        (["run", "--port", "http"], "--port=http: must be a whole number"),
        (
            ["run", "--rate", "fast"],
            "--rate=fast: a rate looks like 500, 10k, 1.5M or max, in rows per second",
        ),
        (
            ["run", "--no-kafka", "--embedded"],
            "--no-kafka and --embedded exclude each other; leave one out",
        ),
        (
            ["run", "--embedded", "--bootstrap-servers", "a:1"],
            "--embedded and --bootstrap-servers exclude each other; leave one out",
        ),
    ],
)
def test_what_is_not_understood_is_one_line(gerador: Gerador, arguments: list[str], told: str):
    """A wrong word, option or value ends with exit code 2 and one line, whatever the width."""
    assert gerador(*arguments) == (USAGE, "", f"gerador: {told}\n")


def test_a_password_is_no_option(gerador: Gerador):
    """Secrets are not taken from a command line, which everyone on the machine can read."""
    done = gerador("run", "--sasl-password", "hunter2")
    assert done.returncode == USAGE
    assert "--sasl-password" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TAMANHO_BUFFER", "0", "TAMANHO_BUFFER=0: must be greater than or equal to 1"),
        ("TAMANHO_BUFFER", "a\nb", "TAMANHO_BUFFER=a b: must be a whole number"),
        (
            "INTERVALO_GERACAO",
            "[red]x[/red]",
            "INTERVALO_GERACAO=[red]x[/red]: a duration looks like 30s, 5m, 1h or 500ms",
        ),
        (
            "GERADOR_RTE",
            "5",
            f"GERADOR_RTE is not a setting (did you mean 'GERADOR_RATE'?); {LISTED}",
        ),
    ],
)
def test_a_bad_variable_is_one_line(
    gerador: Gerador, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
):
    """A variable that makes no sense is told as it was written, on one line."""
    monkeypatch.setenv(name, value)
    assert gerador("run") == (USAGE, "", f"gerador: {told}\n")


def test_without_a_command_the_help_is_shown(gerador: Gerador):
    """Nothing asked: the commands are listed, and the exit code says that nothing was done."""
    done = gerador()
    assert done.returncode == USAGE
    shown = done.stdout + done.stderr
    told = ("run", "sample", "check", "scenario", "schema", "broker", "bench")
    assert all(word in shown for word in told)


@pytest.mark.parametrize(
    "command",
    [[], ["run"], ["sample"], ["check"], ["scenario"], ["schema"], ["broker"], ["bench"]],
)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(gerador: Gerador, command: list[str], option: str):
    """Help is an answer: stdout, exit code 0."""
    done = gerador(*command, option)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: gerador" in done.stdout


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingError("a\n  b"), 2),
        (ScenarioError("a\nb"), 2),
        (EmbeddedKafkaError("no Java"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_of_ours_become_exit_codes(
    gerador: Gerador, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
):
    """Configuration is 2, the environment 1, Ctrl-C what shells expect; no traceback."""

    def fails(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(import_module("gerador.cli.main"), "app", fails)
    done = gerador("run")
    words = " ".join(str(error).split())
    if isinstance(error, ScenarioError):
        words = str(error).replace("\n", "\ngerador: ")
    assert done == (code, "", f"gerador: {words}\n" if words else "")
    assert INTERRUPTED == 130


def test_the_commands_are_those_that_are_documented():
    """These commands, each with a first line of help."""
    names = {c.callback.__name__: c.callback.__doc__ for c in app.registered_commands if c.callback}
    told = {"run", "sample", "check", "scenario", "schema", "broker", "bench"}
    assert set(names) == told
    assert all(names.values())
