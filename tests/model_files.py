"""Change model files behind their backs, for tests."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mfccclf.persistence.archive import pack

Members = dict[str, bytes]
Tamper = Callable[[Members, dict[str, Any]], None]


def read_members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, change: Tamper, *, rehash: bool = True) -> Path:
    """Change a model file as someone would who knows its format."""
    members = read_members(path)
    config = json.loads(members.pop("model.json"))
    change(members, config)
    if rehash:
        for name, content in members.items():
            digest = hashlib.sha256(content).hexdigest()
            config["members"][name] = {"size": len(content), "sha256": digest}
    content = json.dumps(config).encode()
    path.write_bytes(pack({"model.json": content, **members}))
    return path
