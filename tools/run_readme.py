"""Run the README's lines, as the package that is installed here brings them, without a network.

    python tools/run_readme.py TESTS

Needs nothing but the package with the extras that the README speaks of, and the folder of the tests
beside it, which has the files that the lines name. Commands that serve until they are stopped are
asked for their help.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.metadata import metadata
from pathlib import Path

# A command of the README ends; those that serve do not, and they need a socket.
_SERVING = ("ferclassifier app", "ferclassifier webcam")
# Python imports a module of this name when it starts, in every process that a command starts. What
# TensorFlow imports of urllib3 binds a socket once, to see whether there is IPv6.
_OFFLINE = """
import atexit, os, sys, no_network, urllib3.util.connection
_forbidden = no_network.forbidden_network()
_asked = _forbidden.__enter__()

def _told():
    if _asked:
        sys.stderr.write(f"A network was asked for: {_asked}\\n")
        sys.stderr.flush()
        os._exit(70)

atexit.register(_told)
"""


def main() -> None:
    tests = Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(tests))
    import urllib3.util.connection  # noqa: F401 - before sockets are forbidden, see above

    import ferclassifier
    import no_network
    import readme_lines

    if Path(ferclassifier.__file__).is_relative_to(tests.parent / "src"):
        raise SystemExit("This would run the source and not what is installed.")
    readme = str(metadata("ferclassifier").get_payload())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        readme_lines.write_what_it_names(folder)
        readme_lines.write_video_it_names(folder)
        guard = folder / "guard"
        guard.mkdir()
        (guard / "sitecustomize.py").write_text(_OFFLINE)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        env = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join([str(guard), str(tests)])}
        for line in readme_lines.commands_of(readme):
            run_command(line, env)
        with no_network.forbidden_network() as asked:
            readme_lines.fit_for_one_epoch()
            lines = readme_lines.python_of(readme)
            exec(compile(lines, "README.md", "exec"), {"__name__": "readme"})
        if asked:
            raise SystemExit(f"The README's Python asked for a network: {asked}")
        print(f"python: {len(lines.splitlines())} lines")


def run_command(line: str, env: dict[str, str]) -> None:
    if line.startswith("pip "):
        return  # how this came here
    if line.startswith(_SERVING):
        line += " --help"
    if line.startswith("ferclassifier train"):
        line += " --epochs 1"
    run = subprocess.run(line, shell=True, env=env, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{line}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
    print(f"{line}: {(run.stdout.strip() or '-').splitlines()[0]}")


if __name__ == "__main__":
    main()
