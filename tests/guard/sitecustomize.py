"""Lets nothing that is unpickled name a function that runs programs or code.

    PYTHONPATH=tests/guard python -m pytest

Python imports a module of this name when it starts, in every process, so that the tests, and all
the processes that they start, run under it.
"""

import sys

_RUNS_PROGRAMS = {"nt", "os", "posix", "pty", "subprocess"}
_RUNS_CODE = {("builtins", "eval"), ("builtins", "exec"), ("builtins", "compile")}


def _refuse_to_unpickle_code(event, arguments):
    if event != "pickle.find_class":
        return
    module, name = arguments[0], arguments[1].partition(".")[0]
    if module in _RUNS_PROGRAMS or (module, name) in _RUNS_CODE:
        sys.stderr.write(f"the guard: an unpickling asked for {module}.{name}\n")
        raise RuntimeError(f"an unpickling asked for {module}.{name}")


sys.addaudithook(_refuse_to_unpickle_code)
