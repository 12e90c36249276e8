"""Try mutants in forked processes, and see to it that none does any harm."""

from __future__ import annotations

import argparse
import collections
import faulthandler
import mmap
import multiprocessing
import os
import random
import resource
import struct
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Attack", "FoundError", "Report", "main", "one_line", "watch"]

SLOW_S, HANGING_S = 5.0, 60.0
MOST_MEMORY_MB = 1024
# Far above what may be used: a request beyond it fails, which is told.
MOST_NEW_ADDRESSES = 2**32
NO_MEMORY = "needs more memory than there is"
# Mutants after which a process is replaced, and those between two messages from it.
BATCH, STEP = 20_000, 250
_MOMENT = struct.Struct("<qd")


class FoundError(Exception):
    """Something that no file may bring about."""


class Attack(Protocol):
    """Mutants of one kind, and what is done with each."""

    suffix: str

    def make(self, rng: random.Random) -> bytes:
        """Return a mutant; equal for generators of equal state."""

    def attempt(self, path: Path, rng: random.Random) -> str:
        """Do with the mutant in a file what users do; return what came of it.

        Errors of the package that name the file are an outcome; others are raised.
        """


@dataclass
class Report:
    """What came of all mutants."""

    outcomes: collections.Counter[str] = field(default_factory=collections.Counter)
    found: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    peak_mb: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return lines for people."""
        lines = [f"{sum(self.outcomes.values()):,} mutants in {self.seconds:.0f} s"]
        for outcome, count in self.outcomes.most_common(12):
            lines.append(f"{count:10,}  {outcome}")
        lines.append(f"slowest {self.slowest_s:.2f} s, memory {self.peak_mb:,} MiB")
        lines.append(f"{len(self.found)} mutants did what they must not")
        return "\n".join(lines)


def one_line(error: BaseException, path: Path) -> None:
    """Raise unless an error is one line that names the file and can be printed."""
    text = str(error)
    if NO_MEMORY in text:
        raise FoundError(f"it takes too much memory: {text}")
    if not text.isprintable():
        raise FoundError(f"a message that cannot be printed: {ascii(text)[:200]}")
    if path.name not in text:
        raise FoundError(f"a message that does not name the file: {text[:200]}")


def watch(
    attack: Attack, *, n: int, seconds: float, seed: int = 0, keep: Path | None = None
) -> Report:
    """Try mutants until there have been enough or the time is over.

    Parameters
    ----------
    attack : Attack
        What to try.
    n : int
        Mutants.
    seconds : float
        Time limit.
    seed : int, default=0
        That of the first mutant; each has a seed of its own.
    keep : pathlib.Path or None, default=None
        Folder for mutants that did harm.
    """
    report = Report()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
        path = Path(folder, f"mutant{attack.suffix}")
        current, end = seed, seed + n
        while current < end and time.monotonic() - begin < seconds:
            stop = min(current + BATCH, end)
            until = begin + seconds
            current = _run_batch(attack, path, current, stop, until, report, keep)
    report.seconds = time.monotonic() - begin
    return report


def _memory_folder() -> str | None:
    shared = "/dev/shm"
    return shared if os.access(shared, os.W_OK) else None


def _run_batch(
    attack: Attack,
    path: Path,
    start: int,
    stop: int,
    until: float,
    report: Report,
    keep: Path | None,
) -> int:
    """Run seeds in one process; return the seed to go on with."""
    told_before = sum(report.outcomes.values())
    moment = mmap.mmap(-1, _MOMENT.size)
    _MOMENT.pack_into(moment, 0, start, time.monotonic())
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    job = (attack, path, range(start, stop), until, sender, moment)
    child = context.Process(target=_work, args=job, daemon=True)
    child.start()
    sender.close()

    def note(seed: int, text: str) -> None:
        report.outcomes["did harm"] += 1
        report.found.append(f"seed {seed}: {text}")
        print(report.found[-1], flush=True)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{seed}{attack.suffix}").write_bytes(
                attack.make(random.Random(seed))
            )

    try:
        while (message := _receive(receiver, moment)) is not None:
            outcomes, slowest, peak, found = message
            report.outcomes.update(outcomes)
            report.slowest_s = max(report.slowest_s, slowest)
            report.peak_mb = max(report.peak_mb, peak)
            for seed, text in found:
                note(seed, text)
        seed, _ = _MOMENT.unpack_from(moment)
        return seed + 1
    except TimeoutError:
        child.kill()
        text = f"hangs for more than {HANGING_S:.0f} s"
    except EOFError:
        child.join()
        text = f"ends the process with status {child.exitcode}"
    finally:
        child.join(timeout=60)
    seed, _ = _MOMENT.unpack_from(moment)
    untold = (seed - start) - (sum(report.outcomes.values()) - told_before)
    report.outcomes["not told, as the process ended"] += untold
    note(seed, text)
    return seed + 1


def _receive(receiver: Any, moment: mmap.mmap) -> Any:
    """Wait for a message, or until a mutant has taken too long."""
    while not receiver.poll(2):
        _, begin = _MOMENT.unpack_from(moment)
        if time.monotonic() - begin > HANGING_S:
            raise TimeoutError
    return receiver.recv()


def _work(
    attack: Attack,
    path: Path,
    seeds: range,
    until: float,
    connection: Any,
    moment: mmap.mmap,
) -> None:
    _become_quiet(path)
    _limit_addresses()
    outcomes: collections.Counter[str] = collections.Counter()
    found: list[tuple[int, str]] = []
    slowest, peak, before = 0.0, 0, _peak_memory()
    for number, seed in enumerate(seeds):
        _MOMENT.pack_into(moment, 0, seed, time.monotonic())
        begin = time.process_time()
        outcome, text = _try_one(attack, path, seed)
        seconds, peak = time.process_time() - begin, _peak_memory() - before
        slowest = max(slowest, seconds)
        if peak > MOST_MEMORY_MB:
            text = text or f"takes {peak:,} MiB of memory"
        if seconds > SLOW_S:
            text = text or f"takes {seconds:.1f} s"
        if text:
            found.append((seed, text))
        else:
            outcomes[outcome] += 1
        is_last = time.monotonic() > until or peak > MOST_MEMORY_MB
        if is_last or text or number % STEP == STEP - 1:
            connection.send((outcomes, slowest, peak, found))
            outcomes, found = collections.Counter(), []
        if is_last:
            break
    connection.send((outcomes, slowest, peak, found))
    connection.send(None)


def _try_one(attack: Attack, path: Path, seed: int) -> tuple[str, str]:
    """Try a mutant; return the outcome, and what harm it did, if any."""
    path.write_bytes(attack.make(random.Random(seed)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("always", category=UserWarning)
            warnings.showwarning = _check_warning
            return attack.attempt(path, random.Random(seed)), ""
    except FoundError as error:
        return "", str(error)
    except BaseException as error:
        told = f"{type(error).__name__}: {ascii(str(error))[:300]}"
        return "", f"{told} {_place_of(error)}"


def _check_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    if not str(message).isprintable():
        raise FoundError(f"a warning that cannot be printed: {str(message)!a}")


def _place_of(error: BaseException) -> str:
    """Return where in the package an error was raised."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-3:])


def _limit_addresses() -> None:
    """Let requests of memory fail that go far beyond what the imports have taken."""
    taken = Path("/proc/self/statm")
    if taken.exists():
        n_pages = int(taken.read_text().split()[0])
        limit = n_pages * resource.getpagesize() + MOST_NEW_ADDRESSES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _become_quiet(path: Path) -> None:
    """Send what decoders print nowhere, and traces of crashes into a file."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    faulthandler.enable(open(path.with_name("crash.txt"), "w"))  # noqa: SIM115


def main(
    description: str, attack_of: Callable[[argparse.Namespace], Attack], *choices: str
) -> int:
    """Run a fuzzer from the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--n", type=int, default=1000, help="mutants to try")
    parser.add_argument("--seconds", type=float, default=120, help="time limit")
    parser.add_argument("--seed", type=int, default=0, help="of the first mutant")
    parser.add_argument("--keep", type=Path, default=Path(__file__).parent / "found")
    if choices:
        parser.add_argument("--kind", choices=choices, default=choices[0])
    else:
        parser.add_argument("files", nargs="*", type=Path, help="files to change")
    args = parser.parse_args()
    attack = attack_of(args)
    with suppress(KeyboardInterrupt):
        report = watch(
            attack, n=args.n, seconds=args.seconds, seed=args.seed, keep=args.keep
        )
        print(report)
        return 1 if report.found else 0
    return 130
