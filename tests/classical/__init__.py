"""Ensembles and classical models, against PyTorch and against fitted estimators of scikit-learn."""
