"""Two packages on the same images with the same noise: paired differences over patients."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from margin_trainer.failure import TrainerError
from margin_trainer.measures.paired import holm, paired_difference
from margin_trainer.scoring.score import EXPECTED, MATCHED
from margin_trainer.scoring.scored import Scored

COMPARED = (EXPECTED, "GED_V@100", MATCHED, "Dice(a)@100")


def compare(first: Scored, second: Scored) -> dict[str, Any]:
    """First less second for each measure; Holm over the table. Refused: other cases, or other noise."""
    names = [record.name for record in first.records]
    if names != [record.name for record in second.records] or first.protocol.seed != second.protocol.seed:
        raise TrainerError(
            f"{first.manifest['id']} and {second.manifest['id']} were not scored on the same images with the same seed"
        )
    patients = [record.patient for record in first.records]
    found = {
        measure: paired_difference(_values(first, measure), _values(second, measure), patients) for measure in COMPARED
    }
    p_t = holm([difference.p_t for difference in found.values()])
    p_wilcoxon = holm([difference.p_wilcoxon for difference in found.values()])
    return {
        "models": [first.manifest["id"], second.manifest["id"]],
        "split": first.protocol.split,
        "images": len(names),
        "patients": len(set(patients)),
        "partial": first.protocol.limit is not None,
        "convention": "first less second, mean over patients of the mean of their images; BCa bootstrap over patients "
        "(10000 draws, 95 %), paired t and Wilcoxon signed-rank, Holm over the measures",
        "differences": [
            {
                "measure": measure,
                **asdict(difference),
                "p_t_holm": p_t[k],
                "p_wilcoxon_holm": p_wilcoxon[k],
            }
            for k, (measure, difference) in enumerate(found.items())
        ],
    }


def _values(scored: Scored, measure: str) -> list[float]:
    """One value an image."""
    values = [record.scores[measure] for record in scored.records]
    defined = [value for value in values if value is not None]
    if len(defined) < len(values):
        raise TrainerError(f"{scored.manifest['id']}: {measure} is not defined for every image")
    return defined
