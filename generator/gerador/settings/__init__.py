"""Settings from environment variables and command-line options, as one frozen object."""

__all__ = [
    "ENVIRONMENT",
    "SECRETS",
    "Settings",
    "env_of",
    "load_settings",
    "option_of",
    "parse_rate",
]
