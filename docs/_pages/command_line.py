"""The page of the command line: what each command says with `--help`."""

from __future__ import annotations

from _pages.places import GENERATED, write

_HEAD = """# Command line

Every command says what it does and takes with `--help`. What is printed here is that.

"""


def write_command_line() -> None:
    """Write the page."""
    import click

    from ferclassifier._cli import main

    context = click.Context(main, info_name="ferclassifier", max_content_width=96)
    texts = [("ferclassifier", main.get_help(context))]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        inner = click.Context(command, info_name=name, parent=context)
        texts.append((f"ferclassifier {name}", command.get_help(inner)))
    sections = [f"## {title}\n\n```text\n{help_text}\n```\n" for title, help_text in texts]
    write(GENERATED / "command_line.md", _HEAD + "\n".join(sections))
