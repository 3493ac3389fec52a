"""
A grid search on a Dask cluster
===============================

The fits of a search go to worker processes on this machine, or, with ``--scheduler ADDRESS``, to
those of a cluster. ``--short`` makes it small.
"""

# %%
import argparse
from contextlib import ExitStack

import matplotlib.pyplot as plt
from dask.distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV

from ferclassifier import FERClassifier, make_faces
from ferclassifier.parallel import resilient


# %%
# One fit at a time in each process, since the fits in one process share its TensorFlow threads.
# Each process has one such thread: as many of them as there are cores make use of them all.
def local_cluster() -> LocalCluster:
    """Start two worker processes, and a dashboard at a port that is free."""
    return LocalCluster(
        n_workers=2, threads_per_worker=1, env={"OMP_NUM_THREADS": "1"}, dashboard_address=":0"
    )


# %%
# ``resilient`` lets the search go on when a worker dies: its fits, and the data that it held, are
# made again on another one.
def search(client: Client, n_samples: int, epochs: int) -> GridSearchCV:
    """Fit every learning rate on two halves of some faces."""
    X, y = make_faces(n_samples, n_classes=4, random_state=0)
    clf = FERClassifier(
        "gap_cnn", epochs=epochs, optimizer="adam", augmentation=None, random_state=0
    )
    found = GridSearchCV(clf, {"learning_rate": [3e-4, 1e-3, 3e-3, 1e-2]}, cv=2, refit=False)
    with parallel_config("dask", client=resilient(client)):
        return found.fit(X, y)


# %%
# Each worker process imports this file. What starts them must not run there again, and stands
# behind this line.
if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scheduler", help="such as tcp://192.0.2.1:8786")
    parser.add_argument("--short", action="store_true")
    args = parser.parse_known_args()[0]  # a notebook has arguments of its own
    with ExitStack() as stack:
        cluster = args.scheduler or stack.enter_context(local_cluster())
        client = stack.enter_context(Client(cluster))
        results = search(client, *((24, 1) if args.short else (1000, 10))).cv_results_

    rates = results["param_learning_rate"].astype(float)
    for rate, score, seconds in zip(
        rates, results["mean_test_score"], results["mean_fit_time"], strict=True
    ):
        print(f"learning rate {rate:.4f}: accuracy {score:.3f}, {seconds:.1f} s a fit")
    figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
    ax.errorbar(rates, results["mean_test_score"], results["std_test_score"], marker="o")
    ax.set(xscale="log", xlabel="learning rate", ylabel="mean accuracy of two folds")
    plt.show()
