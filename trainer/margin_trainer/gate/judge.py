"""`python -m margin_trainer gate`: a candidate held against its parent on patients that neither learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.contract import checked
from margin_trainer.data.batch import place
from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.fine_tune.candidate import model_name
from margin_trainer.fine_tune.failure import JobError
from margin_trainer.fine_tune.figures import write_shares
from margin_trainer.fine_tune.lines import CancelledError, Heartbeat, Lines, ProgramGoneError, Wishes, read_first
from margin_trainer.fine_tune.reference import NAME, reference_of
from margin_trainer.fine_tune.training_set import LocalSet, read_set
from margin_trainer.fine_tune.worker import say_hello, tell_failure
from margin_trainer.gate.figures import (
    MEASURES,
    CaseFigures,
    case_figures,
    detectable,
    estimate,
    measure_entry,
    sd_of,
)
from margin_trainer.gate.verdict import Check, Judged, decide, ged_changes
from margin_trainer.package import Package, open_package
from margin_trainer.sampling.even import even_normals
from margin_trainer.sampling.philox import Float64, latent_draws, standard_normals
from margin_trainer.scoring.score import CHUNK

WORST = 10
Report = Callable[[str], None]
"""Called before every case with what is done."""


class Judge:
    """Two packages and the draws that both get: the parent's even ones, independent ones where it has none."""

    def __init__(self, parent: Path, candidate: Path, message: dict[str, Any]) -> None:
        threads = message["threads"]
        self.parent, self.parent_manifest = open_package(parent, threads)
        self.candidate, self.candidate_manifest = open_package(candidate, threads)
        if self.parent.latent_dimension != self.candidate.latent_dimension:
            raise JobError(
                "The candidate's latent has another dimension than its parent's: the two cannot share their draws.",
                "Judge it against the model that it was made from.",
            )
        self.samples, self.seed = message["samples"], message["seed"]
        self.same = self.parent_manifest["graphs"] == self.candidate_manifest["graphs"]

    def noise(self, number: int) -> Float64:
        """Of case `number`, [N, L]."""
        indices = np.arange(self.samples)
        if self.parent.directions is None:
            return standard_normals(self.seed + number, indices, self.parent.latent_dimension)
        return even_normals(self.seed + number, indices, self.parent.directions)

    def masks(self, package: Package, image: Annotated, number: int) -> NDArray[np.bool_]:
        """[N, H, W] on the readings' grid."""
        case = image.case()
        encoding = package.encode(np.ascontiguousarray(case.image[None]))
        z = latent_draws(encoding.mean, encoding.log_variance, self.noise(number))
        parts = [package.sample(encoding.features, z[k : k + CHUNK])[:, 0] for k in range(0, self.samples, CHUNK)]
        return place(np.concatenate(parts), case)

    def both(
        self, images: Sequence[Annotated], report: Report
    ) -> tuple[list[CaseFigures], list[CaseFigures], list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]]:
        """Figures of parent and candidate, and the shares of their samples that mark each pixel."""
        before, after, shares = [], [], []
        for number, image in enumerate(images):
            report(image.name)
            old = self.masks(self.parent, image, number)
            new = old if self.same else self.masks(self.candidate, image, number)
            before.append(case_figures(image.name, image.patient, old, image.readings, image.inside))
            same = before[-1]
            after.append(
                same if self.same else case_figures(image.name, image.patient, new, image.readings, image.inside)
            )
            shares.append((old, new))
        return before, after, shares


def report_of(message: dict[str, Any], judge: Judge, found: LocalSet, folder: Path, report: Report) -> dict[str, Any]:
    """The contract's report; the pictures of the worst cases are written into `folder`."""
    if not found.held_out:
        raise JobError(
            "The set holds no patient back: there is nobody to judge by.",
            "Annotate further patients; some of them are held out when a new set is made.",
        )
    before, after, masks = judge.both(found.held_out, report)
    fixed = [] if judge.same else reference_of(judge.parent_manifest, "fixed")
    reference_before, reference_after, _ = judge.both(fixed, report)
    judged = Judged(before, after, reference_before, reference_after, message["judgedBefore"])
    verdict, words, checks = decide(judged)
    if judge.same:
        checks = [*checks, width_check(judge.candidate_manifest)]
    changes = ged_changes(before, after)
    sd = sd_of(changes)
    return {
        "formatVersion": 1,
        "setId": found.set_id,
        "parent": model_name(Path(message["parent"])),
        "candidate": model_name(Path(message["candidate"])),
        "seed": message["seed"],
        "samples": message["samples"],
        "heldOut": {
            "patients": len({one.patient for one in found.held_out}),
            "cases": len(found.held_out),
            "readings": sum(len(one.readings) for one in found.held_out),
        },
        "judgedBefore": message["judgedBefore"],
        "confidence": judged.confidence,
        "measures": [measure_entry(name, before, after, judged.confidence) for name in MEASURES],
        "reference": reference_entry(judged),
        "power": {"sdBetweenPatients": sd, "detectable": detectable(sd, len(changes), judged.confidence)},
        "checks": [{"name": one.name, "passed": one.passed, "words": one.words} for one in checks],
        "worst": worst_cases(judged, masks, folder),
        "verdict": verdict,
        "words": words,
    }


def width_check(manifest: dict[str, Any]) -> Check:
    """Of a candidate that draws what its parent draws: what its intervals of sizes cover."""
    table = manifest.get("calibration")
    if table is None:
        return Check("width of intervals", None, "Its intervals of sizes are not calibrated.")
    covered = ", ".join(f"{percent} %: {at['covered']:.0%}" for percent, at in table["sizes"]["area"].items())
    whom = f"{table['tested']['patients']} held-out patients"
    words = f"Only the width of its intervals differs; of the areas of {whom} they cover {covered}."
    return Check("width of intervals", None, words)


def reference_entry(judged: Judged) -> dict[str, Any] | None:
    """Changes on the fixed set, candidate less parent."""
    if not judged.reference_parent:
        return None
    dice = measure_entry("dice", judged.reference_parent, judged.reference_candidate, judged.confidence)["change"]
    return {
        "name": NAME,
        "patients": len({one.patient for one in judged.reference_parent}),
        "cases": len(judged.reference_parent),
        "expectedGed": estimate(ged_changes(judged.reference_parent, judged.reference_candidate), judged.confidence),
        "dice": dice,
    }


def worst_cases(
    judged: Judged, masks: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]], folder: Path
) -> list[dict[str, Any]]:
    """By how much worse the candidate is, ties by the case's name."""
    order = sorted(
        range(len(judged.parent)),
        key=lambda k: (judged.parent[k].ged - judged.candidate[k].ged, judged.parent[k].case),
    )
    return [
        {
            "caseId": judged.parent[k].case,
            "patientId": judged.parent[k].patient,
            "parentGed": judged.parent[k].ged,
            "candidateGed": judged.candidate[k].ged,
            "before": write_shares(folder, f"worst/{judged.parent[k].case}-before.raw", masks[k][0]),
            "after": write_shares(folder, f"worst/{judged.parent[k].case}-after.raw", masks[k][1]),
        }
        for k in order[:WORST]
    ]


def gate(stdin: IO[str], stdout: IO[str]) -> int:
    """Exit status 0: judged, cancelled, or the program is gone; 2: failed, and said so. The last message is `gated`."""
    lines = Lines(stdout)
    say_hello(lines)
    done = [0]
    try:
        message = read_first(stdin, "judge")
        wishes = Wishes(stdin)
        with Heartbeat(lines, lambda: done[0]):
            found = read_set(Path(message["set"]))
            judge = Judge(Path(message["parent"]), Path(message["candidate"]), message)
            steps = len(found.held_out) + (0 if judge.same else len(reference_of(judge.parent_manifest, "fixed")))

            def report(case: str) -> None:
                del case
                wishes.heed(lines, done[0])
                lines.say("progress", phase="Judge", step=done[0], steps=steps, **NOTHING)
                done[0] += 1

            folder = Path(message["folder"])
            lines.say("gated", report=checked("gate-report", report_of(message, judge, found, folder, report)))
        return 0
    except CancelledError:
        lines.say("cancelled", step=done[0])
        return 0
    except ProgramGoneError:
        return 0
    except Exception as error:
        tell_failure(lines, error)
    return 2


NOTHING: dict[str, None] = {"refit": None, "loss": None, "validation": None, "learningRate": None, "secondsLeft": None}
