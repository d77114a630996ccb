"""Scored cases kept between calls: a package is scored once for the same graphs, cases, seed, code and libraries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from margin_trainer.data.batch import Case
from margin_trainer.failure import TrainerError
from margin_trainer.package import read_manifest, sha256_of
from margin_trainer.scoring.evaluate import Protocol, cases_of, outcome_of, score_cases
from margin_trainer.scoring.score import CaseRecord

SOURCE = Path(__file__).parents[1]
CODE = ("scoring/score.py", "package.py", "data/batch.py", "measures/*.py", "sampling/*.py")
"""What scores depend on, apart from the cases, whose content is hashed itself."""
LIBRARIES = ("numpy", "scipy", "onnxruntime")

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Scored:
    """A package's manifest, the protocol, and the record of every case."""

    manifest: dict[str, Any]
    protocol: Protocol
    records: list[CaseRecord]
    cases_sha256: str

    def outcome(self) -> dict[str, Any]:
        """What `evaluate` prints."""
        return outcome_of(self.manifest, self.protocol, self.records)


def code_digest() -> str:
    """Hash of the sources and of the versions of the libraries that scores depend on."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in CODE for path in SOURCE.glob(pattern)):
        digest.update(path.relative_to(SOURCE).as_posix().encode() + b"\0" + path.read_bytes())
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    return digest.hexdigest()


def cases_digest(cases: Sequence[tuple[int, Case]]) -> str:
    """Hash of everything in the cases that a score can depend on."""
    digest = hashlib.sha256()
    for number, case in cases:
        digest.update(repr((number, case.name, case.patient, case.source, case.top, case.left)).encode())
        for array in (case.image, case.readings, case.inside):
            digest.update(repr((array.shape, array.dtype.str)).encode() + array.tobytes())
    return digest.hexdigest()


@dataclass
class ScoreStore:
    """Scores packages on one data folder; `folder` None keeps nothing on disk. Opened cases are kept in memory."""

    data: Path
    folder: Path | None
    threads: int = 0
    report: Report = lambda _what, _done, _total: None
    _opened: dict[str, tuple[list[tuple[int, Case]], str]] = field(default_factory=dict)

    def score(self, package: Path, protocol: Protocol, anew: bool = False) -> Scored:
        """Records of a package, from the store where they are there; `anew`: computed now, and put there."""
        manifest = read_manifest(package)
        cases, cases_sha256 = self._cases(manifest, protocol)
        graphs = [sha256_of(package / manifest["graphs"][role]["file"]) for role in ("encoder", "sampler")]
        told = json.dumps([graphs, manifest.get("draws"), cases_sha256, protocol.seed, code_digest()])
        key = hashlib.sha256(told.encode()).hexdigest()
        records = None if anew else self._read(key)
        if records is None:
            records = score_cases(
                package,
                cases,
                protocol.seed,
                self.threads,
                lambda done, total: self.report(manifest["id"], done, total),
            )
            self._write(key, records)
        return Scored(manifest, protocol, records, cases_sha256)

    def cases(self, manifest: dict[str, Any], protocol: Protocol) -> list[tuple[int, Case]]:
        """The numbered cases of a package."""
        return self._cases(manifest, protocol)[0]

    def cases_sha256(self, manifest: dict[str, Any], protocol: Protocol) -> str:
        """Hash of the cases of a package."""
        return self._cases(manifest, protocol)[1]

    def _cases(self, manifest: dict[str, Any], protocol: Protocol) -> tuple[list[tuple[int, Case]], str]:
        told = repr((manifest["modality"], manifest["input"], replace(protocol, seed=0)))
        if told not in self._opened:
            cases = cases_of(manifest, self.data, protocol)
            self._opened[told] = cases, cases_digest(cases)
        return self._opened[told]

    def _read(self, key: str) -> list[CaseRecord] | None:
        """Kept records; None where there are none or the file is damaged: they are then scored anew."""
        if self.folder is None:
            return None
        try:
            kept = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            return [CaseRecord(**record) for record in kept["records"]] if kept["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, key: str, records: Sequence[CaseRecord]) -> None:
        if self.folder is None:
            return
        path = self.folder / f"{key}.json"
        beside = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps({"key": key, "records": [r.as_json() for r in records]}), encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise TrainerError(f"{path}: scores cannot be kept: {error}") from error
