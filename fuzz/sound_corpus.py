"""Small sound files to change: kinds, codings, and what recorders and attackers leave.

All are made here. Those that need PyAV are left out where it is not installed.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import soundfile

__all__ = ["header_corpus", "other_corpus"]

Corpus = dict[str, bytes]
RATE = 8000
_LINEAR = ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")


def sound(n_samples: int = 400, n_channels: int = 1) -> np.ndarray:
    """Return a tone with noise, of shape (n_samples, n_channels)."""
    rng = np.random.default_rng(0)
    tone = 0.4 * np.sin(np.arange(n_samples) / 3) + 0.02 * rng.standard_normal(
        n_samples
    )
    return tone[:, np.newaxis] * 0.5 ** np.arange(n_channels)


def encode(
    kind: str,
    subtype: str | None = None,
    *,
    rate: int = RATE,
    n_samples: int = 400,
    n_channels: int = 1,
    endian: str | None = None,
) -> bytes:
    """Return a sound file of a kind that libsndfile writes."""
    file = io.BytesIO()
    wave = sound(n_samples, n_channels)
    soundfile.write(file, wave, rate, format=kind, subtype=subtype, endian=endian)
    return file.getvalue()


def riff(form: bytes, data: bytes, *, size: int | None = None) -> bytes:
    """Return a WAV file with any body of "fmt " and any samples."""
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"\0" * (len(form) % 2)
    stated = len(data) if size is None else size
    chunks += b"data" + struct.pack("<I", stated & 0xFFFFFFFF) + data
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def wave_form(tag: int, bits: int, align: int = 1, extra: bytes = b"") -> bytes:
    """Return the body of a "fmt " chunk."""
    head = struct.pack("<HHIIHH", tag, 1, RATE, RATE * align, align, bits)
    return head + struct.pack("<H", len(extra)) + extra


def header_corpus() -> Corpus:
    """Return AU, WAV, RF64 and W64 files."""
    corpus: Corpus = {}
    for endian in ("BIG", "LITTLE"):
        for code in ("PCM_S8", *_LINEAR, "ULAW", "ALAW"):
            corpus[f"au {code} {endian}"] = encode("AU", code, endian=endian)
    for code in ("G721_32", "G723_24", "G723_40"):
        corpus[f"au {code}"] = encode("AU", code)
    for code in ("PCM_U8", *_LINEAR, "ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM", "GSM610"):
        corpus[f"wav {code}"] = encode("WAV", code)
    corpus["rifx"] = encode("WAV", "PCM_16", endian="BIG")
    corpus["wav stereo"] = encode("WAV", n_channels=2)
    corpus["au stereo"] = encode("AU", n_channels=2)
    for kind in ("WAVEX", "RF64", "W64"):
        for code in ("PCM_16", "PCM_24", "FLOAT"):
            corpus[f"{kind} {code}"] = encode(kind, code)
    return corpus | _crashed_recorders(corpus) | _odd_waves() | _foreign_waves()


def _crashed_recorders(corpus: Mapping[str, bytes]) -> Corpus:
    """Sizes of the samples that are 0, unknown, too small and too large."""
    crashed: Corpus = {}
    for name in ("wav PCM_16", "wav PCM_24", "wav FLOAT", "wav GSM610", "wav MS_ADPCM"):
        content = corpus[name]
        place = content.find(b"data") + 4
        for size in (0, 0xFFFFFFFF, 100, 2**30):
            new = struct.pack("<I", size)
            crashed[f"{name} of size {size}"] = (
                content[:place] + new + content[place + 4 :] + content[place + 4 :] * 9
            )
    for name in ("au PCM_16 BIG", "au ULAW BIG", "au G721_32"):
        for size in (0, 0xFFFFFFFF, 100, 2**30):
            content = corpus[name]
            new = content[:8] + struct.pack(">I", size) + content[12:]
            crashed[f"{name} of size {size}"] = new + content[24:] * 9
    return crashed


def _odd_waves() -> Corpus:
    """Long notes in front, samples cut off right behind their header."""
    odd: Corpus = {}
    for code in ("PCM_16", "PCM_24", "PCM_32", "FLOAT"):
        content = encode("WAV", code)
        place = content.find(b"data")
        note = b"LIST" + struct.pack("<I", 70_000) + b"INFO" + bytes(69_996)
        odd[f"note before {code}"] = content[:place] + note + content[place:]
    for code in ("GSM610", "IMA_ADPCM", "MS_ADPCM", "PCM_24", "ULAW"):
        content = encode("WAV", code)
        odd[f"{code} cut behind its data header"] = content[: content.find(b"data") + 8]
    odd["no bits per sample"] = riff(wave_form(1, 0, 2), bytes(range(200)) * 9)
    odd["header only"] = encode("WAV")[:44]
    odd["note behind"] = encode("WAV") + b"LIST\x04\0\0\0INFO"
    odd["more behind"] = encode("WAV") + bytes(range(1, 250)) * 9
    return odd


def _foreign_waves() -> Corpus:
    """Codings that libsndfile lacks, or has only outside WAV."""
    data = bytes(range(251)) * 8
    mp3 = encode("MP3", n_samples=4000, rate=16000)
    return {
        "mp3 in wav": riff(
            wave_form(0x55, 0, 1, struct.pack("<HIHHH", 1, 2, 576, 1, 1105)), mp3
        ),
        "g726 in wav": riff(wave_form(0x45, 4), data),
        "g722 in wav": riff(wave_form(0x28F, 4), data),
        "wma in wav": riff(wave_form(0x161, 16, 744, bytes(10)), data),
        "adpcm of yamaha": riff(wave_form(0x20, 4), data),
        "truespeech": riff(wave_form(0x22, 1, 32, bytes(32)), data),
    }


def other_corpus() -> Corpus:
    """Return files of all kinds but AU and WAV."""
    corpus: Corpus = {
        "flac": encode("FLAC"),
        "flac 24": encode("FLAC", "PCM_24", n_channels=2),
        "vorbis": encode("OGG", "VORBIS"),
        "opus": encode("OGG", "OPUS", rate=48000, n_samples=2000),
        "mp3": encode("MP3", rate=16000, n_samples=3000),
        "tiny mp3": encode("MP3", rate=16000, n_samples=10),
        "caf alac": encode("CAF", "ALAC_16"),
        "aiff": encode("AIFF"),
        "aifc float": encode("AIFF", "FLOAT"),
        "aifc mu-law": encode("AIFF", "ULAW"),
        "aifc ima": encode("AIFF", "IMA_ADPCM"),
    }
    for kind in ("CAF", "NIST", "VOC", "SVX", "IRCAM", "PAF", "PVF", "AVR", "WVE"):
        corpus[kind.lower()] = encode(kind, "ALAW" if kind == "WVE" else None)
    mp3 = corpus["mp3"]
    tag = b"ID3\x04\0\0" + bytes([0, 0, 1, 0]) + bytes(128)
    corpus |= {
        "tagged mp3": tag + mp3,
        "padded mp3": bytes(1000) + mp3,
        "mp3 behind junk": b"junk of a stream" * 20 + mp3,
        "mp3 with a tag behind": mp3 + b"TAG" + b"x" * 125,
        "open flac": corpus["flac"][:21] + b"\xf0\0\0\0\0" + corpus["flac"][26:],
        "slow flac": encode("FLAC", rate=1000, n_samples=20_000),
        "cut ogg": corpus["vorbis"][:-200],
    }
    return corpus | _filmed()


def _filmed() -> Corpus:
    """Return what FFmpeg writes, where PyAV is installed."""
    try:
        import av
    except ImportError:
        return {}
    makers: dict[str, Callable[[], bytes]] = {
        "mp4": partial(film, "mp4", "aac"),
        "m4a alac": partial(film, "ipod", "alac"),
        "matroska": partial(film, "matroska", "aac"),
        "matroska pcm": partial(film, "matroska", "pcm_s16le"),
        "webm": partial(film, "webm", "libopus"),
        "quicktime": partial(film, "mov", "pcm_s16le"),
        "avi": partial(film, "avi", "mp2"),
        "aac": partial(film, "adts", "aac"),
        "wma": partial(film, "asf", "wmav2"),
        "flv": partial(film, "flv", "mp3"),
        "transport stream": partial(film, "mpegts", "mp2"),
        "program stream": partial(film, "mpeg", "mp2"),
        "wavpack": partial(film, "wv", "wavpack"),
        "tta": partial(film, "tta", "tta"),
        "speex or flac in ogg": partial(film, "ogg", "flac"),
        "wma in wav": partial(film, "wav", "wmav2"),
        "alac in caf": partial(film, "caf", "alac"),
    }
    corpus: Corpus = {}
    for name, make in makers.items():
        try:
            corpus[name] = make()
        except (av.FFmpegError, ValueError):  # a coder that this FFmpeg lacks
            continue
    film_with_tag = corpus.get("matroska", b"")
    place = film_with_tag.find(b"00:00:0")
    for length in (b"inf", b"nan", b"1e308"):
        tag = (b"0:0:" + length).ljust(18, b"\0")
        if place > 0:
            corpus[f"matroska of {length.decode()}"] = (
                film_with_tag[:place] + tag + film_with_tag[place + 18 :]
            )
    return corpus


def film(kind: str, codec: str, *, rate: int = 16000) -> bytes:
    """Return a container of FFmpeg with a sound track."""
    import av

    file = io.BytesIO()
    file.name = f"sound.{kind}"
    if codec == "libopus":
        rate = 48000
    if kind == "flv" or codec.startswith("wma"):
        rate = 44100
    with av.open(file, "w", format=kind) as container:
        track = container.add_stream(codec, rate=rate, layout="mono")
        wave = np.ascontiguousarray(sound(4000).T.astype(np.float32))
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        resampler = av.AudioResampler(
            format=track.format.name,
            layout="mono",
            rate=rate,
            frame_size=track.frame_size or 1024,
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(track.encode(part))
        container.mux(track.encode(None))
    return file.getvalue()
