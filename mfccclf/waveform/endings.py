"""The endings of the sound files that can be read, by what their content is."""

from __future__ import annotations

__all__ = ["ENDINGS_OF", "SOUND_ENDINGS"]

# By the names that ``containers.detect`` gives; a test compares them. The content alone
# decides how a file is read; endings only tell which files of a folder are clips.
ENDINGS_OF = {
    "AU": (".au", ".snd"),
    "WAV": (".wav", ".wave", ".rf64", ".bw64", ".bwf", ".amb"),
    "W64": (".w64",),
    "CAF": (".caf",),
    "FLAC": (".flac",),
    "Ogg": (".ogg", ".oga", ".opus"),
    "NIST SPHERE": (".nist", ".sph"),
    "VOC": (".voc",),
    "PAF": (".paf",),
    "PVF": (".pvf",),
    "AVR": (".avr",),
    "WVE": (".wve",),
    "IRCAM": (".sf", ".ircam"),
    "AIFF": (".aif", ".aiff", ".aifc"),
    "8SVX": (".svx", ".8svx", ".iff"),
    "MP3": (".mp3", ".mp2", ".mpa", ".mpga"),
    "AAC": (".aac", ".adts"),
    "ASF (WMA)": (".wma", ".asf", ".wmv"),
    "AMR": (".amr", ".awb"),
    "WavPack": (".wv",),
    "Monkey's Audio": (".ape",),
    "TTA": (".tta",),
    "FLV": (".flv",),
    "MPEG": (".mpg", ".mpeg", ".vob"),
    "MPEG transport stream": (".ts", ".mts", ".m2ts"),
    "AVI": (".avi",),
    "WebM": (".webm",),
    "Matroska": (".mkv", ".mka"),
    "M4A": (".m4a", ".m4b"),
    "MP4": (".mp4", ".m4v", ".3gp", ".3g2"),
    "QuickTime": (".mov", ".qt"),
}
SOUND_ENDINGS = frozenset(end for ends in ENDINGS_OF.values() for end in ends)
