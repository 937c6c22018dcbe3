"""The translation memory in front of the models: sentences a seller approved are not translated again.

    store.py        `Memory`: entries in, hits out; pure
    spelling.py     what two spellings of one sentence share
    words.py        the closed class of words that change nothing (`words.tsv`)
    generalise.py   values (numbers, prices, sizes, codes) taken out and put in
    names.py        product names swapped
    files.py tmx.py loading.py    the files of DATA/memory
    corrections.py  moderators' corrections, learned from the record
"""

from assistant.memory.corrections import Learned
from assistant.memory.store import LIMIT, Entry, Hit, Memory

__all__ = ["LIMIT", "Entry", "Hit", "Learned", "Memory"]
