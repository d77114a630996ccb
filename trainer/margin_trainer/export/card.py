"""card.md of a package, written from its manifest, so that the two cannot disagree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from margin_trainer.calibration import calibration_of
from margin_trainer.package import read_manifest

ATTRIBUTION = {
    "CT": (
        "LIDC-IDRI, The Cancer Imaging Archive, CC BY 3.0. Armato III, S. G., McLennan, G., Bidaut, L., et al. (2015). "
        "*Data From LIDC-IDRI*. doi:10.7937/K9/TCIA.2015.LO9QL9SX; Armato et al., *Medical Physics* 38 (2011) 915-931; "
        "Clark et al., *Journal of Digital Imaging* 26 (2013) 1045-1057. A changed excerpt was used: 128x128 patches "
        "around lesions, each scaled by its own minimum and maximum."
    ),
    "fundus": (
        "CHASE_DB1, Kingston University, CC BY 4.0: Fraz et al., *IEEE Trans. Biomed. Eng.* 59(9) (2012) 2538-2548; "
        "Owen et al. (2011). STARE, published for research: Hoover, Kouznetsova, Goldbaum, "
        "*IEEE Trans. Med. Imaging* 19(3) (2000) 203-210. Images and masks were scaled to a height of 512 px."
    ),
}

DRIVE = (
    "DRIVE: Staal, Abramoff, Niemeijer, Viergever, van Ginneken, *IEEE Trans. Med. Imaging* 23(4) (2004) 501-509. "
    "Published for research; the images may not be passed on. Images and masks were scaled in height."
)
OWN_DATA = "Own images of whoever trained it: nothing is known here of where they come from."

PURPOSE = {
    "CT": "Outlines a lung nodule, as readers may have drawn it, in a crop of an axial CT slice centred near it.",
    "fundus": "Traces the retinal vessels, as readers may have, in a whole colour fundus photograph.",
}


OBJECTIVE_WORDS = {
    "elbo": "evidence lower bound",
    "energy": "energy distance of prior draws",
    "likelihood": "likelihood of the readings",
}

CROP_WORDS = {"mixed": ", half of them evenly spread around the centre", "uniform": ", evenly spread around the centre"}

DIVERGENCE_WORDS = {
    "kl": "",
    "released_kl": " with the released code's estimate in place of the KL (an ablation)",
    "latent_sinkhorn": " with a Sinkhorn divergence in place of the KL",
}


def write_card(folder: Path) -> None:
    """Write card.md beside the manifest of a package."""
    (folder / "card.md").write_text(card_text(read_manifest(folder)), encoding="utf-8")


def card_text(manifest: dict[str, Any]) -> str:
    """The card as Markdown."""
    return "\n".join(
        [
            f"# {manifest['id']}",
            "",
            _purpose(manifest),
            _model_line(manifest),
            "",
            "**Research use only. Not a medical device.**",
            "",
            "## Data",
            "",
            _attribution(manifest),
            "",
            *_data_lines(manifest["training"]["data"]),
            "",
            *_fine_tuning_lines(manifest["training"].get("fineTuning", [])),
            "## What was run",
            "",
            *_run_lines(manifest["training"], whole="crops" if manifest["input"]["sizePx"] else "whole photographs"),
            "",
            "## Results",
            "",
            *_result_lines(manifest["results"]),
            "",
            *_calibration_lines(calibration_of(manifest)),
            "## Scope and limits",
            "",
            *[f"* {warning}" for warning in manifest["scope"]["warnings"]],
            "* One seed was trained: nothing is known about other seeds.",
            "",
        ]
    )


def _is_own(manifest: dict[str, Any]) -> bool:
    return bool(manifest["training"]["data"]["name"].startswith("own images"))


def _purpose(manifest: dict[str, Any]) -> str:
    if not _is_own(manifest):
        return PURPOSE[manifest["modality"]]
    where = "a crop of a slice centred near it" if manifest["modality"] == "CT" else "a whole photograph"
    return f"Outlines what the readers of its training images marked, as they may have, in {where}."


def _attribution(manifest: dict[str, Any]) -> str:
    if manifest["training"]["data"]["name"].startswith("DRIVE"):
        return DRIVE
    return OWN_DATA if _is_own(manifest) else ATTRIBUTION[manifest["modality"]]


def _model_line(manifest: dict[str, Any]) -> str:
    fused = f"{manifest['features']['channels']} fused features"
    if manifest["latent"]["dimension"] == 0:
        return f"Model: unet, {fused}. Deterministic: one answer an image, no latent variable, no uncertainty."
    steps = manifest["flow"]["steps"]
    told = "The flow shapes training; sampling" if steps else "Sampling"
    return (
        f"Model: {manifest['kind']}, latent dimension {manifest['latent']['dimension']}, "
        f"{steps} flow steps in the posterior, {fused}. {told} draws from the diagonal prior"
        + (", spread evenly unless asked otherwise." if manifest.get("draws", {}).get("kind") == "even" else ".")
    )


def _data_lines(data: dict[str, Any]) -> list[str]:
    readings = "one reading each, drawn once" if data["raters"] == 1 else f"{data['raters']} readings each"
    return [
        f"* {data['name']}; {data['cases']} patients, {data['images']} images, {readings}.",
        f"* Split {data.get('split', 'none')}. Share of empty readings in training: {data.get('emptyShare', 0):.1%}.",
    ]


def _fine_tuning_lines(told: list[dict[str, Any]]) -> list[str]:
    """What was learned from own images after all that, oldest first; the figures above and below are the parent's."""
    if not told:
        return []
    lines = ["## Fine-tuned on own images", ""]
    for one in told:
        parent = one["parent"]
        lines.append(
            f"* From {parent['id']} {parent['version']} ({parent['sha256'][:12]}), method {one['method']}, set "
            f"{one['set']['name']} ({one['set']['id']}): {one['images']} images of {one['patients']} patients, "
            f"{one['readings']} readings, {one['steps']} steps, seed {one['seed']}; {one['replay']} images replayed."
        )
        lines += [f"* {note}" for note in one["notes"]]
    return [*lines, "* Data and run that are told here are those of the model that it began with.", ""]


def _run_lines(training: dict[str, Any], whole: str) -> list[str]:
    lines = [
        f"* {training['steps']} steps, {training['images']} images, {training['wallSeconds'] / 60:.0f} minutes of wall "
        f"time on {training['hardware']}; PyTorch {training['torch']}, seed {training['seed']}.",
        f"* Weights: moving average at step {training['chosenStep']}, {training['chosenBy']}.",
    ]
    for index, phase in enumerate(training["switches"]["phases"]):
        deterministic = phase["objective"] == "energy" and phase["draws"] == 1
        length = f"{phase['steps']} steps" if "steps" in phase else f"{phase['minutes']:g} minutes"
        what = "distance to the readings" if deterministic else OBJECTIVE_WORDS[phase["objective"]]
        what += DIVERGENCE_WORDS[phase.get("divergence", "kl")]
        seen = f"{phase['crop_px']} px patches" if "crop_px" in phase else whole
        seen += CROP_WORDS.get(phase.get("jitter", ""), "") + (", turned and scaled" if phase.get("warp") else "")
        lines.append(f"* Phase {index + 1}: {what}, {length}, batch {phase['batch']} ({seen}), rate {phase['rate']:g}.")
    if training["validation"]:
        lines.append(
            f"* GED_V@16 on the validation part, on which it was chosen: {training['validation']['ged_v']:.3f}."
        )
    return lines


def _result_lines(results: list[dict[str, Any]]) -> list[str]:
    if not results:
        return ["Not evaluated yet."]
    lines: list[str] = []
    for protocol in dict.fromkeys(result["protocol"] for result in results):
        lines += ["", protocol, "", "| measure | data | n | value | 95 % interval |", "| --- | --- | --- | --- | --- |"]
        lines += [_result_row(result) for result in results if result["protocol"] == protocol]
    return lines[1:]


def _calibration_lines(table: dict[str, Any] | None) -> list[str]:
    """What the intervals of sizes cover, on patients that they were not fitted on; nothing where there is no table."""
    if table is None:
        return []
    lines = [
        "## Calibrated intervals of sizes",
        "",
        f"From {table['samples']} even draws, {table['leastDrawn']} of which draw something at least. Fitted on "
        f"{table['fitted']['patients']} patients ({table['fitted']['data']}), covered on {table['tested']['patients']} "
        f"others ({table['tested']['data']}): a further reader of a further patient, given that it is marked.",
        "",
        "| size | interval | level | covered | 95 % interval |",
        "| --- | --- | --- | --- | --- |",
    ]
    for size, levels in table["sizes"].items():
        for percent, at in levels.items():
            span = "{:.3f} to {:.3f}".format(*at["interval"])
            lines.append(f"| {CALIBRATED[size]} | {percent} % | {at['level']:.3f} | {at['covered']:.3f} | {span} |")
    return [*lines, ""]


CALIBRATED = {"area": "area", "equivalentDiameter": "equivalent diameter", "longestDiameter": "longest diameter"}


def _result_row(result: dict[str, Any]) -> str:
    interval = result["interval"]
    span = "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
    name = result["measure"] if not result["baseline"] else f"*{result['baseline']}*: {result['measure']}"
    return f"| {name} | {result['data']} | {result['n']} | {result['value']:.3f} | {span} |"
