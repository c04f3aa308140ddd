"""What the figures beyond the paper are drawn with, panel by panel."""

from matplotlib.axes import Axes

from figures import style


def drawable(axes: Axes, known: bool, why: str = "not computed\nby this preset") -> bool:
    """Return whether something can be drawn; if not, say why."""
    if not known:
        style.absent(axes, why)
    return known
