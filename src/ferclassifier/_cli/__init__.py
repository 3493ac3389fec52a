"""The command line: it reads options, calls the package, and prints what comes back.

`entrypoint` lists the `commands`, and their `group` turns errors into one line. They share their
`options`, reading `data`, its `groups` and `model_files`, the `class_names` of both, looking
whether `outputs` can be written, saying what `missing_extras` a command needs, `reports` and
`scores`, and all `printing`. Photos have `photo_printing`, and are counted by their `progress` and
as `unread`; a page for them has `serving`. `search_plan`, `search_parameters`, `search_checkpoint`,
`fits_done` and the `cluster` are for searches, and `drawn_demo` is for the demo. `signals` end a
command.
"""

from ferclassifier._cli.entrypoint import main

__all__ = ["main"]
