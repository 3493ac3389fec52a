"""What is written and read besides images; no Keras and no estimator."""
