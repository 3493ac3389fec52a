"""The command line: it reads options, calls the package, and prints what comes back."""

from ferclassifier._cli.entrypoint import main

__all__ = ["main"]
