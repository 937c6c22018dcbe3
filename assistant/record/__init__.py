"""The record: the durable, numbered log of every room, one SQLite file in the data folder.

    record.py   `Record`, what the event loop sees; never blocks it
    writer.py   the one writing thread: takes what waits, one transaction, one wake-up of the loop (group commit)
    ledger.py   the write connection: numbers, repeated keys, erasure; all or nothing
    reader.py   two reading threads and their queries
    viewer.py   one viewer taken out, while a service runs or not
    schema.py   the file: how it is opened, its tables, its migrations
    entries.py  what goes in and what comes out
"""

from assistant.record.entries import Counters, Entry, Erasure, Stored, StreamSpan
from assistant.record.record import Record

__all__ = ["Counters", "Entry", "Erasure", "Record", "Stored", "StreamSpan"]
