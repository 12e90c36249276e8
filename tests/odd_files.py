"""A table of odd and broken sound files, each with the answer it must get.

``build(path)`` writes the file; where the name speaks of something that is not there,
it writes nothing. "ok" and "warning" files hold a second of sound, "error" files none
that could be used. ``match`` is a regular expression for the warning or error.
"""

from __future__ import annotations

import io
import shutil
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

RATE = 22050
N_SAMPLES = RATE


@dataclass(frozen=True)
class OddFile:
    """One file of the table; ``n_samples`` is what it holds at its own rate."""

    name: str
    build: Callable[[Path], object]
    expected: Literal["ok", "warning", "error"]
    match: str = ""
    n_samples: int | None = None


def sound(rate: int = RATE, n_channels: int = 1) -> np.ndarray:
    """A second of a tone that swells, with some noise: (n_samples, n_channels)."""
    time = np.arange(rate) / rate
    rng = np.random.default_rng(0)
    tone = 0.4 * np.sin(2 * np.pi * 440 * time) * np.sin(np.pi * time)
    wave = tone + 0.02 * rng.standard_normal(rate)
    gains = 0.5 ** np.arange(n_channels)
    return wave[:, np.newaxis] * gains


def encode(
    wave: np.ndarray, kind: str, subtype: str | None = None, *, rate=RATE, endian=None
) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, rate, format=kind, subtype=subtype, endian=endian)
    return buffer.getvalue()


def coded(kind: str, subtype: str | None = None, *, rate=RATE, endian=None) -> bytes:
    return encode(sound(rate), kind, subtype, rate=rate, endian=endian)


def au(
    data: bytes | None = None,
    *,
    magic: bytes = b".snd",
    offset: int = 24,
    size: int | None = None,
    code: int = 3,
    rate: int = RATE,
    n_channels: int = 1,
    note: bytes = b"",
) -> bytes:
    """An AU file with any header at all."""
    data = pcm16(sound()) if data is None else data
    size = len(data) if size is None else size
    order = ">" if magic == b".snd" else "<"
    header = struct.pack(f"{order}5I", offset, size, code, rate, n_channels)
    return magic + header + note + data


def pcm16(wave: np.ndarray) -> bytes:
    return np.round(wave * 32767).astype(">i2").tobytes()


def wav(
    *, n_channels=1, rate=RATE, code=1, bits=16, size=None, data=None, extra=b""
) -> bytes:
    """A WAV file with any header at all."""
    if data is None:
        data = np.round(sound() * 32767).astype("<i2").tobytes()
    width = bits // 8 * n_channels
    byte_rate = min(rate * width, 2**32 - 1)
    fmt = struct.pack("<HHIIHH", code, n_channels, rate, byte_rate, width & 65535, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + extra
    body += b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def video(
    *, kind: str, codec: str | None = "aac", picture: bool = True, options=None
) -> bytes:
    """A container with a picture track, a sound track, or both."""
    import av

    rate = 48000
    # A named file, as FFmpeg reads it again where the index is to go to the front.
    path = Path(tempfile.mkdtemp()) / "video"
    with av.open(str(path), "w", format=kind, options=options or {}) as container:
        if picture:
            track = container.add_stream("mpeg4" if kind != "webm" else "vp8", rate=10)
            track.width = track.height = 32
            track.pix_fmt = "yuv420p"
        if codec:
            sound_track = container.add_stream(codec, rate=rate, layout="mono")
        if picture:
            for _ in range(10):
                black = np.zeros((32, 32, 3), np.uint8)
                frame = av.VideoFrame.from_ndarray(black, format="rgb24")
                container.mux(track.encode(frame))
            container.mux(track.encode(None))
        if codec:
            _add_sound(container, sound_track, rate)
    data = path.read_bytes()
    shutil.rmtree(path.parent)
    return data


def _add_sound(container, track, rate: int) -> None:
    import av

    wave = np.ascontiguousarray(sound(rate).T.astype(np.float32))
    frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    resampler = av.AudioResampler(
        format=track.format.name, layout="mono", rate=rate, frame_size=track.frame_size
    )
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(track.encode(part))
    container.mux(track.encode(None))


def _write(make: Callable[[], bytes] | bytes, path: Path) -> None:
    path.write_bytes(make if isinstance(make, bytes) else make())


def _ok(name, make, n_samples: int | None = N_SAMPLES) -> OddFile:
    return OddFile(name, partial(_write, make), "ok", "", n_samples)


def _warning(name, make, match, n_samples: int | None = None) -> OddFile:
    return OddFile(name, partial(_write, make), "warning", match, n_samples)


def _error(name, make, match) -> OddFile:
    return OddFile(name, partial(_write, make), "error", match)


def _part(make: Callable[[], bytes], share: float) -> Callable[[], bytes]:
    def cut() -> bytes:
        data = make()
        return data[: int(len(data) * share)]

    return cut


def _patched(make: Callable[[], bytes], position: int, new: bytes) -> bytes:
    data = bytearray(make())
    data[position : position + len(new)] = new
    return bytes(data)


def _random(n_bytes: int, seed: int = 0) -> bytes:
    return np.random.default_rng(seed).bytes(n_bytes)


def _mirror(level: float = 1.0, shift: float = 0.0) -> np.ndarray:
    return np.concatenate([sound(), -level * sound()], axis=1) + shift


def _id3() -> bytes:
    return b"ID3\x04\0\0" + bytes([0, 0, 40, 0]) + bytes(40 * 128)


_LINEAR = ["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]
_ADPCM = ["G721_32", "G723_24", "G723_40"]

_AU_FILES = [
    *[
        _ok(f"{code}.au".lower(), partial(coded, "AU", code))
        for code in [*_LINEAR, "ULAW", "ALAW"]
    ],
    *[
        _ok(f"{code}-little.au".lower(), partial(coded, "AU", code, endian="LITTLE"))
        for code in [*_LINEAR, "ULAW", "ALAW"]
    ],
    # ADPCM comes in blocks of 120 samples, the last one filled up.
    *[_ok(f"{code}.au".lower(), partial(coded, "AU", code), 22080) for code in _ADPCM],
    _ok("unknown-size.au", lambda: au(size=0xFFFFFFFF)),
    _ok(
        "unknown-size-little.au",
        lambda: _patched(
            partial(coded, "AU", "PCM_24", endian="LITTLE"), 8, b"\xff" * 4
        ),
    ),
    _ok(
        "unknown-size-mulaw.au",
        lambda: _patched(partial(coded, "AU", "ULAW"), 8, b"\xff" * 4),
    ),
    _ok(
        "unknown-size-adpcm.au",
        lambda: _patched(partial(coded, "AU", "G721_32"), 8, b"\xff" * 4),
        22080,
    ),
    _ok("size-never-filled-in.au", lambda: au(size=0)),
    _ok(
        "size-never-filled-in-mulaw.au",
        lambda: _patched(partial(coded, "AU", "ULAW"), 8, bytes(4)),
    ),
    _ok("annotation.au", lambda: au(offset=40, note=b"James, take 21\0\0")),
    _ok("annotation-of-odd-length.au", lambda: au(offset=29, note=b"hello")),
    _ok("long-annotation.au", lambda: au(offset=24 + 9000, note=b"note " * 1800)),
    _ok("words-after-the-samples.au", lambda: au(size=44100) + b"the end"),
    _ok("half-a-sample-at-the-end.au", lambda: au(pcm16(sound()) + b"\1")),
    _ok("eight-kilohertz.au", lambda: coded("AU", "ULAW", rate=8000), 8000),
    _ok("high-rate.au", lambda: coded("AU", "PCM_16", rate=192000), 192000),
    _ok("stereo.au", lambda: encode(sound(n_channels=2), "AU")),
    _ok("six-channels.au", lambda: encode(sound(n_channels=6), "AU")),
    _ok("one-silent-channel.au", lambda: encode(sound(n_channels=2) * [1, 0], "AU")),
    _ok("a-tenth-of-the-level.au", lambda: encode(0.1 * sound(), "AU")),
    _ok("very-quiet.au", lambda: encode(1e-3 * sound(), "AU", "FLOAT")),
    _ok("offset-from-zero.au", lambda: encode(sound() + 0.3, "AU")),
    _ok("beyond-full-scale.au", lambda: encode(4 * sound(), "AU", "FLOAT")),
    _ok("James.01 .au", au),
    _ok("Zoë ñandú 名前 'quoted' & 100%.au", au),
    _ok("-dash.AU", au),
    _ok("no ending", au),
]

_OTHER_SOUND_FILES = [
    *[
        _ok(f"{code}.wav".lower(), partial(coded, "WAV", code))
        for code in ["PCM_U8", *_LINEAR[1:], "ULAW", "ALAW"]
    ],
    # Coded in blocks: the last one is filled up.
    _ok("ima-adpcm.wav", lambda: coded("WAV", "IMA_ADPCM"), None),
    _ok("ms-adpcm.wav", lambda: coded("WAV", "MS_ADPCM"), None),
    _ok("gsm.wav", lambda: coded("WAV", "GSM610", rate=8000), None),
    _ok("big-endian.wav", lambda: coded("WAV", "PCM_16", endian="BIG")),
    _ok("extensible.wav", lambda: coded("WAVEX")),
    _ok("rf64.wav", lambda: coded("RF64")),
    _ok("wave64.w64", lambda: coded("W64", "FLOAT")),
    _ok("chunk-before-data.wav", lambda: wav(extra=b"LIST\4\0\0\0INFO")),
    _ok("streamed-size.wav", lambda: wav(size=0xFFFFFFFF)),
    _ok("plain.flac", lambda: coded("FLAC")),
    _ok("flac-24.flac", lambda: coded("FLAC", "PCM_24")),
    # The lower 36 bits of these bytes count the samples; 0 leaves that open.
    _ok(
        "open-length.flac",
        lambda: _patched(partial(coded, "FLAC"), 21, b"\xf0" + bytes(4)),
    ),
    _ok("vorbis.ogg", lambda: coded("OGG", "VORBIS")),
    _ok("speech.opus", lambda: coded("OGG", "OPUS", rate=48000), 48000),
    _ok("plain.mp3", lambda: coded("MP3")),
    _ok("tagged.mp3", lambda: _id3() + coded("MP3")),
    _ok("plain.aiff", lambda: coded("AIFF")),
    _ok("mulaw.aifc", lambda: coded("AIFF", "ULAW")),
    _ok("plain.caf", lambda: coded("CAF")),
    _ok("apple-lossless.caf", lambda: coded("CAF", "ALAC_16")),
    _ok("sphere.nist", lambda: coded("NIST")),
    _ok("blaster.voc", lambda: coded("VOC")),
    _ok("amiga.svx", lambda: coded("SVX")),
    _ok("ircam.sf", lambda: coded("IRCAM")),
    _ok("paris.paf", lambda: coded("PAF")),
    _ok("a-wav-named.au", lambda: coded("WAV")),
    _ok("an-au-named.wav", au),
    _ok("a-mulaw-au-named.mp3", lambda: coded("AU", "ULAW")),
    _ok("an-mp3-named.au", lambda: coded("MP3")),
    _ok("a-flac-named.mp3", lambda: coded("FLAC")),
    _ok("an-ogg-named.txt", lambda: coded("OGG")),
    _ok("an-au-named.raw", au),
    _ok("film.mp4", lambda: video(kind="mp4"), None),
    _ok("sound.m4a", lambda: video(kind="ipod", picture=False), None),
    _ok("film.mkv", lambda: video(kind="matroska"), None),
    _ok("sound.webm", lambda: video(kind="webm", codec="libopus", picture=False), None),
    _ok("film.mov", lambda: video(kind="mov", codec="pcm_s16le"), 48000),
    _ok("film.avi", lambda: video(kind="avi", codec="mp2"), None),
    _ok("stream.aac", lambda: video(kind="adts", picture=False), None),
    _ok("a-film-named.au", lambda: video(kind="mp4"), None),
]

_DOUBTFUL_FILES = [
    _warning("cut.au", _part(au, 0.7), r"promises 22050 samples.* 15431 can", 15431),
    _warning(
        "cut-mulaw.au", _part(lambda: coded("AU", "ULAW"), 0.7), "cut short", 15427
    ),
    _warning("cut-adpcm.au", _part(lambda: coded("AU", "G721_32"), 0.7), "cut short"),
    _warning(
        "claims-4-gigabytes.au", lambda: au(size=0xFFFFFFFE), "cut short", N_SAMPLES
    ),
    _warning(
        "claims-4-gigabytes-mulaw.au",
        lambda: _patched(partial(coded, "AU", "ULAW"), 8, b"\xff\xff\xff\xf0"),
        "cut short",
        N_SAMPLES,
    ),
    _warning("cut.wav", _part(lambda: coded("WAV"), 0.7), "promises 22050 samples"),
    _warning("cut-24.wav", _part(lambda: coded("WAV", "PCM_24"), 0.7), "22050 samples"),
    _warning("cut.aiff", _part(lambda: coded("AIFF"), 0.7), "promises 22050 samples"),
    _warning("cut.w64", _part(lambda: coded("W64"), 0.7), "promises 22050 samples"),
    _warning("cut-rf64.wav", _part(lambda: coded("RF64"), 0.7), "22050 samples"),
    _warning("cut.caf", _part(lambda: coded("CAF"), 0.7), "promises 22050 samples"),
    _warning("cut.flac", _part(lambda: coded("FLAC"), 0.7), "promises 22050 samples"),
    _warning("cut.mp3", _part(lambda: coded("MP3"), 0.6), "promises 22050 samples"),
    _warning(
        "cut.ogg",
        _part(lambda: encode(np.tile(sound(), (8, 1)), "OGG"), 0.7),
        "end mark is missing",
    ),
    _warning(
        "cut.opus",
        _part(
            lambda: encode(np.tile(sound(48000), (8, 1)), "OGG", "OPUS", rate=48000),
            0.7,
        ),
        "end mark is missing",
    ),
    _warning(
        "cut.mp4",
        _part(lambda: video(kind="mp4", options={"movflags": "faststart"}), 0.8),
        "cut short",
    ),
    _warning(
        "mirrored-stereo.au", lambda: encode(_mirror(), "AU"), "cancel", N_SAMPLES
    ),
    _warning(
        "mirrored-stereo.wav",
        lambda: encode(_mirror(0.95), "WAV"),
        "Channel 0, the loudest",
        N_SAMPLES,
    ),
    _warning(
        "mirrored-and-shifted.wav",
        lambda: encode(_mirror(shift=0.2), "WAV"),
        "cancel",
        N_SAMPLES,
    ),
    _warning(
        "integers-saved-as-floats.wav",
        lambda: encode(32767 * sound(), "WAV", "FLOAT"),
        "full scale is 1",
        N_SAMPLES,
    ),
]

_FOREIGN_FILES = [
    _error("picture.au", b"\x89PNG\r\n\x1a\n" + _random(500), "like a PNG picture"),
    _error("photo.wav", b"\xff\xd8\xff\xe0" + _random(500), "like a JPEG picture"),
    _error("words.au", b"James, Jennifer, Linda\n" * 40, "like plain text"),
    _error("unicode.au", "Größe 名前\n".encode() * 40, "like plain text"),
    _error("page.au", b"<!DOCTYPE html><html>404</html>", "like a web page"),
    _error("answer.mp3", b'{"error": "not found"}', "like a JSON text"),
    _error("archive.au", b"PK\x03\x04" + _random(500), "like a ZIP archive"),
    _error("paper.au", b"%PDF-1.7\n" + _random(500), "like a PDF document"),
    _error("score.au", b"MThd\0\0\0\6\0\1\0\1\0\x60", "MIDI score"),
    _error("pointer.au", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    _error("picture.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "WebP picture"),
    _error("zeros.au", bytes(4000), "zeros only"),
    *[
        _error(f"noise.{ending}", _random(4000), "like no known kind of sound file")
        for ending in ("au", "snd", "wav", "vox", "raw", "gsm", "mp3", "sd2")
    ],
    _error("empty.au", b"", r"is empty \(0 bytes\)"),
    _error("empty.wav", b"", r"is empty \(0 bytes\)"),
    _error("one-byte.au", b".", "like plain text"),
    OddFile("missing.au", lambda path: None, "error", "does not exist"),
    OddFile("folder.au", lambda path: path.mkdir(), "error", "is a folder"),
]

_DAMAGED_FILES = [
    _error("magic-only.au", b".snd", r"ends inside its header \(4 of 24 bytes\)"),
    _error("half-a-header.au", au()[:17], r"ends inside its header \(17 of 24"),
    _error("header-only.au", au(b""), "has no samples"),
    _error("header-only-open.au", au(b"", size=0xFFFFFFFF), "has no samples"),
    _error("all-samples-lost.au", au()[:24], "promises 22050 samples.* none can be"),
    _error("all-mulaw-lost.au", lambda: coded("AU", "ULAW")[:24], "none can be read"),
    _error("no-channels.au", au(n_channels=0), "0 channels"),
    _error("70000-channels.au", au(n_channels=70000), "70000 channels"),
    _error("rate-0.au", au(rate=0), "sample rate of 0 Hz"),
    _error("rate-1.au", au(rate=1), "sample rate of 1 Hz"),
    _error("rate-4-gigahertz.au", au(rate=0xFFFFFFFF), "sample rate of 4294967295 Hz"),
    _error("offset-20.au", au(offset=20), "at byte 20, inside its own header"),
    _error("offset-0.au", au(offset=0), "at byte 0, inside its own header"),
    _error("offset-past-end.au", au(offset=10**6), "at byte 1000000, past its end"),
    _error("encoding-99.au", au(code=99), "unknown encoding 99"),
    _error("encoding-g722.au", au(code=24), "unknown encoding 24"),
    _error("encoding-0.au", au(code=0), "unknown encoding 0"),
    _error("wrong-byte-order.au", b".snd" + au(magic=b"dns.")[4:], "past its end"),
    _error("magic-and-noise.au", b".snd" + _random(4000), r"\.au (has|places)"),
    _error("nan.au", lambda: encode(sound() * np.nan, "AU", "FLOAT"), "NaN or inf"),
    _error(
        "one-nan.au",
        lambda: encode(
            np.where(np.arange(RATE)[:, None] == 99, np.nan, sound()), "AU", "DOUBLE"
        ),
        "has 1 samples? that (is|are) NaN",
    ),
    _error(
        "infinite.wav",
        lambda: encode(
            np.where(np.arange(RATE)[:, None] == 99, np.inf, sound()), "WAV", "FLOAT"
        ),
        "NaN or infinite",
    ),
    _error(
        "enormous.wav", lambda: encode(1e30 * sound(), "WAV", "FLOAT"), "as large as"
    ),
    _error(
        "enormous-double.au",
        lambda: encode(1e300 * sound(), "AU", "DOUBLE"),
        "NaN or infinite",
    ),
    _error("silent.au", lambda: encode(np.zeros((RATE, 1)), "AU"), "is silent"),
    _error("silent-stereo.flac", lambda: encode(np.zeros((RATE, 2)), "FLAC"), "silent"),
    _error(
        "silent-mulaw.au", lambda: encode(np.zeros((RATE, 1)), "AU", "ULAW"), "silent"
    ),
    _error("constant.wav", lambda: encode(np.full((RATE, 1), 0.3), "WAV"), "is silent"),
    _error(
        "below-100-db.wav", lambda: encode(5e-6 * sound(), "WAV", "FLOAT"), "silent"
    ),
    _error("no-samples.wav", lambda: wav(data=b""), "has no samples"),
    _error("no-samples.flac", lambda: encode(np.zeros((0, 1)), "FLAC"), r"flac "),
    _error("no-channels.wav", lambda: wav(n_channels=0), "cannot be read"),
    _error("70000-channels.wav", lambda: wav(n_channels=65535), "cannot be read"),
    _error("rate-0.wav", lambda: wav(rate=0), "cannot be read|sample rate"),
    _error(
        "rate-4-gigahertz.wav", lambda: wav(rate=2**32 - 1), "cannot be|sample rate"
    ),
    _error("unknown-codec.wav", lambda: wav(code=0x1234), "cannot be read"),
    _error("no-data-chunk.wav", lambda: wav()[:36], "cannot be read|no samples"),
    _error("riff-only.wav", b"RIFF\0\0", "ends inside its header"),
    _error(
        "header-and-noise.wav", lambda: wav()[:12] + _random(4000), "cannot be read"
    ),
    _error("cut-in-header.flac", lambda: coded("FLAC")[:30], "cannot be read"),
    _error("header-and-noise.flac", b"fLaC" + _random(4000), "cannot be read"),
    _error("header-and-noise.ogg", b"OggS" + _random(4000), "cannot be read"),
    _error("cut-in-header.ogg", lambda: coded("OGG")[:200], "cut short"),
    _error("cut-in-header.mp3", lambda: coded("MP3")[:60], "no known kind of sound"),
    _error("header-and-noise.caf", b"caff\0\1\0\0" + _random(4000), "cannot be read"),
    _error(
        "header-and-noise.mkv", b"\x1a\x45\xdf\xa3" + _random(4000), "cannot be read"
    ),
    _error("index-lost.mp4", _part(lambda: video(kind="mp4"), 0.5), "cannot be read"),
    _error("no-sound.mp4", lambda: video(kind="mp4", codec=None), "no audio stream"),
]

ODD_FILES: list[OddFile] = [
    *_AU_FILES,
    *_OTHER_SOUND_FILES,
    *_DOUBTFUL_FILES,
    *_FOREIGN_FILES,
    *_DAMAGED_FILES,
]
