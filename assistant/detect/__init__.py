"""Detect: which language a viewer typed, and whether in that language's own letters."""

from assistant.detect.detector import Detection, Detector

__all__ = ["Detection", "Detector"]
