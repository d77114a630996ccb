"""Whether a run is one to take numbers from."""

from __future__ import annotations

from pathlib import Path

from margin_trainer.config import parse_config
from margin_trainer.train.checkpoint import read_checkpoint


def finished(run: Path) -> bool:
    """Whether a run came to the end of its last phase."""
    if not (run / "last.pt").exists() or not (run / "best.pt").exists():
        return False
    state = read_checkpoint(run / "last.pt")
    return bool(state["position"]["phase"] >= len(parse_config(state["config"]).phase))
