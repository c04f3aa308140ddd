"""Data sets that were published as two archives with checksums."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pooch

from experiments.engine.cache import user_cache
from experiments.engine.errors import UserError


@dataclass(frozen=True)
class Published:
    """The archives of a training and a test set.

    Attributes:
        title: Name of the set in figures.
        name: Folder in the user's cache.
        url: Folder on the server; ends with a slash.
        md5: MD5 checksum of the training archive and of the test archive, by file name.
    """

    title: str
    name: str
    url: str
    md5: dict[str, str]

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
        home = Path(folder).expanduser() if folder else user_cache(self.name)
        archives = " and ".join(f"{name} (md5 {md5})" for name, md5 in self.md5.items())
        recipe = f"download {archives} from {self.url} into {home}"
        for name, md5 in self.md5.items():
            path = home / name
            if path.is_file():
                present = pooch.file_hash(str(path), "md5")
                if present != md5:
                    what, fix = f"{path} is not the published file", f"remove it, then {recipe}"
                    raise UserError(what, f"md5 {present}", f"md5 {md5}", fix)
            elif download:
                self._fetch(home, name, recipe)
            else:
                what, expected = f"the {self.title} were not found", "the archives as published"
                fix = f"{recipe}; or have them downloaded: data.download=true"
                raise UserError(what, f"no {path}", expected, fix)
        train, test = (home / name for name in self.md5)
        return train, test

    def _fetch(self, home: Path, name: str, recipe: str) -> None:
        """Download an archive; pooch verifies its checksum before the archive gets its name."""
        registry = {key: f"md5:{md5}" for key, md5 in self.md5.items()}
        try:
            store = pooch.create(home, self.url, registry=registry)
            store.fetch(name, progressbar=sys.stderr.isatty())
        # Errors of the connection are OSErrors; ValueError is another checksum.
        except (OSError, ValueError) as error:
            # Pooch leaves the answer of a server that refuses open.
            if (response := getattr(error, "response", None)) is not None:
                response.close()
            got = f"{type(error).__name__}: {error}"
            expected = "a connection to the server, space in the folder, and the published file"
            fix = f"try again, or {recipe} by other means"
            raise UserError(f"{name} could not be downloaded", got, expected, fix) from error
