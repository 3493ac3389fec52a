"""What joblib says becomes a line that one understands, and other text stays as it is."""

from __future__ import annotations

import sys

import pytest

from ferclassifier._cli.fits_done import fits_done_on_stderr


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "[Parallel(n_jobs=2)]: Done   8 out of  12 | elapsed:  1.2min remaining:  0.4s\n",
            "8 of 12 fits done after 1.2min\n",
        ),
        (
            "[Parallel(n_jobs=2)]: Done   1 tasks      | elapsed:    3.4s\n",
            "1 fits done after 3.4s\n",
        ),
        ("[Parallel(n_jobs=2)]: Using backend LokyBackend with 2 concurrent workers.\n", ""),
        ("Warning: something else\n", "Warning: something else\n"),
    ],
)
def test_lines_of_joblib_are_reworded(
    said: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with fits_done_on_stderr():
        sys.stderr.write(said)
        sys.stderr.flush()
    assert capsys.readouterr().err == shown
