"""Suggest: which line of talk fits this moment in a market, filled with the room's facts, and why."""
