"""What the host's choices teach: which lines she uses and which she waves away, per market.

Each line is an arm of a bandit with Beta-distributed worth. Its value is the posterior mean plus an upper confidence bonus (UCB1,
Auer et al. 2002), so that lines rarely answered get tried: no dice are thrown, and the same record gives the same choices. The
prior leans on the line's stage (strength 2): a host who waves away every lucky draw is shown fewer of them, also new ones.
Used counts 1 for the line, pinned 2, dismissed 1 against it. Lines nobody answers learn nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log, sqrt

WON = {"used": 1.0, "pinned": 2.0}
LOST = {"dismissed": 1.0}
PRIOR = 2.0
"""Strength of the prior, in answers."""
CURIOUS = 0.1
"""Weight of the confidence bonus."""
MOST = 20_000
"""Arms kept; a room has a few thousand lines."""


@dataclass(slots=True)
class _Arm:
    won: float = 0.0
    lost: float = 0.0


@dataclass(slots=True)
class Bandit:
    """The state: answers per (market, line), per (market, stage), and per market."""

    lines: dict[tuple[str, str], _Arm] = field(default_factory=dict)
    stages: dict[tuple[str, str], _Arm] = field(default_factory=dict)
    answers: dict[str, float] = field(default_factory=dict)

    def learn(self, market: str, line: str, stage: str, action: str) -> None:
        """Take an answer in; an unknown action teaches nothing."""
        won, lost = WON.get(action, 0.0), LOST.get(action, 0.0)
        if not won and not lost:
            return
        if (market, line) not in self.lines and len(self.lines) >= MOST:
            return
        for arms, key in ((self.lines, (market, line)), (self.stages, (market, stage))):
            arm = arms.setdefault(key, _Arm())
            arm.won += won
            arm.lost += lost
        self.answers[market] = self.answers.get(market, 0.0) + won + lost

    def worth(self, market: str, line: str, stage: str) -> float:
        """-1..1: how much better than nothing known; 0 while a market has no answers."""
        answers = self.answers.get(market, 0.0)
        if not answers:
            return 0.0
        whole, own = self.stages.get((market, stage), _Arm()), self.lines.get((market, line), _Arm())
        usual = (whole.won + 1) / (whole.won + whole.lost + 2)
        tries = own.won + own.lost
        mean = (own.won + PRIOR * usual) / (tries + PRIOR)
        return max(-1.0, min(1.0, 2 * mean - 1 + CURIOUS * sqrt(log(1 + answers) / (1 + tries))))
