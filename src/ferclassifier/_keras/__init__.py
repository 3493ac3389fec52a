"""The seam to Keras and scikeras: networks are built, trained and run here, and nowhere else.

Whoever enters it loads Keras, through `_utils.keras_door`: so it is entered when a fit begins, or a
model is loaded, and not before.

- `network` is what the classifiers see; `spec` says what it is, and `build` makes it, with
  `named_weights`, in `float32`. `output_probe` refuses one of a user's that gives no probabilities.
- `compiled` keeps networks and lends them to fits that ask for an equal one, which start from
  `fresh_weights`, by `transfer` from those of another network, or `going_on` with their own.
- `optimizer` (such as `muon`), `schedule`, `loss` and `random_augmentation` are what is compiled
  for training; `rate_setters` are callbacks that set the learning rate.
- `devices` are those over which batches are spread.
- `trainer` drives Keras by way of scikeras, and `batches` feed it: what they `read_ahead` and mix
  (`mixup`). Meanwhile `callbacks` and `epoch_tasks` watch, and `progress` is shown, in a notebook
  as `notebook_progress`; `statistics` of normalisations end a fit. `finiteness` is what all of it
  must keep.
- `predictor` and `explainer` are functions of a trained network, by one `compilation` on all
  backends. A `prediction_model` is a plain Keras model that does the same, of which there is an
  `onnx_graph`; of one that was trained elsewhere `trained_architecture` makes a network.
- `identity`, with `keras_identity` and `installed`, tells functions and objects apart, and
  `fingerprint` fits. `processor` says what this machine is good at, and `forked` where TensorFlow
  cannot run.
"""
