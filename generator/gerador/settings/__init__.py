"""Settings from environment variables and command-line options, as one frozen object."""
