"""`flowrt run`: run flows until told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from flowrt.cli.entrance import Entrance, entrance_options, way_in
from flowrt.errors import FlowrtError

if TYPE_CHECKING:
    from flowrt.audit import Audit
    from flowrt.running.engine import Engine
    from flowrt.service.boots import Boots

__all__ = ["command", "data_folder"]

_TURN: Final = 0.0005
"""Seconds that a thread may keep the loop waiting."""


@click.command("run")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--no-editor", is_flag=True, help="No web server: neither editor nor API.")
@entrance_options
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for what must outlive a restart.  [default: $STATE_DIRECTORY or "
    "~/.local/state/flowrt]",
)
@click.option(
    "--checkpoint-every",
    default="10 s",
    show_default=True,
    metavar="DURATION",
    help="How often the state of flows is saved, where it has changed; 0 for only when they stop.",
)
@click.option("--safe-mode", is_flag=True, help="Start no flow: the editor only, to mend them.")
def command(
    paths: tuple[Path, ...],
    no_editor: bool,
    data: Path | None,
    checkpoint_every: str,
    safe_mode: bool,
    **entered: Any,
) -> int:
    """Run flow files, or the flows of folders (default: flows); SIGTERM drains and ends."""
    entrance = None if no_editor else Entrance.of(**entered)
    paths = paths or (Path("flows"),)
    if not all(path.exists() for path in paths):
        raise click.UsageError("there is no folder flows here. Name the flows to run.")
    folder = data or data_folder()
    _quick_loop()
    every = _seconds(checkpoint_every)
    run = partial(_run, paths, entrance, save_every=every)
    return _counted(run, folder, safe_mode)


def _seconds(text: str) -> float:
    from flowrt.setting import parse_duration

    try:
        return float(text) if text.replace(".", "", 1).isdigit() else parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--checkpoint-every") from error


def data_folder() -> Path:
    """Where flows keep what must outlive a restart, unless --data says otherwise."""
    systemd = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(systemd) if systemd else Path(state) / "flowrt"


def _quick_loop() -> None:
    """Let frames wait for nothing: threads give way soon; uvloop, if there, wakes up twice as fast.

    By Python's own interval a deploy that is checked in a thread stops the loop 5 ms at a time.
    """
    sys.setswitchinterval(_TURN)
    try:
        import uvloop
    except ImportError:
        return
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def _counted(
    run: Callable[[Engine, Boots], Coroutine[Any, Any, int]], data: Path, safe_mode: bool
) -> int:
    """Run, and take note of how that ended; starts that crash again and again run no flow."""
    from flowrt.condition import Condition
    from flowrt.running.engine import Engine
    from flowrt.service.boots import Boots

    boots = Boots(data)
    reason = boots.begin()
    if safe_mode:
        reason = "asked for by --safe-mode"
    try:
        code = asyncio.run(run(Engine(data, condition=Condition(reason)), boots))
    except FlowrtError:  # told with its remedy, and no crash
        boots.end()
        raise
    boots.end()
    return code


async def _run(
    paths: tuple[Path, ...],
    entrance: Entrance | None,
    engine: Engine,
    boots: Boots,
    *,
    save_every: float,
) -> int:
    from flowrt.files.store import Store
    from flowrt.garbage import tame
    from flowrt.gateway import Gateway
    from flowrt.service.heartbeat import Heartbeat
    from flowrt.service.systemd import notify

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    store, recording = Store(paths), _record(engine)
    engine.save_every = save_every
    in_safe_mode = bool(engine.condition.safe_mode)
    engine.booting = not in_safe_mode
    server = await entrance.serve(engine, store) if entrance else None
    stopped = [] if in_safe_mode else await Gateway(engine, store).boot()
    engine.booting = False
    tame()
    _say_where_to_look(engine, stopped)
    if entrance is not None and server is not None:
        _say(f"editor     {server.url}/", *way_in(server, entrance))
    _say("stop with Ctrl-C\n")
    notify("READY=1")
    if not engine.flows and server is None and not in_safe_mode:
        raise FlowrtError(_nothing_runs(stopped))
    heartbeat = asyncio.create_task(Heartbeat(engine, boots).run(), name="heartbeat")
    auditing = _audit(engine) if server is None else None
    await stop.wait()
    notify("STOPPING=1")
    heartbeat.cancel()
    await engine.stop_all()
    recording.cancel()
    await asyncio.wait([recording])
    if server is not None:
        await server.stop()
    if auditing is not None:
        await _audited(engine, *auditing)
    return 0


def _record(engine: Engine) -> asyncio.Task[None]:
    """Keep alarms and events on disk from now on, until the task is cancelled."""
    from flowrt.events.log import EventLog

    engine.events = EventLog(engine.watch, engine.data)
    return asyncio.create_task(engine.events.run(), name="events")


def _audit(engine: Engine) -> tuple[asyncio.Task[None], Audit]:
    """Keep set-points in the audit log where no web server does."""
    from flowrt.audit import Audit
    from flowrt.observe.set_points import keep_set_points

    audit = Audit.of(engine.data)
    return asyncio.create_task(keep_set_points(engine.watch, audit), name="audit"), audit


async def _audited(engine: Engine, keeping: asyncio.Task[None], audit: Audit) -> None:
    """Write what was commanded and written last."""
    from flowrt.observe.set_points import note_set_points

    keeping.cancel()
    await asyncio.wait([keeping])
    note_set_points(engine.watch, audit, all=True)
    await audit.flush()


def _nothing_runs(stopped: list[str]) -> str:
    if stopped:
        return f"no flow runs: {', '.join(stopped)} stopped by hand. Start them in the editor."
    return "no flow could be started, and there is no editor to mend one."


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(f"  {line}")


def _say_where_to_look(engine: Engine, stopped: list[str]) -> None:
    click.echo("")
    if engine.condition.safe_mode:
        click.echo(f"  {click.style('safe mode', fg='red')}  {engine.condition.safe_mode}")
        click.echo("             no flow was started: start them in the editor, or forget what")
        click.echo("             crashed by flowrt doctor --clear-safe-mode")
    for name, flow in engine.flows.items():
        click.echo(f"  {click.style('running', fg='green')}  {name}")
        for line in _doors(flow):
            click.echo(f"             {line}")
    for name in stopped:
        click.echo(f"  stopped  {name}: start it in the editor")
    for name, problems in engine.failed.items():
        click.echo(f"  {click.style('failed ', fg='red')}  {name}: {len(problems)} problems, above")


def _doors(flow: object) -> list[str]:
    """Where a running flow can be looked at from outside, as its nodes say."""
    from flowrt.running.live import RunningFlow

    assert isinstance(flow, RunningFlow)
    steps = (*flow.circuit.resources.values(), *flow.circuit.steps.values())
    return [f"{step.node.id}: {step.node.address}" for step in steps if step.node.address]
