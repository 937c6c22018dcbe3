"""Glossaries of other tools, in and out.

    units.py   what an entry of any tool comes down to, and the formats by name
    tables.py  comma- and tab-separated files: DeepL, Google, AWS
    xml.py     TMX and TBX, through translate-toolkit (extra [tmx])
    merge.py   entries into a market's file, without overwriting what stands there
"""
