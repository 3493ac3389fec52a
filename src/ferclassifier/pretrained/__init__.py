"""The trained models that come with the package.

`_models` loads them, `_facts` says what is known of each, as `_typed_json`, `_vote_facts` how
close it is to people's votes, and `_card` tells it to people, with `_votes_in_words`. Their files
are in `models`.
"""

from ferclassifier.pretrained._models import list_pretrained, load_pretrained, model_card

__all__ = ["list_pretrained", "load_pretrained", "model_card"]
