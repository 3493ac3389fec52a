"""Workers end when the process for which they work is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = """
import os, subprocess, sys, time
worker = '''
import os, threading, time
from ferclassifier._utils.orphans import end_with_parent
lock = threading.Lock()
end_with_parent(os.getppid(), lock)
with lock:
    print(os.getpid(), flush=True)
    time.sleep(2)
    open({path!r}, "w").close()
time.sleep(600)
'''
subprocess.Popen([sys.executable, "-c", worker.format(path=sys.argv[1])])
time.sleep(600)
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere workers are known in another way")
def test_a_worker_ends_once_it_has_finished_what_it_was_at(tmp_path: Path) -> None:
    finished = tmp_path / "finished"
    parent = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(finished)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    try:
        while parent.stdout.read():  # until the worker, who has it too, has closed it
            assert time.monotonic() < deadline
    finally:
        parent.stdout.close()
        if Path(f"/proc/{worker}").exists():
            os.kill(worker, signal.SIGKILL)
    assert finished.exists()


def test_a_process_is_no_worker_of_its_own() -> None:
    """joblib runs what starts a worker here, too, if there is only one at a time."""
    code = (
        "import os, threading\n"
        "from ferclassifier._utils.orphans import end_with_parent\n"
        "end_with_parent(os.getpid())\n"
        "raise SystemExit(threading.active_count() - 1)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
