"""What several rooms use; it imports nothing else of the package.

`counts` refuses numbers that count nothing, `wording` puts numbers and lists into sentences, and
`printable` escapes text from outside, which `csv_cells` and `legends` keep from being run; a
`notebook` shows tables and words.
`emotions` have names, codes and synonyms. A `document` is sections of blocks, which `markdown`
writes. `one_step` changes the state of an estimator at once, and `fit_tasks` tells scikit-learn's
callbacks of a fit. `sklearn_compat` has the private names of scikit-learn, `extras` imports what an
extra brings, whose `quiet_logs` may be, `orphans` are none of the worker processes, and
`keras_door` is the one way to Keras, past the `startup_noise` of TensorFlow.
"""
