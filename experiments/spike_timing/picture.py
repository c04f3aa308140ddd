"""The picture that a network's output shall paint: a domed rotunda of our own, or any image.

A picture is an array of 0 and 1, ``(neuron, time)``, that is (row, column); 1 is ink, and a spike.
Drawing and dithering use additions, products, divisions and square roots alone, which IEEE 754
rounds the same way everywhere: the picture is the same to the bit on every machine.
"""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from experiments.engine.errors import UserError

HEIGHT, WIDTH = 200, 189
"""Size at which the rotunda is drawn."""

GRAIN = 0.7
"""Width of the uniform noise in the drawing, as of a film: smooth tones are too easy a target."""

MAX_PIXELS = 50_000_000
MIN_SIDE = 8
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
"""What may be opened: Pillow can do more, of which nobody means to paint."""


def target(image: str, n_neurons: int, n_steps: int, density: float) -> np.ndarray:
    """The target raster.

    Args:
        image: path of an image, or "rotunda" for the built-in drawing.
        n_neurons: rows of the raster.
        n_steps: columns of the raster.
        density: share of ones after dithering. A one-bit image of the right size stays as it is.

    Returns:
        Array of 0 and 1, ``(n_neurons, n_steps)``, float64.

    Raises:
        UserError: for a file that is no usable image, or a raster below 8 x 8.
    """
    if min(n_neurons, n_steps) < MIN_SIDE:
        what = "the raster is too small for a picture"
        got = f"{n_neurons} neurons x {n_steps} steps"
        raise UserError(what, got, f"at least {MIN_SIDE} x {MIN_SIDE}", "more outputs or steps")
    if image == "rotunda":
        grey = _resized(Image.fromarray(_to_bytes(rotunda())), n_neurons, n_steps)
        if (n_neurons, n_steps) == (HEIGHT, WIDTH):
            grey = rotunda()
    else:
        picture = _opened(Path(image))
        if picture.mode == "1" and picture.size == (n_steps, n_neurons):
            return 1.0 - np.asarray(picture, float)
        grey = _resized(picture, n_neurons, n_steps)
    return dithered(grey, density)


def _opened(path: Path) -> Image.Image:
    """Reads an image file, whole."""

    def refuse(what: str, got: str) -> UserError:
        return UserError(
            what, got, "a PNG, JPEG or other image file", "all.image=path/to/picture.png"
        )

    if not path.is_file():
        raise refuse("there is no such image", str(path))
    if path.stat().st_size == 0:
        raise refuse("the image file is empty", str(path))
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                size = f"{image.width} x {image.height} pixels"
                raise refuse(f"the image is larger than {MAX_PIXELS // 1_000_000} megapixels", size)
            image.load()
            return _seen(image)
    except UnidentifiedImageError:
        raise refuse("the file is not an image", str(path)) from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise refuse("the image cannot be read", f"{path}: {error}") from None


def _seen(image: Image.Image) -> Image.Image:
    """The picture as a viewer shows it: on white where it is transparent, 16 bits as 8."""
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image, np.int64) // 256).astype(np.uint8))
    elif image.mode != "1":
        shown = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, shown).convert("L")
    low, high = image.convert("L").getextrema()
    if low == high or min(image.size) < MIN_SIDE:
        raise UserError(
            "there is nothing to see in the image",
            f"{image.width} x {image.height} pixels, brightness {low} to {high}",
            f"at least {MIN_SIDE} x {MIN_SIDE} pixels that are not all alike",
            "all.image=path/to/picture.png",
        )
    return image.copy()


def _resized(image: Image.Image, n_rows: int, n_columns: int) -> np.ndarray:
    """Darkness in [0, 1] at the size of the raster."""
    image = image.resize((n_columns, n_rows), Image.Resampling.LANCZOS)
    return 1.0 - np.asarray(image, float) / 255


def _to_bytes(darkness: np.ndarray) -> np.ndarray:
    return np.round(255 * (1 - darkness)).astype(np.uint8)


def dithered(darkness: np.ndarray, density: float) -> np.ndarray:
    """Floyd-Steinberg error diffusion of a grey picture to one bit, at a chosen density.

    Args:
        darkness: numbers in [0, 1], ``(row, column)``; shifted so that their mean is the density.
        density: share of ones wanted, met to the error that is diffused over the edge.
    """
    low, high = -1.0, 1.0
    for _ in range(40):
        shift = (low + high) / 2
        too_dark = np.clip(darkness + shift, 0, 1).mean() > density
        low, high = (low, shift) if too_dark else (shift, high)
    error = np.clip(darkness + shift, 0, 1)
    ink = np.zeros_like(error)
    n_rows, n_columns = error.shape
    for i in range(n_rows):
        for j in range(n_columns):
            ink[i, j] = float(error[i, j] >= 0.5)
            rest = error[i, j] - ink[i, j]
            if j + 1 < n_columns:
                error[i, j + 1] += rest * 7 / 16
            if i + 1 < n_rows:
                if j > 0:
                    error[i + 1, j - 1] += rest * 3 / 16
                error[i + 1, j] += rest * 5 / 16
                if j + 1 < n_columns:
                    error[i + 1, j + 1] += rest / 16
    return ink


def statistics(picture: np.ndarray) -> dict[str, float]:
    """The four numbers that the difficulty of a target depends on.

    Returns:
        ``density``, the share of ones; ``lag_one_correlation`` of neighbours in time;
        ``repeat_probability``, P(spike | spike one step before); ``neuron_spread``, the standard
        deviation over neurons of their mean.
    """
    now, next_ = picture[:, :-1].ravel(), picture[:, 1:].ravel()
    return {
        "density": float(picture.mean()),
        "lag_one_correlation": float(np.corrcoef(now, next_)[0, 1]),
        "repeat_probability": float((now * next_).sum() / max(now.sum(), 1)),
        "neuron_spread": float(picture.mean(axis=1).std()),
    }


class _Canvas:
    """Darkness that is painted over, shape by shape, with edges one pixel soft."""

    def __init__(self) -> None:
        self.y, self.x = np.meshgrid(np.arange(HEIGHT) + 0.5, np.arange(WIDTH) + 0.5, indexing="ij")
        self.centre = WIDTH / 2
        self.darkness = 0.20 - 0.14 * self.y / HEIGHT  # the sky, paler towards the horizon

    def paint(self, cover: np.ndarray, tone: np.ndarray | float) -> None:
        """Mixes a tone in where something covers the canvas."""
        tone = np.clip(tone, 0, 1)
        self.darkness = self.darkness * (1 - cover) + tone * cover

    def box(self, half: float, top: float, bottom: float, at: float = 0.0) -> np.ndarray:
        """Cover of a rectangle of half width `half`, `at` pixels to the right of the centre."""
        left, right = self.centre + at - half, self.centre + at + half
        return (
            _edge(self.x - left) * _edge(right - self.x)
            * _edge(self.y - top) * _edge(bottom - self.y)
        )  # fmt: skip

    def dome(self, width: float, height: float, base: float) -> tuple[np.ndarray, ...]:
        """Cover of the upper half of an ellipse, and the direction that its surface faces."""
        across, up = (self.x - self.centre) / width, (self.y - base) / height
        radius = np.sqrt(across**2 + up**2)
        cover = _edge((1 - radius) * width) * _edge(base - self.y)
        return cover, across, up, np.sqrt(np.clip(1 - radius**2, 0, 1))

    def across(self, half: float, at: float = 0.0) -> np.ndarray:
        """Position across a body, from -1 at its left edge to 1 at its right."""
        return (self.x - self.centre - at) / half


def _edge(distance: np.ndarray) -> np.ndarray:
    """From 0 outside to 1 inside over one pixel."""
    return np.clip(distance + 0.5, 0, 1)


def rotunda() -> np.ndarray:
    """A domed rotunda with a colonnade, lit from the left; darkness ``(200, 189)`` in [0, 1]."""
    canvas = _Canvas()
    for x, y, width, height, tone in (
        (40, 38, 34, 9, 0.10),
        (150, 58, 30, 8, 0.09),
        (160, 24, 22, 6, 0.08),
    ):
        radius2 = ((canvas.x - x) / width) ** 2 + ((canvas.y - y) / height) ** 2
        canvas.darkness = canvas.darkness - tone * np.clip(1 - radius2, 0, 1)
    _dome(canvas)
    _lantern(canvas)
    _drum(canvas)
    _colonnade(canvas)
    # Contrast, brightness and grain that give the statistics of a photograph. The stream of the
    # legacy generator is frozen: the same grain with every NumPy.
    grain = np.random.RandomState(0).random_sample((HEIGHT, WIDTH)) - 0.5
    return np.clip(0.28 + 1.2 * (canvas.darkness - 0.3) + GRAIN * grain, 0, 1)


def _dome(canvas: _Canvas) -> None:
    cover, across, up, towards = canvas.dome(58, 53.36, 98)
    tone = 0.60 + 0.36 * across + 0.10 * up - 0.28 * towards
    for rib in (-0.8, -0.5, -0.17, 0.17, 0.5, 0.8):
        at = 58 * rib * np.sqrt(np.clip(1 - up**2, 0, 1))
        tone = tone + 0.28 * _edge(0.8 - np.abs(canvas.x - canvas.centre - at))
    canvas.paint(cover, tone)


def _lantern(canvas: _Canvas) -> None:
    canvas.paint(canvas.box(9, 24, 45), 0.5 + 0.48 * canvas.across(9))
    for at in (-5, 0, 5):
        canvas.paint(canvas.box(1.3, 29, 42, at), 0.95)
    cover, across, *_ = canvas.dome(11, 10, 25)
    canvas.paint(cover, 0.5 + 0.45 * across)
    canvas.paint(canvas.box(1, 6, 16), 0.9)
    canvas.paint(canvas.box(12, 43, 47), 0.25)


def _drum(canvas: _Canvas) -> None:
    canvas.paint(canvas.box(62, 98, 122), 0.42 + 0.40 * canvas.across(62))
    for window in range(-4, 5):
        canvas.paint(canvas.box(3.0, 104, 118, 13.2 * window), 0.85)
    canvas.paint(canvas.box(66, 95, 100), 0.12)
    canvas.paint(canvas.box(66, 100, 102), 0.85)
    canvas.paint(canvas.box(70, 121, 126), 0.10)
    canvas.paint(canvas.box(70, 126, 128.5), 0.9)


def _colonnade(canvas: _Canvas) -> None:
    canvas.paint(canvas.box(84, 128, 182), 0.70)  # the shadow behind the columns
    canvas.paint(canvas.box(86, 126, 133), 0.15)
    for column in range(8):
        at = -76 + 152 * column / 7
        across = canvas.across(5.6, at)
        tone = 0.30 + 0.5 * across - 0.22 * np.sqrt(np.clip(1 - across**2, 0, 1))
        canvas.paint(canvas.box(5.6, 133, 180, at), tone)
        canvas.paint(canvas.box(7.6, 133, 136.5, at), 0.12)
        canvas.paint(canvas.box(7.6, 177, 181, at), 0.2)
    for step in range(4):
        canvas.paint(canvas.box(86 + 2 * step, 181 + 3 * step, 183 + 3 * step), 0.12)
        canvas.paint(canvas.box(86 + 2 * step, 183 + 3 * step, 184 + 3 * step), 0.8)
    canvas.paint(_edge(canvas.y - 192.5), 0.30 + 0.15 * (canvas.y - 192.5) / 8)
