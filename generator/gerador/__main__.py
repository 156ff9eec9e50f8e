"""Run the command line interface: ``python -m gerador``."""

from gerador.cli.main import main

if __name__ == "__main__":
    main()
