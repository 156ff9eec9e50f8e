"""What the environment and the command line say, as one frozen object.

The only reader of the process environment. It checks every value by itself (type, range, word);
what needs a second look at the world (does the file exist, does the broker answer) is checked
by whoever opens it. Only the composition roots in `cli/` know this package: everyone else takes
plain keyword arguments.
"""

from gerador.rates import parse_rate
from gerador.settings.load import load_settings
from gerador.settings.model import Settings
from gerador.settings.names import ENVIRONMENT, SECRETS, env_of, option_of

__all__ = [
    "ENVIRONMENT",
    "SECRETS",
    "Settings",
    "env_of",
    "load_settings",
    "option_of",
    "parse_rate",
]
