"""Training, evaluation and export of Margin's segmentation models.

ONNX Runtime reports to Microsoft unless told not to before it is loaded; decision 0040 says why two variables.
"""

import os
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
if sys.platform == "win32":
    os.environ["ORT_RUNNING_UNIT_TESTS"] = "1"

__version__ = "0.1.0"
