"""The networks, by name.

An architecture is a function ``build(inputs, n_classes, **params)`` that takes a symbolic batch of
images ``(None, height, width, channels)``, on a scale of about [-1, 1], and returns the
probabilities ``(None, n_classes)``. It uses Keras layers and ``keras.ops`` alone.

Each has a file of its name, which the `_registry` imports when it is first asked for; `_layers` and
`_batch_normalization` are what they share.
"""

from ferclassifier.architectures._registry import (
    DEFAULT_ARCHITECTURE,
    get_architecture,
    is_built_in,
    list_architectures,
    register_architecture,
)

__all__ = [
    "DEFAULT_ARCHITECTURE",
    "get_architecture",
    "is_built_in",
    "list_architectures",
    "register_architecture",
]
