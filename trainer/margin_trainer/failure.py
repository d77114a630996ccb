"""Expected failures: bad configuration, bad data, a run that cannot go on."""

from __future__ import annotations


class TrainerError(Exception):
    """One line that names the file or the option and says what is wrong; the command prints it and exits with 2."""
