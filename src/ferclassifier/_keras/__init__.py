"""The seam to Keras and scikeras: networks are built, trained and run here, and nowhere else.

Whoever enters it loads Keras, through its one door, `_utils.keras_door`: so it is entered when a fit
begins, or a model is loaded, and not before. `network` is what the classifiers see; `spec` says what
is to be built, `build` builds it, and `compiled` lends it out.
"""
