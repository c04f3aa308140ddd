"""What the figures beyond the paper are drawn with, panel by panel."""

from matplotlib.axes import Axes

from figures import style
from figures.panels import Panel


def names_of(panel: Panel, axis: str = "methods") -> list[str]:
    """Return the names along an axis."""
    return [str(name) for name in panel[axis][0]]


def drawable(axes: Axes, known: bool, why: str = "not computed\nby this preset") -> bool:
    """Return whether something can be drawn; if not, say why."""
    if not known:
        style.absent(axes, why)
    return known
