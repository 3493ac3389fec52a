"""How long `import ferclassifier` takes, in new processes.

python benchmarks/fits/import_time.py
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

CODE = (
    "import time; start = time.perf_counter(); import ferclassifier; "
    "print(time.perf_counter() - start)"
)


def main() -> None:
    """Run the benchmark."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    seconds = [
        float(subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True).stdout)
        for _ in range(11)
    ]
    print(
        f"import ferclassifier: median {statistics.median(seconds) * 1e3:.1f} ms, "
        f"slowest of {len(seconds)} {max(seconds) * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
