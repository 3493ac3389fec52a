"""The classifier and the ensemble: scikit-learn's faces of networks.

`classifier` is FERClassifier, `voting` FERVotingClassifier. What both can do is in `confidence`
(with `temperature` and `reject_option`) and in `saving`, and what they are in a file in
`saved_classifier` and `saved_voting`.
"""

from ferclassifier._classifier.classifier import FERClassifier
from ferclassifier._classifier.voting import FERVotingClassifier

__all__ = ["FERClassifier", "FERVotingClassifier"]
