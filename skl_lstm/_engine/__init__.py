"""The engine: networks as numbers and compiled programs.

It knows NumPy arrays, nothing of pandas, scikit-learn or sktime, and it is the only
place that imports TensorFlow and Keras.
"""
