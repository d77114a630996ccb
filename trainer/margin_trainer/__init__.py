"""Training, evaluation and export of Margin's segmentation models."""

__version__ = "0.1.0"
