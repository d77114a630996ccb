"""TOML files that say what they change of another: `base = "OTHER.toml"`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from margin_trainer.failure import TrainerError


def read_with_bases(path: Path) -> dict[str, Any]:
    """Options of a file upon those of its bases; refused by name: unreadable, a base that comes back to itself."""
    return _read(path, [])


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`changes` upon `base`: tables within tables are merged, everything else, lists too, is replaced whole."""
    both = {key: (base[key], value) for key, value in changes.items() if key in base}
    inner = {
        key: merged(old, new) for key, (old, new) in both.items() if isinstance(old, dict) and isinstance(new, dict)
    }
    return base | changes | inner


def _read(path: Path, above: list[Path]) -> dict[str, Any]:
    """`above` are the files on the way here."""
    if path.resolve() in above:
        raise TrainerError(f"{path}: its bases come back to itself")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainerError(f"{path}: cannot be read as TOML: {error}") from error
    base = raw.pop("base", None)
    if base is None:
        return raw
    if not isinstance(base, str):
        raise TrainerError(f"{path}: base: the name of a file is needed, not {base!r}")
    return merged(_read(path.parent / base, [*above, path.resolve()]), raw)
