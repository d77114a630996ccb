"""A worker of `margin batch` on a Dask cluster: items come in as lines, answers go out as lines.

python -m margin_trainer.cluster --address ADDRESS [--count] -- WORDS

On the machine that Dask chooses, WORDS (`margin batch --worker`) draws the item: the same program as on one machine,
so that it writes the same bytes. Python carries lines and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

CONNECT_SECONDS = 10
SIGN_SECONDS = 30
"""The batch ends a worker that says nothing for minutes: while Dask holds the item, that is said."""


def draw_item(words: list[str], line: str) -> list[str]:
    """Answers of one item, by this machine's own program, which stays for the next item; runs on the cluster."""
    import json
    import subprocess
    import threading

    from distributed import get_worker

    kept: dict[int, subprocess.Popen[str]] = get_worker().__dict__.setdefault("margin_programs", {})
    me = threading.get_ident()
    program = kept.get(me)
    if program is None or program.poll() is not None:
        pipe = subprocess.PIPE
        program = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        kept[me] = program
    if program.stdin is None or program.stdout is None:
        raise RuntimeError("a program without pipes")
    program.stdin.write(line)
    program.stdin.flush()
    answers: list[str] = []
    for answer in program.stdout:
        try:
            kind = json.loads(answer).get("kind")
        except (ValueError, AttributeError):
            continue
        answers.append(answer)
        if kind in ("done", "refused"):
            return answers
    del kept[me]
    raise RuntimeError(f"the program ended with {program.wait()} without an answer")


def serve(client: Any, words: list[str]) -> None:
    """Lines of standard input to the cluster, one after another, and the answers to standard output."""
    for line in sys.stdin:
        # Drawing writes files: the same item asked for twice is drawn twice.
        future = client.submit(draw_item, words, line, pure=False)
        while not future.done():
            wait_for(future)
        for answer in future.result():
            sys.stdout.write(answer)
        sys.stdout.flush()


def wait_for(future: Any) -> None:
    """Until the future is done, or a sign of life is due."""
    from distributed import TimeoutError as DaskTimeout
    from distributed import wait

    try:
        wait(future, timeout=SIGN_SECONDS)
    except DaskTimeout:
        print(json.dumps({"kind": "said", "text": "on the cluster"}), flush=True)


def main() -> int:
    """Exit status 1, and a line on stderr, where the cluster does not answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--count", action="store_true", help="print the number of items that are drawn at a time")
    parser.add_argument("words", nargs="*")
    asked = parser.parse_args()
    from distributed import Client

    try:
        client = Client(asked.address, timeout=CONNECT_SECONDS)
    except OSError as failure:
        print(f"no cluster answers at {asked.address}: {failure}", file=sys.stderr)
        return 1
    with client:
        if asked.count:
            print(json.dumps({"slots": sum(client.nthreads().values())}))
        else:
            serve(client, asked.words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
