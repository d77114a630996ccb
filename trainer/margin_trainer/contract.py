"""What crosses between the program and the trainer, checked against the schemas that both were made from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema

from margin_trainer.failure import TrainerError

SCHEMAS = Path(__file__).parent / "schema"
Schema = Literal["from-worker", "gate-report", "training-set", "to-worker"]


@cache
def _validator(name: Schema) -> Any:
    text = (SCHEMAS / f"{name}.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def checked(name: Schema, value: Any) -> Any:
    """The value, which the schema accepts. Refused: anything else, by the place where it differs."""
    faults = sorted(_validator(name).iter_errors(value), key=lambda fault: len(fault.absolute_path))
    if not faults:
        return value
    # Of a union the branch that the value came furthest in says most.
    fault = jsonschema.exceptions.best_match(faults)
    where = ".".join(str(part) for part in fault.absolute_path) or "the whole"
    raise TrainerError(f"{name}: {where}: {fault.message[:300]}")
