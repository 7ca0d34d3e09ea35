"""The systemd unit of a gateway: what it may do is what it needs, and no more.

Neither the network nor the time is waited for: flows start, and what is missing is tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Plan", "sysctl_text", "unit_text", "user_text"]

_BUFFER: Final = 8 * 1024 * 1024
_SERIAL: Final = ("ttyS", "ttyUSB", "ttyACM", "ttyAMA", "ttymxc")
_SANDBOX: Final = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateMounts=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_CAN AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
KeyringMode=private
UMask=0027"""


@dataclass(frozen=True)
class Plan:
    """What a service is to be; `flows` None stands for a folder of its own, in the state folder.

    `bitrates` are CAN interfaces that are set up at each start, in bit/s.
    """

    program: Path
    flows: tuple[Path, ...] | None = None
    user: str = "flowrt"
    bind: str = "127.0.0.1:8420"
    bitrates: tuple[tuple[str, int], ...] = ()
    secrets: tuple[str, ...] = ()
    secrets_folder: Path = Path("/etc/flowrt/secrets")
    serial: bool = False
    memory: str = "512M"
    cpu: str = "150%"
    watchdog: int = 30


def unit_text(plan: Plan) -> str:
    """The file flowrt.service."""
    sections = {"Unit": _unit(), "Service": _service(plan), "Install": _install()}
    return "\n".join(f"[{name}]\n" + "\n".join(lines) + "\n" for name, lines in sections.items())


def _unit() -> Iterator[str]:
    yield "Description=flowrt, a dataflow runtime for CAN gateways"
    yield "# Starts that crash lead to safe mode, so systemd need not give up soon."
    yield "StartLimitIntervalSec=10min"
    yield "StartLimitBurst=20"


def _service(plan: Plan) -> Iterator[str]:
    yield "Type=notify"
    yield "NotifyAccess=main"
    yield from _bitrates(plan)
    yield f"ExecStart={_command(plan)}"
    yield "# Fed by the engine's heartbeat; else systemd ends it by SIGABRT, which leaves a trace."
    yield f"WatchdogSec={plan.watchdog}s"
    yield "Restart=always"
    yield "RestartSec=2s"
    yield "TimeoutStartSec=60s"
    yield "TimeoutStopSec=20s"
    yield ""
    yield f"User={plan.user}"
    yield "# STATE_DIRECTORY begins with the data folder."
    yield "StateDirectory=flowrt/data flowrt/flows"
    yield "StateDirectoryMode=0750"
    yield from (f"ReadWritePaths={_quoted(str(path))}" for path in plan.flows or ())
    yield from _credentials(plan)
    yield ""
    yield f"MemoryMax={plan.memory}"
    yield f"CPUQuota={plan.cpu}"
    yield "TasksMax=256"
    yield "LimitNOFILE=4096"
    yield ""
    yield "AmbientCapabilities=CAP_NET_RAW"
    yield "CapabilityBoundingSet=CAP_NET_RAW"
    yield from _devices(plan)
    yield _SANDBOX


def _install() -> Iterator[str]:
    yield "WantedBy=multi-user.target"


def _command(plan: Plan) -> str:
    named = [_quoted(str(path)) for path in plan.flows or ()]
    flows = named or ["%S/flowrt/flows"]
    return " ".join([_quoted(str(plan.program)), "run", *flows, "--bind", plan.bind])


def _quoted(text: str) -> str:
    """A path as units write it: % begins a specifier there."""
    text = text.replace("%", "%%")
    return f'"{text}"' if " " in text else text


def _bitrates(plan: Plan) -> Iterator[str]:
    """Set up by systemd before the start, so that the service itself may not change interfaces.

    `+` runs it with the rights of root, `-` goes on where the interface is missing or up already.
    """
    for interface, rate in plan.bitrates:
        settings = f"up type can bitrate {rate} restart-ms 100"
        yield f"ExecStartPre=+-/sbin/ip link set {interface} {settings}"


def _credentials(plan: Plan) -> Iterator[str]:
    """A secret without a file is empty, which counts as missing: only its own flow cannot run."""
    for name in plan.secrets:
        yield f"LoadCredential={name}:{plan.secrets_folder / name}"
        yield f"SetCredential={name}:\\n"


def _devices(plan: Plan) -> Iterator[str]:
    if not plan.serial:
        yield "PrivateDevices=yes"
        return
    yield "SupplementaryGroups=dialout"
    yield "DevicePolicy=closed"
    yield from (f"DeviceAllow=char-{kind} rw" for kind in _SERIAL)


def user_text(plan: Plan) -> str:
    """The file of systemd-sysusers(8) that makes the user."""
    return f'u {plan.user} - "flowrt gateway" - -\n'


def sysctl_text() -> str:
    """The file of sysctl.d(5) that lets a bus have a large buffer without more rights."""
    return f"net.core.rmem_max={_BUFFER}\n"
