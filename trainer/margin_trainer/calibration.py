"""The table of a package that widens or narrows its intervals of sizes so that they cover further readers.

`calibration` of the manifest: how the samples were drawn that it was fitted on, on whom, within what, and for each
size and nominal percent the level of `measures/conformal.py`, with what it covered on patients it was not fitted on.
"""

from __future__ import annotations

from typing import Any

from margin_trainer.failure import TrainerError

SIZES = ("area", "equivalentDiameter", "longestDiameter")
PERCENT = (50, 80, 95)
SCOPE = ("modality", "bodyPart", "structure", "spacingMm", "sizePx")
KEYS = {"samples", "draws", "leastDrawn", "fitted", "tested", "scope", "sizes"}


def scope_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the cases of a package's own data are: outside of it nothing was calibrated."""
    whole = manifest | {"spacingMm": manifest["scope"]["spacingMm"], "sizePx": manifest["input"]["sizePx"]}
    return {key: whole[key] for key in SCOPE}


def calibration_of(manifest: dict[str, Any]) -> dict[str, Any] | None:
    """The package's table, or None. Refused: one that is not whole, or of another scope than the package's."""
    table = manifest.get("calibration")
    if table is None:
        return None
    if manifest["formatVersion"] == 1:
        raise TrainerError("calibration: format version 1 has none")
    if not isinstance(table, dict) or set(table) != KEYS:
        raise TrainerError(f"calibration: a table of {', '.join(sorted(KEYS))} is needed")
    if table["draws"] != "even" or not _whole(table["samples"], 1) or not _whole(table["leastDrawn"], 1):
        raise TrainerError("calibration: even draws, and whole numbers of samples and of leastDrawn, are needed")
    if table["leastDrawn"] > table["samples"]:
        raise TrainerError("calibration: leastDrawn is more than samples")
    for part in ("fitted", "tested"):
        told = table[part]
        if not isinstance(told, dict) or set(told) != {"data", "patients", "readings"}:
            raise TrainerError(f"calibration.{part}: data, patients and readings are needed")
        if not isinstance(told["data"], str) or not _whole(told["patients"], 1) or not _whole(told["readings"], 1):
            raise TrainerError(f"calibration.{part}: data in words, counts of patients and readings are needed")
    if table["scope"] != scope_of(manifest):
        raise TrainerError("calibration.scope: is not that of the package")
    if not isinstance(table["sizes"], dict) or set(table["sizes"]) != set(SIZES):
        raise TrainerError(f"calibration.sizes: {', '.join(SIZES)} are needed")
    for size, levels in table["sizes"].items():
        _check_levels(f"calibration.sizes.{size}", levels)
    return dict(table)


def _check_levels(where: str, levels: Any) -> None:
    if not isinstance(levels, dict) or set(levels) != {str(percent) for percent in PERCENT}:
        raise TrainerError(f"{where}: {', '.join(map(str, PERCENT))} are needed")
    before = 0.0
    for percent in PERCENT:
        entry = levels[str(percent)]
        if not isinstance(entry, dict) or set(entry) != {"level", "covered", "interval"}:
            raise TrainerError(f"{where}.{percent}: level, covered and interval are needed")
        level = entry["level"]
        if not _number(level) or not before <= level <= MOST_LEVEL:
            raise TrainerError(
                f"{where}.{percent}.level: {level!r} does not rise from {before} to at most {MOST_LEVEL}"
            )
        low_high = entry["interval"]
        bounds = [entry["covered"], *(low_high if isinstance(low_high, list) and len(low_high) == 2 else [None])]
        if not all(_number(bound) and 0 <= bound <= 1 for bound in bounds):
            raise TrainerError(f"{where}.{percent}: covered and its interval are shares")
        before = level


MOST_LEVEL = 6.0
"""Five in the logarithm beyond the samples' range, 150 times on either side: no table that is wider says anything."""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
