"""`python -m assistant.models.train`: start or resume a training run, with one log line per evaluation."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path

from assistant.models.train.loop import Progress, Recipe, train


def main() -> None:
    """Parse the folders and the recipe, train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--general", type=Path, required=True, help="folder of en-XX.tsv files")
    parser.add_argument("--tuples", type=Path, required=True, help="folder of hand-written eight-language files")
    parser.add_argument("--checkpoints", type=Path, required=True)
    parser.add_argument("--glossary", type=Path, help="a file whose terms are drawn too")
    for setting in fields(Recipe):
        parser.add_argument("--" + setting.name.replace("_", "-"), type=type(setting.default), default=setting.default)
    given = vars(parser.parse_args())
    glossary = given.pop("glossary")
    folders = [given.pop(name) for name in ("general", "tuples", "checkpoints")]

    def report(line: Progress) -> None:
        sys.stdout.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
        sys.stdout.flush()

    train(*folders, Recipe(**given), report, glossary=glossary)


if __name__ == "__main__":
    main()
