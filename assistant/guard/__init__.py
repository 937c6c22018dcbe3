"""What a host must not say, and what must not be shown of what viewers type.

    rulebook = Rulebook(rules)                                   # the rules of one market, compiled per language when first asked for
    rulebook.check("全网第一的面膜", "zh", facts, now)             # -> findings with spans, the gravest first
    Comments().read("call me 0812-3456-7890", "en", ["ID"])      # -> what to mask, whether it is offensive
"""

from __future__ import annotations

from assistant.guard.match import Finding, Rulebook, check
from assistant.guard.rules import CATEGORIES, SEVERITIES, Certificate, Facts, FormerPrice, Permit, Rule, Said, When

__all__ = [
    "CATEGORIES", "SEVERITIES", "Certificate", "Facts", "Finding", "FormerPrice", "Permit", "Rule", "Rulebook", "Said", "When", "check",
]  # fmt: skip
