"""The Spiking Heidelberg Digits: from a folder, or downloaded on request.

Cramer, Stradmann, Schemmel and Zenke, "The Heidelberg spiking data sets for the systematic
evaluation of spiking neural networks", IEEE TNNLS 33(7), 2022. Licence CC BY 4.0.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pooch

from experiments.engine.errors import UserError

URL = "https://zenkelab.org/datasets/"
CHUNK = 2**16  # bytes
TIMEOUT = 30  # s without an answer


@dataclass(frozen=True)
class Archive:
    """A published file.

    Attributes:
        name: Its name.
        md5: Its published checksum.
    """

    name: str
    md5: str


TRAIN = Archive("shd_train.h5.zip", "f3252aeb598ac776c1b526422d90eecb")
TEST = Archive("shd_test.h5.zip", "1503a5064faa34311c398fb0a1ed0a6f")


def default_folder() -> Path:
    """Where archives are looked for, and downloaded to, if no folder is given."""
    return Path(pooch.os_cache("snn-surrogate")) / "shd"


def locate(
    folder: Path | str | None = None,
    download: bool = False,
    url: str = URL,
    archives: tuple[Archive, ...] = (TRAIN, TEST),
) -> list[Path]:
    """The archives, with verified checksums.

    An archive with another checksum is never replaced; a missing one is downloaded only on request.

    Args:
        folder: Where they are, or are to be put; `default_folder` if None.
        download: Whether to download missing ones.
        url: The address of the folder on the server.
        archives: Their names and checksums.

    Raises:
        UserError: If one is missing, cannot be downloaded, or has another checksum.
    """
    folder = default_folder() if folder is None else Path(folder).expanduser()
    recipe = _recipe(folder, url, archives)
    paths = [folder / archive.name for archive in archives]
    for path, archive in zip(paths, archives, strict=True):
        if not path.is_file():
            if not download:
                raise UserError(
                    "the Spiking Heidelberg Digits were not found",
                    f"no {path}",
                    "the two archives as published, zipped",
                    recipe + "; or have them downloaded: data.download=true",
                )
            _fetch(archive, folder, url, recipe)
        elif (found := _md5(path)) != archive.md5:
            raise UserError(
                f"{path} is not the published file",
                f"md5 {found}",
                f"md5 {archive.md5}",
                f"remove it, then {recipe}",
            )
    return paths


def _recipe(folder: Path, url: str, archives: tuple[Archive, ...]) -> str:
    files = " and ".join(f"{archive.name} (md5 {archive.md5})" for archive in archives)
    return f"download {files} from {url} into {folder}"


def _fetch(archive: Archive, folder: Path, url: str, recipe: str) -> None:
    """Downloads one archive, which gets its name only after its checksum was verified."""
    print(f"downloading {archive.name} from {url} into {folder}", file=sys.stderr)  # noqa: T201
    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(), chunk_size=CHUNK, timeout=TIMEOUT
    )
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        pooch.retrieve(
            url.rstrip("/") + "/" + archive.name,
            known_hash=f"md5:{archive.md5}",
            fname=archive.name,
            path=folder,
            # The arguments of Pooch's class have other names than those of its protocol.
            downloader=downloader,  # pyright: ignore[reportArgumentType]
        )
    # Errors of the connection are OSErrors too; pooch leaves the answer of a refusing server open.
    except OSError as error:
        if (response := getattr(error, "response", None)) is not None:
            response.close()
        raise UserError(
            f"{archive.name} could not be downloaded",
            f"{type(error).__name__}: {error}",
            "a connection to the server, and space in the folder",
            f"try again, or {recipe} by other means",
        ) from error
    except ValueError as error:
        raise UserError(
            f"the downloaded {archive.name} is not the published file",
            "another checksum",
            f"md5 {archive.md5}",
            f"try again, or {recipe} by other means",
        ) from error
    finally:
        logger.setLevel(level)


def _md5(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
