"""SHA-256 of files, texts and pieces."""

from __future__ import annotations

import hashlib

import pytest

from mfccclf._hashing import hash_bytes, hash_file, hash_pieces, hash_text


def test_a_file_has_the_hash_of_its_content(tmp_path):
    content = bytes(range(256)) * 1000
    path = tmp_path / "clip.wav"
    path.write_bytes(content)
    expected = hashlib.sha256(content).hexdigest()
    assert hash_file(path) == (256_000, expected)
    assert hash_bytes(content) == expected
    assert hash_pieces([content[:7], b"", content[7:]]) == expected


def test_odd_bytes_of_a_file_name_count():
    assert hash_text("caf\udce9") == hashlib.sha256(b"caf\xe9").hexdigest()


def test_a_missing_file_has_no_hash(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.wav"):
        hash_file(tmp_path / "nowhere.wav")
