"""Data sets that were published as two archives with checksums."""

import hashlib
import logging
import sys
from dataclasses import dataclass
from pathlib import Path

import pooch

from experiments.engine.compute.places import user_cache
from experiments.engine.errors import UserError

log = logging.getLogger(__name__)

CHUNK = 2**16  # bytes
TIMEOUT = 30  # s without an answer


@dataclass(frozen=True)
class Archive:
    """A published file: name and checksum."""

    name: str
    md5: str


@dataclass(frozen=True)
class Published:
    """The archives of a training and a test set.

    Attributes:
        title: Name of the set in figures.
        name: Folder in the user's cache.
        url: Folder on the server.
        train: Archive of the training set.
        test: Archive of the test set.
    """

    title: str
    name: str
    url: str
    train: Archive
    test: Archive

    @property
    def archives(self) -> tuple[Archive, Archive]:
        """The archives of training and test set."""
        return self.train, self.test

    def locate(self, folder: Path | str | None = None, download: bool = False) -> tuple[Path, Path]:
        """Return the paths of the archives, with verified checksums.

        An archive with another checksum is never replaced; a missing one is downloaded only on
        request.

        Args:
            folder: Folder of the archives, present or to be downloaded; None for the user's cache.
            download: Whether to download missing archives.

        Returns:
            Paths of training and test set.

        Raises:
            UserError: If an archive is missing, cannot be downloaded, or has a wrong checksum.
        """
        cache = user_cache(self.name)
        folder = cache if folder is None else Path(folder).expanduser()
        for archive in self.archives:
            path = folder / archive.name
            if not path.is_file():
                if not download:
                    what = f"the {self.title} were not found"
                    fix = f"{self._recipe(folder)}; or have them downloaded: data.download=true"
                    raise UserError(
                        what, f"no {path}", "the two archives as published, zipped", fix
                    )
                self._fetch(archive, folder)
            elif (checksum := md5(path)) != archive.md5:
                what = f"{path} is not the published file"
                fix = f"remove it, then {self._recipe(folder)}"
                raise UserError(what, f"md5 {checksum}", f"md5 {archive.md5}", fix)
        return folder / self.train.name, folder / self.test.name

    def _recipe(self, folder: Path) -> str:
        files = " and ".join(f"{archive.name} (md5 {archive.md5})" for archive in self.archives)
        return f"download {files} from {self.url} into {folder}"

    def _fetch(self, archive: Archive, folder: Path) -> None:
        """Download an archive and verify its checksum before it gets its name."""
        log.info("downloading %s from %s into %s", archive.name, self.url, folder)
        downloader = pooch.HTTPDownloader(
            progressbar=sys.stderr.isatty(), chunk_size=CHUNK, timeout=TIMEOUT
        )
        fix = f"try again, or {self._recipe(folder)} by other means"
        logger = pooch.get_logger()
        level = logger.level
        logger.setLevel("WARNING")
        try:
            pooch.retrieve(
                self.url.rstrip("/") + "/" + archive.name,
                known_hash=f"md5:{archive.md5}",
                fname=archive.name,
                path=folder,
                # Pooch's class and Pooch's protocol name the arguments differently.
                downloader=downloader,  # pyright: ignore[reportArgumentType]
            )
        # Errors of the connection are OSErrors too; pooch leaves a refusing server's answer open.
        except OSError as error:
            if (response := getattr(error, "response", None)) is not None:
                response.close()
            what, got = (
                f"{archive.name} could not be downloaded",
                f"{type(error).__name__}: {error}",
            )
            expected = "a connection to the server, and space in the folder"
            raise UserError(what, got, expected, fix) from error
        except ValueError as error:
            what = f"the downloaded {archive.name} is not the published file"
            raise UserError(what, "another checksum", f"md5 {archive.md5}", fix) from error
        finally:
            logger.setLevel(level)


def md5(path: Path) -> str:
    """Return the MD5 checksum of a file, as published."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
