"""The classifier and the ensemble: scikit-learn's faces of networks.

`classifier` is FERClassifier and `voting` FERVotingClassifier. What they share is in `confidence`,
with its `temperature` and `reject_option`, and in `saving`; what they are in a file, in
`saved_classifier` and `saved_voting`; `keras_models` leads to plain Keras models and back.

A `fit` takes images by way of `inputs`, labels as `targets`, and `sample_weights`. The `recipe`
makes a network of the parameters, of which `parameter_values` looks into dicts and tuples; where it
starts from another model, `initial_weights` find that. `candidates` are looked at before a search.
Whether a fit has learned anything is known to `near_chance`.
Which images a released model was trained on is in `training_images`, and trainings that have a name
are in `named_recipes`.
"""

from ferclassifier._classifier.classifier import FERClassifier
from ferclassifier._classifier.voting import FERVotingClassifier

__all__ = ["FERClassifier", "FERVotingClassifier"]
