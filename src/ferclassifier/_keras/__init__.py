"""The seam to Keras and scikeras: networks are built, trained and run here, and nowhere else.

Importing any file but this one imports Keras, through its one door, `_utils.keras_door`.
"""
