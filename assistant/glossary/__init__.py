"""Glossaries as files: read, checked, layered, edited while a room runs, exchanged with other tools.

    read.py       a CSV file to `Term`s
    languages.py  which columns are languages, and what scripts those are written in
    check.py      every fault of a file, with its line
    layers.py     `Shelf` (the folders, hot reload) and `Glossaries` (what a room's markets use, highest layer first)
    exchange/     DeepL, Google, AWS, TMX, TBX in and out
    heard.py      mishearings proposed from moderators' corrections
"""

from assistant.glossary.layers import Glossaries, Shelf
from assistant.glossary.read import read_glossary

__all__ = ["Glossaries", "Shelf", "read_glossary"]
