"""What is found, and the rules by which: a condition, and words with numbers to be filled in."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing to know, with its evidence and how far it goes.

    Attributes:
        kind: a word for programs, such as ``"silent"``; see tools/docs/doctor.md.
        fault: whether something is wrong; otherwise it is advice, or worth knowing.
        where: layer or array of parameters.
        evidence: what was measured.
        advice: what to do; empty where nothing was measured that would tell.
        scope: what the advice rests on, and where it ends.
    """

    kind: str
    fault: bool
    where: str
    evidence: str
    advice: str = ""
    scope: str = ""

    def __str__(self) -> str:
        head = f"  {'FAULT' if self.fault else 'note'} ({self.kind}, {self.where})"
        more = [f"    {name}: {getattr(self, name)}" for name in ("advice", "scope")]
        return "\n".join([f"{head}: {self.evidence}", *(x for x in more if x[-2:] != ": ")])


@dataclass(frozen=True)
class Rule:
    """A finding with names in braces for what was seen, and the condition under which it holds."""

    kind: str
    evidence: str
    advice: str = ""
    scope: str = ""
    fault: bool = True
    holds: Callable[[Any], bool] = lambda seen: True

    def of(self, where: str, **seen: Any) -> list[Finding]:
        """Return the finding, if the rule holds of what was seen."""
        if not self.holds(SimpleNamespace(**seen)):
            return []
        words = (text.format(**seen) for text in (self.evidence, self.advice, self.scope))
        return [Finding(self.kind, self.fault, where, *words)]
