"""How good a model is: predictions, figures, curves, robustness."""
