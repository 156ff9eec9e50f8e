"""``python -m gerador`` is the command `gerador`."""

from gerador.cli import main

if __name__ == "__main__":
    main()
