"""The command line: one file a command; these are the composition roots."""
