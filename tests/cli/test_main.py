"""The command line: errors are one line on stderr with exit code 2; every command has help."""

from __future__ import annotations

import sys
from typing import NamedTuple

import click
import pytest

from gerador.cli.main import COMMANDS, INTERRUPTED, USAGE, main, program
from gerador.errors import EmbeddedKafkaError, ScenarioError, SettingError
from gerador.scenario import gallery


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
    ("arguments", "message"),
    [
        (["rum"], "No such command 'rum'. Did you mean 'run'?"),
        (["--rate", "5"], "No such option '--rate'."),
        (
            ["run", "--rat", "5"],
            "No such option '--rat'. (Did you mean one of: '--for', '--port', '--rate'?)",
        ),
        (["run", "--tamanho-buffer", "5"], "No such option '--tamanho-buffer'. Use --buffer-size."),
        (["run", "--intervalo-geracao=5"], "No such option '--intervalo-geracao'. Use --interval."),
        (["run", "--rate"], "Option '--rate' requires an argument."),
        (["check"], "Missing argument 'FILE'; see gerador check --help"),
        (
            ["run", "fast"],
            f"unknown scenario 'fast'; gallery scenarios: {GALLERY}; a file is given by its path",
        ),
        (["run", "--port", "http"], "--port=http: must be a whole number"),
        (
            ["run", "--rate", "fast"],
            (
                "--rate=fast: not a number of rows per second; "
                "expected, for example, 500, 10k/s, 3000/min or 50/h, or max"
            ),
        ),
        (
            ["run", "--no-kafka", "--embedded"],
            "--no-kafka and --embedded exclude each other; remove one of them",
        ),
        (
            ["run", "--embedded", "--bootstrap-servers", "a:1"],
            "--embedded and --bootstrap-servers exclude each other; remove one of them",
        ),
    ],
)
def test_a_usage_error_is_one_line(gerador: Gerador, arguments: list[str], message: str):
    """A wrong command, option or value is one line with exit code 2, in any terminal width."""
    assert gerador(*arguments) == (USAGE, "", f"gerador: {message}\n")


def test_a_password_is_no_option(gerador: Gerador):
    """Secrets have no option: every user of the machine can read a command line."""
    done = gerador("run", "--sasl-password", "hunter2")
    assert done.returncode == USAGE
    assert "--sasl-password" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TAMANHO_BUFFER", "0", "TAMANHO_BUFFER=0: must be greater than or equal to 1"),
        ("TAMANHO_BUFFER", "a\nb", "TAMANHO_BUFFER=a b: must be a whole number"),
        (
            "INTERVALO_GERACAO",
            "[red]x[/red]",
            (
                "INTERVALO_GERACAO=[red]x[/red]: not a duration; "
                "expected, for example, 30s, 5m, 1h or 500ms"
            ),
        ),
        (
            "GERADOR_RTE",
            "5",
            "unknown variable GERADOR_RTE; did you mean GERADOR_RATE?",
        ),
    ],
)
def test_a_bad_variable_is_one_line(
    gerador: Gerador, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
):
    """The message contains the variable and its value, on one line."""
    monkeypatch.setenv(name, value)
    assert gerador("run") == (USAGE, "", f"gerador: {message}\n")


def test_without_a_command_the_help_is_shown(gerador: Gerador):
    """Without a command, the commands are listed; the exit code is that of a usage error."""
    done = gerador()
    assert done.returncode == USAGE
    assert done.stdout == ""
    assert all(f"  {name} " in done.stderr for name in COMMANDS)


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["run"],
        ["sample"],
        ["check"],
        ["scenario"],
        ["schema"],
        ["registry"],
        ["broker"],
        ["bench"],
    ],
)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(gerador: Gerador, command: list[str], option: str):
    """Help is printed to stdout with exit code 0."""
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
def test_errors_become_exit_codes(
    gerador: Gerador, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
):
    """Configuration errors are 2, others 1, Ctrl-C 130; no traceback is printed."""

    def fails(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(program, "main", fails)
    done = gerador("run")
    message = " ".join(str(error).split())
    if isinstance(error, ScenarioError):
        message = str(error).replace("\n", "\ngerador: ")
    assert done == (code, "", f"gerador: {message}\n" if message else "")
    assert INTERRUPTED == 130


def test_a_missing_extra_names_the_module(gerador: Gerador, monkeypatch: pytest.MonkeyPatch):
    """Without a module of the extra `run`, one line names the command, module and extra."""

    def fails(*_arguments: object, **_options: object) -> None:
        raise ModuleNotFoundError("No module named 'aiokafka'", name="aiokafka.errors")

    monkeypatch.setattr(program, "main", fails)
    message = "gerador bench requires the module 'aiokafka', which is not installed"
    assert gerador("bench") == (
        USAGE, "", f"gerador: {message}: pip install 'gerador-stream[run]'\n",
    )  # fmt: skip


def test_an_unknown_scenario_is_reported_alike(gerador: Gerador):
    """Every command that takes a scenario lists those of the gallery."""
    message = f"unknown scenario 'nope'; gallery scenarios: {GALLERY}; a file is given by its path"
    for command in ("check", "sample", "run", "bench --scenario"):
        assert gerador(*command.split(), "nope") == (USAGE, "", f"gerador: {message}\n"), command


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_shows_the_first_line_of_their_help(name: str):
    """The list is shown without importing the commands; its texts match their help."""
    command = program.get_command(click.Context(program), name)
    assert command.name == name
    assert str(command.help).splitlines()[0] == COMMANDS[name]


def test_an_end_of_file_error_is_no_interruption(monkeypatch: pytest.MonkeyPatch):
    """Click turns an EOFError into its Abort, which is the exit code of Ctrl-C."""

    def fail(*_: object, **__: object) -> None:
        raise EOFError("a damaged file")

    monkeypatch.setattr(gallery, "names", fail)
    monkeypatch.setattr(sys, "argv", ["gerador", "scenario"])
    with pytest.raises(EOFError, match="a damaged file"):
        main()
