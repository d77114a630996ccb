"""Command line: python -m margin_trainer COMMAND; its help lists them."""

from __future__ import annotations

import argparse
import sys

import torch

from margin_trainer.commands import check, own_readings, results, scoring, training
from margin_trainer.failure import TrainerError


def build_parser() -> argparse.ArgumentParser:
    """Sub-commands and their options; each sets `act`."""
    parser = argparse.ArgumentParser(prog="margin_trainer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for group in (training, scoring, results, own_readings, check):
        group.add_commands(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 done, 2 an expected failure, told in one line on stderr."""
    arguments = build_parser().parse_args(argv)
    if getattr(arguments, "threads", 0) > 0:
        torch.set_num_threads(arguments.threads)
    try:
        status: int | None = arguments.act(arguments)
    except TrainerError as failure:
        print(f"margin_trainer: {failure}", file=sys.stderr)
        return 2
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
