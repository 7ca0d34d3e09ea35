"""Puts the unit and what belongs to it into place, here or in the image of another machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowrt.errors import FlowrtError
from flowrt.service.unit import Plan, sysctl_text, unit_text, user_text

__all__ = ["Installation"]


@dataclass(frozen=True)
class Installation:
    """A plan for a machine whose files are under `root`."""

    plan: Plan
    root: Path = Path("/")

    def files(self) -> dict[Path, str]:
        """What is written where."""
        etc = self.root / "etc"
        return {
            etc / "systemd" / "system" / "flowrt.service": unit_text(self.plan),
            etc / "sysusers.d" / "flowrt.conf": user_text(self.plan),
            etc / "sysctl.d" / "60-flowrt.conf": sysctl_text(),
        }

    def write(self) -> Iterator[Path]:
        """Write every file; raises FlowrtError where that may not be."""
        for file, text in self.files().items():
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            except OSError as error:
                raise FlowrtError(
                    f"{file} cannot be written: {error.strerror}. Run it by sudo."
                ) from error
            yield file
        secrets = self.root / self.plan.secrets_folder.relative_to("/")
        secrets.mkdir(mode=0o700, parents=True, exist_ok=True)

    def take_up(self) -> Iterator[str]:
        """Let systemd know, where it runs this machine; gives each command that was run."""
        if self.root != Path("/") or not Path("/run/systemd/system").is_dir():
            return
        for command in (
            ["systemd-sysusers"],
            ["sysctl", "--quiet", "--load", "/etc/sysctl.d/60-flowrt.conf"],
            ["systemctl", "daemon-reload"],
        ):
            _run(command)
            yield " ".join(command)


def _run(command: list[str]) -> None:
    program = shutil.which(command[0], path="/usr/bin:/bin:/usr/sbin:/sbin")
    if program is None:
        raise FlowrtError(f"{command[0]} is not here. Is this a machine with systemd?")
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise FlowrtError(f"{' '.join(command)} failed: {done.stderr.strip()}")
