"""Odd and broken files: each gets its defined answer, and no other error."""

from __future__ import annotations

import contextlib
import os
import sys
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_files import ODD_FILES, OddFile, au, coded, encode, sound, video

from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.waveform import iter_blocks, load_waveform, read_info

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX files")


def _named(expected: str) -> list:
    odd_files = [odd for odd in ODD_FILES if odd.expected == expected]
    return [pytest.param(odd, id=odd.name) for odd in odd_files]


def _build(odd: OddFile, folder: Path) -> Path:
    path = folder / odd.name
    odd.build(path)
    return path


def test_the_table_is_long_and_its_names_differ():
    names = [odd.name for odd in ODD_FILES]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("odd", _named("ok"))
def test_odd_file_loads(odd, tmp_path):
    waveform = load_waveform(_build(odd, tmp_path), sample_rate=None)
    assert waveform.dtype == np.float32
    assert np.abs(waveform).max() > 1e-5
    if odd.n_samples is None:
        assert len(waveform) >= 8000
    else:
        assert waveform.shape == (odd.n_samples,)


@pytest.mark.parametrize("odd", _named("warning"))
def test_doubtful_file_warns_and_loads(odd, tmp_path):
    path = _build(odd, tmp_path)
    with pytest.warns(AudioFileWarning, match=odd.match) as caught:
        waveform = load_waveform(path, sample_rate=None)
    assert len(caught) == 1
    assert odd.name in str(caught[0].message)
    assert np.ptp(waveform) > 0.1
    assert len(waveform) > 5000
    if odd.n_samples is not None:
        assert waveform.shape == (odd.n_samples,)


@pytest.mark.parametrize("odd", _named("error"))
def test_broken_file_is_refused_by_name(odd, tmp_path):
    path = _build(odd, tmp_path)
    with pytest.raises(AudioFileError, match=odd.match) as caught:
        load_waveform(path)
    message = str(caught.value)
    assert odd.name in message
    assert "\n" not in message
    assert message.endswith(".")


@pytest.mark.parametrize("odd", _named("ok") + _named("warning"))
@pytest.mark.filterwarnings("ignore::mfccclf.errors.AudioFileWarning")
def test_information_and_blocks_of_an_odd_file_can_be_read(odd, tmp_path):
    path = _build(odd, tmp_path)
    info = read_info(path)
    assert info.path == str(path)
    assert 8000 <= info.sample_rate <= 192000
    assert sum(len(block) for block in iter_blocks(path)) > 5000


@pytest.mark.parametrize("odd", _named("error"))
def test_blocks_of_a_broken_file_are_refused_or_finite(odd, tmp_path):
    path = _build(odd, tmp_path)
    for read in (read_info, lambda path: list(iter_blocks(path))):
        with contextlib.suppress(AudioFileError):
            read(path)


def _load_anything(path: Path) -> None:
    """Load bytes that may be anything: AudioFileError or a finite waveform."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AudioFileWarning)
        try:
            waveform = load_waveform(path, sample_rate=None, allow_silence=True)
        except AudioFileError:
            return
    assert waveform.ndim == 1
    assert len(waveform) > 0
    assert np.isfinite(waveform).all()


# Small numbers as well as any: a header that is wrong in one field only goes deepest.
FIELD = st.one_of(st.integers(0, 64), st.integers(0, 2**32 - 1))


@settings(max_examples=200, deadline=None)
@given(
    little=st.booleans(),
    offset=st.one_of(st.just(24), st.integers(24, 48), FIELD),
    size=st.one_of(st.just(2**32 - 1), FIELD),
    code=st.one_of(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 23, 25, 26, 27]), FIELD),
    rate=st.one_of(st.sampled_from([8000, 44100]), FIELD),
    n_channels=st.one_of(st.integers(1, 3), FIELD),
    data=st.binary(max_size=200),
)
def test_any_au_header_gives_an_error_or_a_finite_waveform(
    tmp_path_factory, little, offset, size, code, rate, n_channels, data
):
    path = tmp_path_factory.getbasetemp() / "any-header.au"
    magic = b"dns." if little else b".snd"
    fields = {"offset": offset, "size": size, "code": code, "rate": rate}
    path.write_bytes(au(data, magic=magic, n_channels=n_channels, **fields))
    _load_anything(path)


MAGICS = [
    *[b".snd", b"dns.", b"RIFF\0\1\0\0WAVE", b"FORM\0\0\1\0AIFF", b"caff\0\1\0\0"],
    *[b"fLaC", b"OggS", b"ID3", b"", b"riff\x2e\x91\xcf\x11", b"NIST_1A\n"],
]


@settings(max_examples=150, deadline=None)
@given(
    magic=st.sampled_from(MAGICS),
    data=st.binary(max_size=300),
)
def test_any_bytes_after_the_magic_give_an_error_or_a_finite_waveform(
    tmp_path_factory, magic, data
):
    path = tmp_path_factory.getbasetemp() / "any-bytes.au"
    path.write_bytes(magic + data)
    _load_anything(path)


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(["AU", "WAV", "AIFF", "FLAC", "OGG", "CAF", "W64"]),
    position=st.floats(0, 1),
    new=st.binary(min_size=1, max_size=8),
    share=st.floats(0, 1),
)
def test_any_damage_gives_an_error_or_a_finite_waveform(
    tmp_path_factory, kind, position, new, share
):
    path = tmp_path_factory.getbasetemp() / "damaged"
    data = bytearray(encode(sound()[:600], kind))
    # Damage is more telling in the header than in the samples.
    start = int(position * min(len(data), 120))
    data[start : start + len(new)] = new
    path.write_bytes(data[: max(int(len(data) * max(share, 0.5)), 1)])
    _load_anything(path)


def test_a_header_that_lies_about_its_length_does_not_claim_memory(tmp_path):
    # STREAMINFO: the last 36 bits before the checksum count the samples.
    data = bytearray(coded("FLAC"))
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"
    path = tmp_path / "liar.flac"
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.warns(AudioFileWarning, match="cut short or damaged"):
        waveform = load_waveform(path, sample_rate=None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(waveform) == 22050
    assert peak < 2**25


@POSIX_ONLY
def test_a_named_pipe_is_refused_without_waiting(tmp_path):
    path = tmp_path / "pipe.au"
    os.mkfifo(path)
    with pytest.raises(AudioFileError, match="is a named pipe"):
        load_waveform(path)


@POSIX_ONLY
@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero"])
def test_a_device_is_refused(path):
    with pytest.raises(AudioFileError, match="is a device, not a regular file"):
        load_waveform(path)


@POSIX_ONLY
def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "secret.au"
    path.write_bytes(au())

    # The superuser, who may run these tests, reads any file: so make it up.
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(AudioFileError, match=r"secret\.au may not be read"):
        load_waveform(path)


def test_a_disk_error_is_told_with_the_file(tmp_path, monkeypatch):
    path = tmp_path / "lost.au"
    path.write_bytes(au())

    def fail(*args, **kwargs):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("mfccclf.waveform.containers.opening.find_container", fail)
    with pytest.raises(AudioFileError, match=r"lost\.au cannot be read: Input/output"):
        load_waveform(path)


def test_a_disk_error_while_reading_is_told_with_the_file(tmp_path, monkeypatch):
    path = tmp_path / "lost.au"
    path.write_bytes(au())

    def fail(*args, **kwargs):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("mfccclf.waveform.containers.au.LinearAuSource.blocks", fail)
    with pytest.raises(AudioFileError, match=r"lost\.au cannot be read: Input/output"):
        load_waveform(path)


def test_a_stretch_that_cannot_be_decoded_is_called_damaged(tmp_path):
    path = tmp_path / "clip.flac"
    data = encode(np.tile(sound(), (4, 1)), "FLAC")
    path.write_bytes(data[: len(data) // 4])
    with pytest.raises(AudioFileError, match=r"clip\.flac .*damaged"):
        load_waveform(path, offset=3.0)


@POSIX_ONLY
def test_a_broken_link_does_not_exist(tmp_path):
    path = tmp_path / "link.au"
    path.symlink_to(tmp_path / "gone.au")
    with pytest.raises(AudioFileError, match=r"link\.au does not exist"):
        load_waveform(path)


@POSIX_ONLY
def test_a_name_that_is_no_utf8_can_be_read_and_is_escaped_in_messages(tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9.au"
    with open(name, "wb") as file:
        file.write(au())
    for path in (name, os.fsdecode(name), Path(os.fsdecode(name))):
        assert load_waveform(path, sample_rate=None).shape == (22050,)
    os.truncate(name, 0)
    with pytest.raises(AudioFileError, match=r"caf\\udce9\.au is empty") as caught:
        load_waveform(name)
    str(caught.value).encode("utf-8")


@POSIX_ONLY
def test_a_line_break_in_a_name_stays_out_of_the_message(tmp_path):
    path = tmp_path / "two\nlines.au"
    path.write_bytes(b"")
    with pytest.raises(AudioFileError, match=r"two\\nlines\.au is empty"):
        load_waveform(path)


@pytest.mark.parametrize("path", ["a\0b.au", "x" * 5000 + ".au"])
def test_an_impossible_path_is_refused(path):
    with pytest.raises(AudioFileError, match="cannot be a path|cannot be open"):
        load_waveform(path)


def test_a_file_used_as_a_folder_is_refused(tmp_path):
    (tmp_path / "file.au").write_bytes(au())
    with pytest.raises(AudioFileError, match="cannot be a path|not exist"):
        load_waveform(tmp_path / "file.au" / "clip.au")


def test_an_empty_path_is_refused():
    with pytest.raises(AudioFileError, match="path of the sound file is empty"):
        load_waveform("")


@pytest.mark.parametrize("url", ["nothing://example.org/a.au", "memory://none/a.au"])
def test_an_address_with_nothing_behind_it_is_named(url):
    pytest.importorskip("fsspec")
    with pytest.raises(AudioFileError, match=f"{url} .* Check the address"):
        load_waveform(url)


@pytest.mark.parametrize("path", [None, 3, ["a.au"], np.zeros(3)])
def test_what_is_no_path_is_a_type_error(path):
    with pytest.raises(
        TypeError, match="'path' parameter of load_waveform must be a pa"
    ):
        load_waveform(path)


def test_a_video_without_pyav_names_the_extra(tmp_path, monkeypatch):
    path = tmp_path / "film.mp4"
    path.write_bytes(video(kind="mp4"))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(
        AudioFileError, match=r"film\.mp4 .*pip install \"mfccclf\[video"
    ):
        load_waveform(path)


def test_a_cut_file_warns_only_where_the_stretch_is_cut(tmp_path):
    path = tmp_path / "cut.au"
    path.write_bytes(au()[:-22050])
    stretch = load_waveform(path, sample_rate=None, duration=0.25)
    assert stretch.shape == (5512,)
    with pytest.warns(AudioFileWarning, match="promises 11025 more samples"):
        load_waveform(path, sample_rate=None, offset=0.25, duration=0.5)
    with pytest.raises(AudioFileError, match=r"from 0.600 s on: it lasts 0.500 s"):
        load_waveform(path, offset=0.6)
