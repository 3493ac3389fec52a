"""What the benchmarks measure of the process and say of the machine."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def memory_mb(field: str = "VmRSS") -> float:
    """Return a figure of this process in MB: VmRSS is now, VmHWM the peak, RssAnon no files."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {field} in /proc/self/status")


def reset_peak() -> None:
    """Let VmHWM start anew from the memory that is in use now."""
    Path("/proc/self/clear_refs").write_text("5")


def machine() -> str:
    """Return processor, cores and versions in a line."""
    import keras
    import tensorflow as tf

    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    flags = Path("/proc/cpuinfo").read_text()
    bf16 = "with" if "avx512_bf16" in flags or "amx_bf16" in flags else "without"
    return (
        f"{os.cpu_count()} cores of {model} ({bf16} bfloat16), Python "
        f"{platform.python_version()}, tensorflow {tf.__version__}, keras {keras.__version__}"
    )


def table(rows: list[dict[str, object]]) -> str:
    """Format rows of equal keys as a Markdown table."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows]
    return "\n".join(lines)
