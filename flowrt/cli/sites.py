"""`flowrt sites`: one flow live for many sites."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from flowrt.cli.progress import live_line

if TYPE_CHECKING:
    from flowrt.sites.file import SitesFile
    from flowrt.sites.inputs.piece import Input

__all__ = ["command"]


class _RunsByDefault(click.Group):
    """`flowrt sites FILE` is `flowrt sites run FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group("sites", cls=_RunsByDefault)
def command() -> None:
    """Run one flow live for many sites: `flowrt sites FILE` is `flowrt sites run FILE`."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def _check(files: tuple[Path, ...]) -> int:
    """List every problem of files of sites, and of the flows that they name."""
    from flowrt.errors import CheckFailed, FlowFileError
    from flowrt.sites.file import read_sites

    found: list[str] = []
    for file in files:
        try:
            for way, promise in read_sites(file).delivery():
                click.echo(f"delivery: {file}: {way}: {promise}", err=True)
        except CheckFailed as error:
            found += map(str, error.problems)
        except FlowFileError as error:
            found.append(str(error))
    for sentence in found:
        click.echo(sentence)
    counted = f"{len(found)} problem{'s' * (len(found) != 1)}" if found else "no problem"
    click.echo(counted, err=True)
    return 1 if found else 0


@command.command("schema")
def _schema() -> None:
    """Print the JSON Schema of a file of sites."""
    from flowrt.sites.file import sites_schema

    click.echo(orjson.dumps(sites_schema(), option=orjson.OPT_INDENT_2))


@command.command("run")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of each site's record and checkpoint; all workers must see it.  [default: sites]",
)
@click.option("--executor", type=click.Choice(("here", "ray")), help="Where the flows run.")
@click.option("--workers", type=click.IntRange(min=1), help="Cores of the cluster started here.")
@click.option("--cluster", metavar="ADDRESS", help="A running Ray cluster to work on.")
@click.option("--batch", type=click.IntRange(min=1), help="Most frames a batch.  [default: 500]")
def _run(file: Path, **options: Any) -> int:
    """Run FILE, which lists sites and their inputs, or is a flow; go on where it was left.

    A flow alone takes lines by standard input: a frame's record with its "site", or a topic and a
    record as mosquitto_sub -F '%t %p' prints them.
    """
    from flowrt.executor.actors import actors
    from flowrt.sites.centre import Centre
    from flowrt.sites.fleet import Fleet
    from flowrt.sites.settings import Workers

    sites = _read(file, options)
    settings = sites.settings
    workers = settings.workers or Workers()
    count = workers.count or os.cpu_count() or 1
    with actors(workers.executor, count, workers.cluster or None) as crew, live_line() as tell:
        over = _told_to_stop()  # only now: Ray sets handlers of its own, which end the process
        fleet = Fleet(crew, sites.posts)
        source = _input(sites)
        facts = Centre(source, fleet, settings.batch, lambda: bool(over), tell).run()
    click.echo(orjson.dumps(facts))
    return 0


def _read(file: Path, options: dict[str, Any]) -> SitesFile:
    """The file, with what the command line says otherwise."""
    from dataclasses import replace

    from flowrt.sites.file import SitesFile, is_sites_file, of_flow, read_sites
    from flowrt.sites.settings import Workers

    sites = read_sites(file) if is_sites_file(file) else of_flow(file)
    settings = sites.settings
    written = settings.workers or Workers()
    workers = replace(
        written,
        executor=options["executor"] or written.executor,
        count=options["workers"] or written.count,
        cluster=options["cluster"] or written.cluster,
    )
    data, batch = options["data"] or settings.data, options["batch"] or settings.batch
    return SitesFile(sites.file, replace(settings, workers=workers, data=data, batch=batch))


def _input(sites: SitesFile) -> Input:
    """Where the frames come from."""
    from flowrt.sites.inputs.chosen import opened

    def tell(sentence: str) -> None:
        click.echo(sentence, err=True)

    return opened(sites.settings, sys.stdin.fileno(), tell)


def _told_to_stop() -> list[int]:
    """A list that has something in it once the process was told to stop."""
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: told.append(number))
    return told
