"""`liveroom models`: what is installed, and how to get, convert, measure and train models."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from assistant.errors import InputFileError, ModelError
from assistant.models.catalog import Catalog
from assistant.models.folder import ModelFolder, scan
from assistant.models.listing import rows
from assistant.shipped import layers, shipped

app = typer.Typer(no_args_is_help=True, help="List, fetch, convert, measure and train translation models.", rich_markup_mode=None)

_DATA = typer.Option(Path("liveroom-data"), "--data", help="The data folder; fetched models go to its models/.")
_KEEP = typer.Option(False, "--keep-hf", help="Keep the Hugging Face form too, for the transformers engine and fine-tuning.")


def catalog(data: Path) -> Catalog:
    """The catalog in force: the data folder's, else the shipped one."""
    files = [folder / "catalog.toml" for folder in layers(data, "models")]
    return Catalog.read(next((file for file in files if file.is_file()), files[-1]))


@app.command("list", epilog="Example: liveroom models list")
def list_command(data: Path = _DATA) -> None:
    """Show the installed models: origin, licence, size, scores."""
    table = Table("model", "translates", "origin", "licence", "MB", "forms", "chrF", box=None, pad_edge=False)
    for row in rows(layers(data, "models")):
        table.add_row(row.name, row.pairs, row.problem or row.origin, row.licence, f"{row.megabytes:.1f}", row.forms, row.scores)
    Console(width=None if sys.stdout.isatty() else 240).print(table)


@app.command("pull", epilog="Example: liveroom models pull zh-en en-ar, or: liveroom models pull --market middle_east")
def pull_command(
    pairs: list[str] | None = typer.Argument(None, help="Language pairs such as zh-en, or names from the catalog."),
    market: str | None = typer.Option(None, help="Every pair a market needs."),
    host: str = typer.Option("zh", help="With --market: the host's language."),
    keep_hf: bool = _KEEP,
    data: Path = _DATA,
) -> None:
    """Fetch OPUS-MT models from the hub, convert and test them (needs the extra [marian])."""
    from assistant.models.pull import pull

    known = catalog(data)
    wanted = list(pairs or []) + (list(known.market(market, (host,))) if market else [])
    if not wanted:
        raise typer.BadParameter("give pairs such as zh-en, or --market")
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bars:
        tasks: dict[str, int] = {}

        def progress(file: str, here: int, size: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=size)
            bars.update(tasks[file], completed=here)

        installed = pull(wanted, data / "models", known, keep_hf=keep_hf, progress=progress, report=lambda line: console.print(line, highlight=False))
    for model in installed:
        typer.echo(f"{model.name}\t{' '.join(model.pairs[:8])}\t{model.size_bytes / 1e6:.0f} MB\t{model.licence}")


@app.command("convert", epilog="Example: liveroom models convert ./opus-2020-07-17.zip --from zh --to en")
def convert_command(
    source: Path = typer.Argument(help="A local Hugging Face Marian folder, or a Marian/OPUS zip or folder."),
    name: str = typer.Option("", help="Name of the installed model [default: the folder's]."),
    from_: list[str] | None = typer.Option(None, "--from", help="Source language; may be given several times."),
    to: list[str] | None = typer.Option(None, "--to", help="Target language; may be given several times."),
    licence: str = typer.Option("", help="Licence of the weights."),
    keep_hf: bool = _KEEP,
    data: Path = _DATA,
) -> None:
    """Convert a local checkpoint to CTranslate2 int8, test it and install it."""
    from assistant.models.convert import About, convert

    model = convert(source, data / "models", About(name=name, source=tuple(from_ or ()), target=tuple(to or ()), licence=licence), keep_hf=keep_hf)
    typer.echo(f"{model.name} installed in {model.path} ({model.size_bytes / 1e6:.0f} MB)")


@app.command("evaluate", epilog="Example: liveroom models evaluate live-m2m --test flores200-devtest/ --direction zh-en")
def evaluate_command(
    model: str = typer.Argument(help="Name of an installed model."),
    test: list[Path] = typer.Option(
        ..., "--test", help="A folder of LANG.txt files parallel by line, an eight-language TSV, or a TSV (source TAB target) with --direction."
    ),
    direction: list[str] | None = typer.Option(None, "--direction", help="Such as zh-en; all of the model's without it."),
    engine: str = typer.Option("ctranslate2", help="ctranslate2 or transformers."),
    limit: int | None = typer.Option(None, min=1, help="Only the first lines of each test."),
    store: bool = typer.Option(False, "--store", help="Keep the chrF in the model's model.toml."),
    glossary: list[Path] | None = typer.Option(None, "--glossary", help="Count the terms of this file that the model keeps by itself."),
    worst: int = typer.Option(0, "--worst", min=0, max=1000, help="Show so many of the worst sentences of each direction, side by side."),
    data: Path = _DATA,
) -> None:
    """Measure a model per direction: chrF, BLEU over pieces, terms kept, sentences a second, and the memory it took."""
    from assistant.models import evaluate
    from assistant.models.corpus.read import is_tuple_file

    folder = installed(model, data)
    tests: dict[str, evaluate.Test] = {}
    for path in test:
        if path.is_dir():
            tests[path.name] = evaluate.line_files(path, limit)
        elif not path.is_file():
            raise InputFileError(str(path), 0, "does not exist")
        elif is_tuple_file(path):
            for kind in ("host", "comment"):
                tests[f"{path.stem}-{kind}"] = evaluate.tuple_file(path, kind)
        else:
            if not direction or len(direction) != 1:
                raise typer.BadParameter("a TSV test needs exactly one --direction")
            source, _, target = direction[0].partition("-")
            tests[path.stem] = evaluate.pair_file(path, source, target)
    from assistant.glossary.read import read_glossary

    def show(score: evaluate.Score) -> None:
        kept = f"\t{score.terms[0]}/{score.terms[1]} terms" if glossary else ""
        speed = score.lines / max(score.seconds, 1e-9)
        typer.echo(f"{score.test}\t{score.direction}\t{score.lines}\tchrF {score.chrf:.2f}\tBLEU {score.bleu:.2f}\t{speed:.0f}/s{kept}")
        for bad in score.worst:
            typer.echo(f"  {bad.chrf:5.1f}  {bad.source}\n         should be  {bad.reference}\n         came out   {bad.answer}")

    terms = [term.cells for path in glossary or () for term in read_glossary(path)]
    before = memory()
    scores = evaluate.evaluate(
        folder, tests, direction, engine,  # type: ignore[arg-type]
        progress=show, terms=terms, pieces=evaluate.embedded_pieces(layers(data, "models")), bad=worst,
    )  # fmt: skip
    if before:
        typer.echo(f"memory: {memory() - before:.0f} MiB more than before the model was loaded", err=True)
    if store:
        evaluate.store(folder, scores)


def memory() -> float:
    """Resident memory of this process in MiB; 0 where psutil is not installed."""
    try:
        import psutil
    except ImportError:
        return 0.0
    return psutil.Process().memory_info().rss / 2**20


@app.command(
    "train",
    epilog="Example: liveroom models train --base live-m2m --pairs corrections.tsv --checkpoints run/   (or from scratch: --general corpora/)",
)
def train_command(
    general: Path | None = typer.Option(None, "--general", help="From scratch: folder of en-XX.tsv files (English TAB other TAB source)."),
    base: str | None = typer.Option(None, "--base", help="Adapt this installed model instead (its name, or a model folder)."),
    pairs: Path | None = typer.Option(None, "--pairs", help="With --base: your own translations, as `liveroom memory export` writes them."),
    test: list[Path] | None = typer.Option(None, "--test", help="With --base: what must not get worse [default: the held-out live-room slice]."),
    name: str = typer.Option("", "--name", help="With --base: the adapted model's name [default: BASE-own]."),
    data: Path = _DATA,
    tuples: Path = typer.Option(shipped("models") / "corpus", "--tuples", help="Folder of the eight-language live-room corpus."),
    checkpoints: Path = typer.Option(..., "--checkpoints", help="Where the run keeps its state; the same folder resumes it."),
    steps: int = typer.Option(9_000, min=1, help="Optimizer steps in all."),
    seed: int = typer.Option(20, help="Seed of data order, noise and initialisation."),
    export: Path | None = typer.Option(None, "--export", help="Write the finished model folder here."),
) -> None:
    """Adapt an installed model to your own translations, or train the embedded one from scratch; the same --checkpoints resumes.

    Needs the extra [marian]. An adapted model that is worse by more than 1 chrF on the general test is not installed.
    """
    from assistant.models.pull import require_marian

    require_marian()
    if base is not None:
        adapt(base, pairs, test or [], name, checkpoints, data)
        return
    if general is None:
        raise typer.BadParameter("give --base and --pairs to adapt a model, or --general to train one from scratch")
    from dataclasses import replace

    from assistant.models.train.loop import Recipe, train

    def report(line) -> None:
        left = (steps - line.step) * line.seconds / max(1, line.step)
        typer.echo(
            f"step {line.step}/{steps}  loss {line.train_loss:.3f}  dev {line.dev_general:.3f} {line.dev_domain:.3f}  "
            f"gap {line.gap:.3f}  {line.tokens_per_second:.0f} tokens/s  about {left / 60:.0f} min left"
        )

    folder = train(general, tuples, checkpoints, replace(Recipe(), steps=steps, seed=seed), report, glossary=shipped("glossaries") / "common.csv")
    if export is not None:
        from assistant.models.train.export import export as write

        write(folder, export)
        typer.echo(f"exported to {export}")


def adapt(base: str, pairs: Path | None, test: list[Path], name: str, checkpoints: Path, data: Path) -> None:
    """`models train --base`: fine-tune, measure, install under DATA/models."""
    from time import monotonic

    from assistant.models import evaluate
    from assistant.models.corpus.read import is_tuple_file
    from assistant.models.folder import NAME
    from assistant.models.train import finetune

    if pairs is None:
        raise typer.BadParameter("--base needs --pairs, the file of your own translations")
    folder = ModelFolder.read(Path(base).resolve()) if Path(base, "model.toml").is_file() else installed(base, data)
    if not NAME.match(name := name or f"{folder.name}-own"):
        raise typer.BadParameter(f"{name!r} is no model name: letters, digits, '.', '_' and '-'")
    read = finetune.read_pairs(pairs, folder)
    tests: dict[str, evaluate.Test] = {} if test else {"live-room": evaluate.held_out(shipped("models") / "corpus")}
    for path in test:
        if not path.exists():
            raise InputFileError(str(path), 0, "does not exist")
        tests[path.stem] = evaluate.line_files(path, 300) if path.is_dir() else evaluate.tuple_file(path) if is_tuple_file(path) else evaluate.memory_file(path)
    begun = monotonic()

    def report(line: finetune.Progress) -> None:
        left = (line.steps - line.step) * (monotonic() - begun) / max(1, line.step)
        losses = f"loss {line.train_loss:.3f}  held out {line.held_out_loss:.3f} (best {line.best:.3f})"
        typer.echo(f"step {line.step}/{line.steps}  {losses}  at most {left / 60:.0f} min left")

    outcome = finetune.finetune(folder, read, tests, checkpoints, data / "models" / name, progress=report)
    if outcome is None:
        typer.echo("stopped; the same command goes on")
        return
    for what, (before, after) in {**outcome.own, **outcome.general}.items():
        typer.echo(f"{what}\tchrF {before:.1f} -> {after:.1f}")
    typer.echo(f"{name} installed in {outcome.folder.path}, with {outcome.part:.0%} of what was learnt")


def installed(name: str, data: Path) -> ModelFolder:
    """The installed model of a name; raises `ModelError`."""
    folders, broken = scan(layers(data, "models"))
    folder = next((each for each in folders if each.name == name), None)
    if folder is None:
        raise ModelError(broken.get(name) or f"no model {name} is installed; `liveroom models list` shows what is")
    return folder
