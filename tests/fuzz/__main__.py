"""`python tests/fuzz`, and the processes that it starts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

if sys.argv[1:2] == ["--worker"]:
    from fuzz.worker import main as work

    _, _, name, start, stop, seed, slot = sys.argv
    work(name, range(int(start), int(stop)), int(seed), Path(slot))
elif sys.argv[1:2] == ["--atheris"]:
    from fuzz.guided import main as guide

    guide(*sys.argv[2:])
else:
    from fuzz.run import main

    sys.exit(main())
