"""Muon for the kernels of convolutions, and SGD for everything else."""

from __future__ import annotations

import math
from typing import Any

from ferclassifier._utils.keras_door import keras, ops

# The polynomial a x + b x^3 + c x^5 that takes singular values to about 1, five times over: the
# coefficients of Jordan et al., which are steep at zero.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_STEPS = 5
# A kernel of fewer input channels, as that of the first layer is, has too few rows to be a map.
_LEAST_CHANNELS = 8
_KERNEL_AXES = 4
# So that one learning rate serves both: at this share of it, Muon changes a kernel as fast as SGD
# does once its norm has settled.
_SHARE = 0.25


@keras.saving.register_keras_serializable("ferclassifier")
class Muon(keras.optimizers.SGD):  # type: ignore[misc]
    """SGD with momentum, whose steps for the kernels of convolutions are orthogonalised.

    The momentum of a kernel, as a matrix from a patch to the filters, is replaced by the nearest
    matrix whose singular values are 1: no direction is learned faster than another. Keras has a
    Muon of its own, for matrices alone.

    References
    ----------
    Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024,
    https://kellerjordan.github.io/posts/muon.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if len(variable.shape) != _KERNEL_AXES or variable.shape[2] < _LEAST_CHANNELS:
            super().update_step(gradient, variable, learning_rate)
            return
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        mean = self.momentums[self._get_variable_index(variable)]
        self.assign(mean, self.momentum * mean + (1 - self.momentum) * gradient)
        step = self.momentum * mean + (1 - self.momentum) * gradient
        matrix = ops.reshape(step, (math.prod(variable.shape[:3]), variable.shape[3]))
        change = ops.reshape(orthogonalised(matrix), variable.shape)
        self.assign_sub(variable, _SHARE * rate * change)


def orthogonalised(matrix: Any) -> Any:
    """Return a matrix with the same singular vectors, and singular values of about 1.

    Parameters
    ----------
    matrix : tensor of shape (rows, columns), float32

    Returns
    -------
    tensor of shape (rows, columns)
        Singular values are between 0.7 and 1.2, but for those that are tiny beside the others.

    Notes
    -----
    The polynomial of Newton and Schulz is applied to the product of the matrix with its transpose,
    on the smaller side: two products of the whole matrix in all, and not three in every step.
    """
    matrix = matrix / (ops.norm(matrix) + 1e-7)
    rows, columns = matrix.shape
    transposed = ops.transpose(matrix)
    is_tall = rows >= columns
    gram = ops.matmul(transposed, matrix) if is_tall else ops.matmul(matrix, transposed)
    one = ops.eye(min(rows, columns), dtype=matrix.dtype)
    factor = None
    for _ in range(_STEPS):
        polynomial = _A * one + _B * gram + _C * ops.matmul(gram, gram)
        factor = polynomial if factor is None else ops.matmul(factor, polynomial)
        gram = ops.matmul(ops.matmul(polynomial, gram), polynomial)
    return ops.matmul(matrix, factor) if is_tall else ops.matmul(factor, matrix)
