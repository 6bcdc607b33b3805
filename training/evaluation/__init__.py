"""Evaluation of models: predictions, Reports, curves, paired tests, calibration and robustness."""
