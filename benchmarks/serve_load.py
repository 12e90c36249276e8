"""Load a service: many clients at a time, all answers compared with ``predict``.

Starts ``mfccclf serve names`` on two threads, and has clients ask it one clip after the
other. In a second run, a third of their requests is broken, cut off or too large.
Before each run, the bare `Predictor` predicts the same clips.

    python benchmarks/serve_load.py                       # 64 clients, 5 minutes a run
    python benchmarks/serve_load.py --seconds 20 --clients 16
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from mfccclf import Predictor
from mfccclf.service.work import predict_clip
from mfccclf.storage.held_clip import HeldClip

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "serve_load.json"
MAX_BYTES = 2_000_000
THREADS = 2
TOO_MANY = 429
Answer = tuple[int, bytes]


@dataclass
class Counts:
    """What the clients have seen."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    processor_s: float = 0.0


def read_clips() -> list[HeldClip]:
    """Return the sample clips."""
    paths = sorted((ROOT / "audio").iterdir())
    kinds = (".au", ".wav", ".flac", ".ogg")
    return [HeldClip(p.name, p.read_bytes()) for p in paths if p.suffix in kinds]


@contextmanager
def running_service(log: Path) -> Iterator[tuple[int, int]]:
    """Yield the process and the port of a service; stop it, and check how it ends."""
    command = [sys.executable, "-m", "mfccclf", "serve", "names", "--port", "0"]
    command += ["--threads", str(THREADS), "--max-bytes", str(MAX_BYTES)]
    with log.open("w") as errors:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().rpartition(":")[2])
        yield server.pid, port
        server.terminate()
        if server.wait(30) != 0:
            raise SystemExit("The service did not end well.")
    finally:
        server.kill()


async def ask(port: int, name: str, body: bytes, *, cut: bool = False) -> Answer:
    """Send one request on a connection of its own; cut off, send half and go."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    head = f"POST /v1/predict?name={name} HTTP/1.1\r\nHost: localhost:{port}\r\n"
    head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    try:
        writer.write(head.encode() + (body[: len(body) // 2] if cut else body))
        await writer.drain()
        if cut:
            return 0, b""
        answer, _, content = (await reader.read()).partition(b"\r\n\r\n")
        return int(answer.split(None, 2)[1]), content
    finally:
        writer.close()


async def be_client(
    number: int, port: int, stop: float, share_bad: bool, made: dict[str, Any]
) -> None:
    """Ask until the time is over, and compare each answer."""
    clips, expected, counts = made["clips"], made["expected"], made["counts"]
    turn = number
    while time.monotonic() < stop:
        turn += 1
        clip = clips[turn % len(clips)]
        bad = ("broken", "cut off", "too large")[turn // 3 % 3]
        kind = bad if share_bad and turn % 3 == 0 else "good"
        body = {
            "good": clip.content,
            "cut off": clip.content,
            "broken": b"no sound" * 1000,
            "too large": bytes(MAX_BYTES + 1),
        }[kind]
        start = time.perf_counter()
        status, content = await ask(port, clip.name, body, cut=kind == "cut off")
        took = time.perf_counter() - start
        counts.statuses[f"{kind}: {status}"] += 1
        if status == TOO_MANY:
            continue
        is_right = status == {"good": 200, "broken": 422, "too large": 413}.get(kind, 0)
        if is_right and kind == "good":
            counts.latencies.append(took)
            is_right = json.loads(content) == expected[clip.name]
        if not is_right:
            counts.wrong.append(f"{kind}, {status}: {content[:200]!r}")


async def watch_memory(pid: int, counts: Counts, stop: float) -> None:
    """Note the resident memory of the service, once a second."""
    while time.monotonic() < stop:
        text = Path(f"/proc/{pid}/status").read_text()
        kib = next(line.split()[1] for line in text.splitlines() if "VmRSS" in line)
        counts.memory_mb.append(int(kib) / 1024)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        counts.processor_s = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
        await asyncio.sleep(1)


async def load(pid: int, port: int, options: Any, made: dict[str, Any]) -> None:
    """Run all clients, and the watch."""
    stop = time.monotonic() + options.seconds
    clients = [
        be_client(number, port, stop, made["bad"], made)
        for number in range(options.clients)
    ]
    await asyncio.gather(*clients, watch_memory(pid, made["counts"], stop))


def bare_rates(predictor: Predictor, clips: list[HeldClip]) -> dict[str, float]:
    """Return clips per second of the bare predictor, and processor time per clip."""
    rates = {}
    for n_threads in (1, THREADS):
        n_clips, start, before = 200, time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(n_threads) as threads:
            list(threads.map(predictor.predict_file, (clips * n_clips)[:n_clips]))
        rates[f"{n_threads} threads"] = n_clips / (time.perf_counter() - start)
        spent = time.process_time() - before
        rates[f"{n_threads} threads, processor ms"] = 1000 * spent / n_clips
    return rates


def run_once(predictor: Predictor, bad: bool, options: Any) -> dict[str, Any]:
    """Run the clients against a new service; return what came of it."""
    clips, counts = read_clips(), Counts()
    expected = {
        clip.name: json.loads(predict_clip(predictor, clip, 1)) for clip in clips
    }
    made = {"clips": clips, "expected": expected, "counts": counts, "bad": bad}
    bare = bare_rates(predictor, clips)
    with running_service(options.log) as (pid, port):
        asyncio.run(load(pid, port, options, made))
    n_faults = sum('"fault"' in line for line in options.log.read_text().splitlines())
    quarter = max(1, len(counts.memory_mb) // 4)
    p50, p99 = np.percentile(counts.latencies, [50, 99])
    return {
        "seconds": options.seconds,
        "clients": options.clients,
        "statuses": dict(sorted(counts.statuses.items())),
        "wrong_answers": len(counts.wrong),
        "examples_of_wrong_answers": counts.wrong[:3],
        "faults_in_log": n_faults,
        "requests_per_s": sum(counts.statuses.values()) / options.seconds,
        "good_per_s": len(counts.latencies) / options.seconds,
        "processor_ms_per_request": 1000
        * counts.processor_s
        / sum(counts.statuses.values()),
        "p50_s": float(p50),
        "p99_s": float(p99),
        "memory_mb_second_quarter": median(counts.memory_mb[quarter : 2 * quarter]),
        "memory_mb_last_quarter": median(counts.memory_mb[-quarter:]),
        "memory_mb_most": max(counts.memory_mb),
        "bare": bare,
        "load_average": os.getloadavg()[0],
    }


def main() -> None:
    """Run both loads, print and keep what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--log", type=Path, default=Path("serve_load.log"))
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    predictor = Predictor("names")
    runs = {
        "all good": run_once(predictor, False, options),
        "a third bad": run_once(predictor, True, options),
    }
    text = json.dumps({"processors": os.cpu_count(), "runs": runs}, indent=2)
    print(text)
    options.output.write_text(text + "\n", encoding="utf-8")
    if any(run["wrong_answers"] or run["faults_in_log"] for run in runs.values()):
        raise SystemExit("Some answers were wrong.")


if __name__ == "__main__":
    main()
