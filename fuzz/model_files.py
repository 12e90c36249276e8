"""Change model files at random, and see what opening and running them does.

See ``fuzz/README.md``.
"""

from __future__ import annotations

import argparse
import collections
import copy
import json
import multiprocessing
import os
import random
import resource
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

Members = dict[str, bytes]
ODD_BYTES = [b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", struct.pack("<I", 2**31)]
ODD_VALUES = [
    *(None, True, -1, 0, 1, 2, 3, 2.5, 2**31, 10**9, 10**400, 1e308, -1e308),
    *("", "a", "\n", "\ud800", "inf", [], [[]], [1, 2], {}, {"$float": "nan"}),
    *({"$pairs": [[[], 1]]}, {"$pairs": 3}, [0] * 99, [2**13] * 32, "x" * 5000),
]
SLOW_S = 5.0
KINDS = ("bytes", "config", "graph", "graph", "weights", "zip")


def mutate_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip, replace, delete, insert or repeat bytes."""
    mutant = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 4, 16])):
        place = rng.randrange(len(mutant) + 1)
        size = rng.choice([1, 1, 2, 4, 8, 64])
        kind = rng.randrange(6)
        if kind == 0 and place < len(mutant):
            mutant[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            mutant[place : place + 4] = rng.choice(ODD_BYTES)
        elif kind == 2:
            del mutant[place : place + size]
        elif kind == 3:
            mutant[place:place] = rng.randbytes(size)
        elif kind == 4:
            source = rng.randrange(len(mutant) + 1)
            mutant[place:place] = mutant[source : source + 4 * size]
        elif place < len(mutant):
            mutant[place] = rng.randrange(256)
    return bytes(mutant)


def mutate_head(content: bytes, rng: random.Random) -> bytes:
    """Change bytes, mostly among those that are no weights."""
    if rng.random() < 0.3:
        return mutate_bytes(content, rng)
    size = rng.choice([200, 2_000, 20_000])
    if rng.random() < 0.5:
        return mutate_bytes(content[:size], rng) + content[size:]
    return content[:-size] + mutate_bytes(content[-size:], rng)


def mutate_config(config: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Put an odd value somewhere, or leave one out."""
    mutant = copy.deepcopy(config)
    for _ in range(rng.choice([1, 1, 2])):
        part: Any = mutant
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = rng.choice(keys)
            inner = part[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
                part = inner
                continue
            if rng.random() < 0.1:
                del part[key]
            elif isinstance(inner, int | float) and rng.random() < 0.3:
                part[key] = inner * rng.choice([-1, 2, 3, 1000, 0.5])
            else:
                part[key] = copy.deepcopy(rng.choice(ODD_VALUES))
            break
    return mutant


def make_mutant(kind: str, members: Members, rng: random.Random) -> bytes:
    """Return a model file with one change of a kind."""
    from mfccclf.persistence.archive import describe_members, pack

    members = dict(members)
    config = json.loads(members.pop("model.json"))
    if kind == "graph":
        members["model.onnx"] = mutate_head(members["model.onnx"], rng)
    if kind == "weights":
        content = members["weights.safetensors"]
        members["weights.safetensors"] = mutate_head(content, rng)
    config["members"] = describe_members(members)
    if kind == "config":
        config = mutate_config(config, rng)
    text = json.dumps(config).encode("utf-8", errors="surrogatepass")
    packed = pack({"model.json": text, **members})
    if kind == "bytes":
        return mutate_bytes(packed, rng)
    if kind == "zip":
        return packed[:-400] + mutate_bytes(packed[-400:], rng)
    return packed


def try_mutant(path: Path) -> str:
    """Open a mutant in all ways and run it; return what came of it."""
    import numpy as np

    from mfccclf import ModelFileError, Predictor, load_model

    noise = np.random.default_rng(0).standard_normal(11025).astype(np.float32)
    results = []
    for name, open_it in (("predict", Predictor), ("load", load_model)):
        try:
            opened: Any = open_it(path)
            if name == "predict":
                opened.predict_waveform(noise, 22050)
            results.append("ran" if name == "predict" else "loaded")
        except ModelFileError as error:
            if not str(error).isprintable():
                return f"message with unprintable characters: {ascii(str(error))[:200]}"
            results.append("refused")
        except ValueError as error:  # a clip shorter than the mutant's features need
            if not str(error).startswith("The waveform "):
                return f"{name}: ValueError: {ascii(str(error))[:150]}"
            results.append("ran")
        except BaseException as error:
            text = f"{type(error).__name__}: {ascii(str(error))[:150]}"
            return f"{name}: {text}"
    return ", ".join(results)


def work(
    seeds: Sequence[int], models: list[Members], until: float, connection: Any
) -> None:
    """Make and try mutants; tell of each before and after it is tried."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "mutant.mfccclf"
    warm_up(models[0], path)
    for seed in seeds:
        if time.time() > until:
            break
        rng = random.Random(seed)
        mutant = make_mutant(rng.choice(KINDS), rng.choice(models), rng)
        path.write_bytes(mutant)
        connection.send((seed, None, 0.0, 0))
        begin = time.process_time()
        result = try_mutant(path)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        connection.send((seed, result, time.process_time() - begin, peak))
    path.unlink(missing_ok=True)
    folder.rmdir()
    connection.send(None)


def warm_up(members: Members, path: Path) -> None:
    """Import all that is needed, so that no mutant is blamed for it."""
    from mfccclf.persistence.archive import pack

    path.write_bytes(pack(members))
    try_mutant(path)


def run(
    seeds: range, models: list[Members], until: float, report: Callable[..., None]
) -> None:
    """Try all mutants in child processes, and begin a new one after a crash."""
    context = multiprocessing.get_context("spawn")
    start = 0
    while start < len(seeds) and time.time() < until:
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(
            target=work, args=(seeds[start:], models, until, sender), daemon=True
        )
        child.start()
        sender.close()
        current = seeds[start]
        try:
            while (message := receive(receiver)) is not None:
                current, result, seconds, peak = message
                if result is not None:
                    report(current, result, seconds, peak)
            return
        except TimeoutError:
            child.kill()
            report(current, "hang", 60.0, 0)
        except EOFError:
            child.join()
            report(current, f"crash with status {child.exitcode}", 0.0, 0)
        start = current - seeds[0] + 1


def receive(receiver: Any) -> Any:
    """Wait a minute at most for a message of the child."""
    if not receiver.poll(60):
        raise TimeoutError
    return receiver.recv()


def base_models(paths: Sequence[Path]) -> list[Members]:
    """Return the members of the model files to change; by default small ones."""
    import zipfile

    if not paths:
        paths = make_models(Path(tempfile.mkdtemp()))
    models = []
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            models.append({name: archive.read(name) for name in archive.namelist()})
    return models


def make_models(folder: Path) -> list[Path]:
    """Train three small models."""
    import numpy as np

    from mfccclf import make_pipeline, save_model

    rng = np.random.default_rng(0)
    clips = [
        rng.standard_normal(11025).astype(np.float32) * level
        for level in (0.01, 0.3) * 3
    ]
    settings: dict[str, dict[str, Any]] = {
        "names-lstm": {"hidden_sizes": (4,)},
        "polyphonic-cnn": {"channels": (3,)},
        "default": {"hidden_sizes": (4,), "conv_channels": (3,)},
    }
    paths = []
    for preset, options in settings.items():
        pipeline = make_pipeline(preset, max_epochs=1, **options)
        pipeline.fit(clips, ["quiet", "loud"] * 3)
        paths.append(save_model(pipeline, folder / f"{preset}.mfccclf"))
    return paths


def main() -> int:
    """Run the fuzzer; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, help="model files to change")
    parser.add_argument("--n", type=int, default=1000, help="mutants to try")
    parser.add_argument("--seconds", type=float, default=120, help="time limit")
    parser.add_argument("--seed", type=int, default=0, help="of the first mutant")
    parser.add_argument("--keep", type=Path, default=Path(__file__).parent / "found")
    args = parser.parse_args()
    models = base_models(args.models)
    counts: collections.Counter[str] = collections.Counter()
    bad: list[str] = []
    slowest, highest, begin = 0.0, 0, time.time()

    def report(seed: int, result: str, seconds: float, peak: int) -> None:
        nonlocal slowest, highest
        counts[result] += 1
        slowest, highest = max(slowest, seconds), max(highest, peak)
        known = set(result.split(", ")) <= {"ran", "loaded", "refused"}
        if known and seconds < SLOW_S:
            return
        bad.append(f"seed {seed}: {result} ({seconds:.1f} s, peak {peak} MiB)")
        print(bad[-1], flush=True)
        keep(seed, models, args.keep)

    run(range(args.seed, args.seed + args.n), models, begin + args.seconds, report)
    total = sum(counts.values())
    print(f"{total:,} mutants in {time.time() - begin:.0f} s")
    for result, count in counts.most_common(12):
        print(f"{count:8,}  {result}")
    print(f"slowest {slowest:.2f} s, peak memory {highest:,} MiB")
    print(f"{len(bad)} mutants did what they must not")
    return 1 if bad else 0


def keep(seed: int, models: list[Members], folder: Path) -> None:
    """Write a mutant again, to look at it."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    mutant = make_mutant(rng.choice(KINDS), rng.choice(models), rng)
    (folder / f"{seed}.mfccclf").write_bytes(mutant)


if __name__ == "__main__":
    sys.exit(main())
