"""A search on a Dask cluster that goes on when a worker is lost."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ferclassifier._utils.extras import import_extra

if TYPE_CHECKING:
    from distributed import Client

_NO_WARNING = {"distributed.admin.large-graph-warning-threshold": sys.maxsize}


def resilient(client: Client) -> Client:
    """Return a Dask client for joblib whose data outlive the workers that hold them.

    Parameters
    ----------
    client : distributed.Client
        The client of the cluster.

    Returns
    -------
    client : distributed.Client
        A view of it, to be given to ``joblib.parallel_config``. It differs in its method
        ``scatter`` alone.

    Raises
    ------
    ImportError
        If Dask is not installed.

    Notes
    -----
    joblib's Dask backend *scatters* the arrays that its tasks need: it puts them on a worker, and
    nobody knows how to make them again. If that worker dies, the search ends with a
    ``CancelledError``. ``parallel_config("dask", scatter=[X, y])`` is no remedy: the rows of each
    fold are still on one worker, and Dask soon drops copies of `X` that no task is waiting for.

    Here each array is the result of a task instead. The scheduler keeps the task, and with it one
    copy of the array, until the search has ended, and has it run again if the result is lost.

    Examples
    --------
    >>> from distributed import Client
    >>> from joblib import parallel_config
    >>> from sklearn.model_selection import GridSearchCV
    >>> from ferclassifier import FERClassifier, make_faces
    >>> from ferclassifier.parallel import resilient
    >>> X, y = make_faces(60, n_classes=2, random_state=0)
    >>> clf = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0)
    >>> search = GridSearchCV(clf, {"learning_rate": [0.02, 0.08]}, cv=2, refit=False)
    >>> with Client(processes=False, n_workers=1, dashboard_address=":0") as client:
    ...     with parallel_config("dask", client=resilient(client)):
    ...         len(search.fit(X, y).cv_results_["params"])
    2
    """
    import_extra("distributed", extra="dask")
    return _ResilientClient(client)


class _ResilientClient:
    """What joblib takes for a Dask client; the data that it scatters become tasks."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def scatter(self, data: Any, *, asynchronous: bool = False, **_: Any) -> Any:
        """Return a future of an array, or a list of them for a list; awaitable if asked for."""
        is_several = isinstance(data, list | tuple)
        futures = [self._keep(item) for item in data] if is_several else self._keep(data)
        return _awaitable(futures) if asynchronous else futures

    def _keep(self, item: Any) -> Any:
        import dask

        # Dask advises to scatter what is large, which is what must not be done.
        with dask.config.set(_NO_WARNING):
            key = f"{type(item).__name__}-{uuid4().hex}"
            return self._client.submit(_identity, item, key=key)


async def _awaitable(value: Any) -> Any:
    return value


def _identity(value: Any) -> Any:
    return value
