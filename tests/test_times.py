"""Times stand on one page; nothing else repeats them."""

import re

from experiments.engine.configure.registry import Project

ROOT = Project().root


SECONDS = re.compile(r"\d ?(s|min|h|hours|days|seconds|minutes)\b|CPU")


def test_no_other_page_and_no_preset_says_how_long_a_figure_takes():
    for path in sorted((ROOT / "configs" / "figure").glob("*/*.yaml")):
        comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
        assert not SECONDS.search("\n".join(comments)), path
    for name in ("docs/figures.md", "docs/artifact.md"):
        text = (ROOT / name).read_text()
        lines = [line for line in text.splitlines() if line.startswith("|") and "make " in line]
        assert lines and not SECONDS.search("\n".join(lines)), name
    for name in ("README.md", "docs/artifact.md"):
        assert "times.md" in (ROOT / name).read_text()
