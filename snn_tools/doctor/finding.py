"""What is found, and the rules by which: a condition on numbers, and the words for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing to know, with its evidence and how far it goes.

    Attributes:
        kind: a word for programs, such as ``"silent"``; see docs/doctor.md.
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
        lines = [f"  {'FAULT' if self.fault else 'note'} ({self.kind}, {self.where}): "]
        lines[0] += self.evidence
        lines += [f"    advice: {self.advice}"] * bool(self.advice)
        lines += [f"    scope: {self.scope}"] * bool(self.scope)
        return "\n".join(lines)


@dataclasses.dataclass(frozen=True)
class Rule:
    """A finding before it is made: what it says of numbers for which its condition holds.

    Attributes:
        kind: of the finding.
        holds: the condition.
        evidence: what was measured, of the same numbers.
        advice: what to do, with ``{}`` where `filled` goes.
        scope: what the advice rests on.
        fault: whether something is wrong.
        filled: what the advice names.
    """

    kind: str
    holds: Callable[..., bool]
    evidence: Callable[..., str]
    advice: str = ""
    scope: str = ""
    fault: bool = True
    filled: Callable[..., str] = lambda *numbers: ""

    def of(self, where: str, *numbers: object) -> list[Finding]:
        """The finding on these numbers, if there is one."""
        if not self.holds(*numbers):
            return []
        advice = self.advice.replace("{}", self.filled(*numbers))
        return [Finding(self.kind, self.fault, where, self.evidence(*numbers), advice, self.scope)]
