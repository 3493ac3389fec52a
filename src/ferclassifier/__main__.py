"""Run the command line by ``python -m ferclassifier``."""

from ferclassifier._cli import main

if __name__ == "__main__":
    main(prog_name="ferclassifier")
