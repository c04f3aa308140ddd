"""Target picture of a network's output: a drawing of a domed rotunda, or an image's first frame.

A picture is an array of 0 and 1, ``(neuron, time)``, that is (row, column); 1 is ink and a spike.
Dithering uses only additions, products and divisions, which IEEE 754 rounds the same way
everywhere: the picture has the same bits on every machine.
"""

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from experiments.engine.errors import UserError

ROTUNDA = Path(__file__).with_name("rotunda.png")
"""Drawing of a domed rotunda with a colonnade, lit from the left, by `scripts.rotunda`. Dithered,
it has the statistics of the published photograph."""

MIN_SIDE = 8
FORMATS = "PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"
"""Kinds of files that are read."""
MOST_PIXELS = 25_000_000
"""A larger image would take more than a gigabyte as it is decoded."""


def read(image: str | Path) -> bytes:
    """Return the contents of an image's file.

    Args:
        image: path of the image, as for `target`.

    Raises:
        UserError: for a file that is missing or cannot be read.
    """
    path = _path(image)
    if not path.is_file():
        raise _image_error("there is no such image", str(path))
    try:
        return path.read_bytes()
    except OSError as error:
        raise _image_error("the image cannot be read", f"{path}: {error}") from None


def _path(image: str | Path) -> Path:
    return ROTUNDA if image == "rotunda" else Path(image)


def target(
    image: str | Path,
    n_neurons: int,
    n_steps: int,
    density: float,
    contents: bytes | None = None,
    threshold: float = 0.0,
) -> np.ndarray:
    """Return the target raster.

    Args:
        image: path of an image, or "rotunda" for the built-in drawing.
        n_neurons: rows of the raster.
        n_steps: columns of the raster.
        density: share of ones after dithering. A one-bit image of the right size is not dithered.
        contents: bytes of the image from `read`; None to read the file now.
        threshold: brightness in (0, 1] below which a pixel is a spike; 0 to dither.

    Returns:
        Array of 0 and 1, ``(n_neurons, n_steps)``, float64.

    Raises:
        UserError: if the file is not a usable image, the raster is smaller than 8 x 8, or an image
            with a threshold has another size than the raster.
    """
    if min(n_neurons, n_steps) < MIN_SIDE:
        what = "the raster is too small for a picture"
        got = f"{n_neurons} neurons x {n_steps} steps"
        raise UserError(what, got, f"at least {MIN_SIDE} x {MIN_SIDE}", "more outputs or steps")
    contents = read(image) if contents is None else contents
    picture = _opened(_path(image), contents)
    grey = 1.0 - np.asarray(picture.convert("L"), float) / 255
    fits = grey.shape == (n_neurons, n_steps)
    if threshold and not fits:
        raise UserError(
            f"with threshold={threshold:g} every pixel is a neuron's time step",
            f"{image}: {picture.width} x {picture.height} pixels",
            f"{n_steps} x {n_neurons} pixels",
            "another image, or all.threshold=0, which resizes and dithers",
        )
    if threshold:
        return (1.0 - grey < threshold).astype(float)
    if fits and picture.mode == "1":
        return grey
    return dithered(grey if fits else _resized(picture, n_neurons, n_steps), density)


def _image_error(what: str, got: str) -> UserError:
    fix = "all.image=path/to/picture.png"
    return UserError(what, got, "a PNG, JPEG or other image file", fix)


def _opened(path: Path, contents: bytes) -> Image.Image:
    """Return the image in a file."""
    try:
        with Image.open(io.BytesIO(contents), formats=FORMATS) as image:
            # The header tells the size, before anything is decoded.
            if image.width * image.height > MOST_PIXELS:
                raise UserError(
                    "the image is too large",
                    f"{path}: {image.width} x {image.height} pixels",
                    f"at most {MOST_PIXELS} pixels",
                    "a smaller copy of the image",
                )
            image.load()
        if image.mode == "F":
            raise ValueError("brightness in floating point, of which white is not known")
        # Cameras store how they were held beside the pixels.
        return _seen(ImageOps.exif_transpose(image))
    except UserError:
        raise
    except UnidentifiedImageError:
        raise _image_error("the file is not an image", str(path)) from None
    # Readers of damaged files raise exceptions of many types.
    except Exception as error:
        raise _image_error("the image cannot be read", f"{path}: {error}") from None


def _seen(image: Image.Image) -> Image.Image:
    """Return the picture as viewers show it: transparent areas on white, 8 bits per channel."""
    if image.mode.startswith("I"):
        grey = np.clip(np.asarray(image, np.int64) // 256, 0, 255)
        image = Image.fromarray(grey.astype(np.uint8))
    elif image.mode != "1":
        layer = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, layer).convert("L")
    low, high = image.convert("L").getextrema()
    if low == high or min(image.size) < MIN_SIDE:
        raise UserError(
            "there is nothing to see in the image",
            f"{image.width} x {image.height} pixels, brightness {low} to {high}",
            f"at least {MIN_SIDE} x {MIN_SIDE} pixels that are not all alike",
            "all.image=path/to/picture.png",
        )
    return image


def _resized(image: Image.Image, n_rows: int, n_columns: int) -> np.ndarray:
    """Return darkness in [0, 1] at the size of the raster."""
    image = image.resize((n_columns, n_rows), Image.Resampling.LANCZOS)
    return 1.0 - np.asarray(image, float) / 255


def dithered(darkness: np.ndarray, density: float) -> np.ndarray:
    """Dither a grey picture to one bit by Floyd-Steinberg error diffusion, at a chosen density.

    Args:
        darkness: numbers in [0, 1], ``(row, column)``; shifted so that their mean is the density.
        density: share of ones wanted, met to the error that is diffused over the edge.
    """
    low, high = -1.0, 1.0
    for _ in range(40):
        shift = (low + high) / 2
        too_dark = np.clip(darkness + shift, 0, 1).mean() > density
        low, high = (low, shift) if too_dark else (shift, high)
    # Access to single numbers is ten times as fast in a list as in an array. Errors that diffuse
    # over an edge go to an additional column on either side and to a row below.
    rows = np.pad(np.clip(darkness + shift, 0, 1), ((0, 1), (1, 1))).tolist()
    for row, below in pairwise(rows):
        for j in range(1, len(row) - 1):
            ink = float(row[j] >= 0.5)
            rest = row[j] - ink
            row[j] = ink
            row[j + 1] += rest * 7 / 16
            below[j - 1] += rest * 3 / 16
            below[j] += rest * 5 / 16
            below[j + 1] += rest / 16
    return np.array(rows)[:-1, 1:-1]


def statistics(picture: np.ndarray) -> dict[str, float]:
    """Return four statistics that decide the difficulty of a target.

    Returns:
        ``density``, the share of ones; ``lag_one_correlation`` of neighbours in time;
        ``repeat_probability``, P(spike | spike one step before); ``neuron_spread``, the standard
        deviation over neurons of the mean.
    """
    now, next_ = picture[:, :-1].ravel(), picture[:, 1:].ravel()
    return {
        "density": float(picture.mean()),
        "lag_one_correlation": float(np.corrcoef(now, next_)[0, 1]),
        "repeat_probability": float((now * next_).sum() / max(now.sum(), 1)),
        "neuron_spread": float(picture.mean(axis=1).std()),
    }
