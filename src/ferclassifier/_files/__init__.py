"""What is written and read besides images; no Keras and no estimator.

`writing` writes a file whole or not at all. A `saved_model` is on its way to the `container` and
back; `strict_json`, `schema`, `plain_values`, `labels` and `image_form` are what is in there, and
the `seal` tells of damage.
`released` knows where the models are that come with the package, `fewer_classes` gives some of a
model's classes. A `checkpoint` holds the state of a fit, and `search_scores` that of a search.
"""
