"""Where commands find and put things, and what they are added to."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

REPOSITORY = Path(__file__).resolve().parents[3]
QUEUES = REPOSITORY / "trainer" / "queues"
KEPT_RESULTS = REPOSITORY / "docs" / "results"
KEPT_SCORES = REPOSITORY / "build" / "evaluation"
KEPT_CLINICS = REPOSITORY / "build" / "clinics"


def default_data() -> Path:
    """MARGIN_TEST_DATA, else ../shared/data beside the repository."""
    return Path(os.environ.get("MARGIN_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
