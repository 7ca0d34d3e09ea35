"""`make pictures`: opens every flow that ships in the real editor, and keeps a picture of each.

python -m tests.pictures [--all] [FLOW...]
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from flowrt.flow.file import flow_files
from tests.pictures.stamp import fingerprint, picture_of, stamp, stamped
from tests.support.chromium import launch
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway

_ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("flows", "examples")
_PLAIN: Final = """
    .react-flow__minimap, .react-flow__controls, .react-flow__background { display: none; }
    * { animation: none !important; transition: none !important; }
"""
"""What a picture is better without."""
_WHOLE: Final = """() => {
    const drawn = ".react-flow__node, .press, .react-flow__edge path.wire";
    const boxes = [...document.querySelectorAll(drawn)].map(e => e.getBoundingClientRect());
    return [Math.min(...boxes.map(b => b.left)), Math.min(...boxes.map(b => b.top)),
            Math.max(...boxes.map(b => b.right)), Math.max(...boxes.map(b => b.bottom))];
}"""
_AROUND: Final = 16


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw those that have changed, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="also those that have not changed")
    parser.add_argument("flows", nargs="*", help="names of flows")
    chosen = parser.parse_args(arguments)
    wanted = [file for file in _shipped() if not chosen.flows or file.stem in chosen.flows]
    if not chosen.all:
        wanted = [file for file in wanted if stamped(picture_of(file)) != fingerprint(file)]
    if wanted:
        with _gateway() as gateway, sync_playwright() as playwright:
            _draw(launch(playwright), gateway, wanted)
    print(f"{len(wanted)} drawn")


def _shipped() -> list[Path]:
    return [file for folder in FOLDERS for file in flow_files(_ROOT / folder)]


@contextmanager
def _gateway() -> Iterator[RunningGateway]:
    """A gateway that has all the flows, and runs none."""
    with tempfile.TemporaryDirectory() as folder:
        gateway = RunningGateway(Path(folder), options=("--safe-mode",))
        for name in FOLDERS:
            shutil.copytree(_ROOT / name, gateway.flows, dirs_exist_ok=True)
        gateway.start()
        try:
            yield gateway
        finally:
            gateway.kill()


def _draw(browser: Browser, gateway: RunningGateway, files: Sequence[Path]) -> None:
    page = browser.new_page(viewport={"width": 2600, "height": 1600}, color_scheme="light")
    for file in files:
        _show(page, gateway.url, file.stem)
        left, top, right, bottom = page.evaluate(_WHOLE)
        clip = {
            "x": left - _AROUND,
            "y": top - _AROUND,
            "width": right - left + 2 * _AROUND,
            "height": bottom - top + 2 * _AROUND,
        }
        picture = picture_of(file)
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(stamp(page.screenshot(clip=clip), fingerprint(file)))  # type: ignore[arg-type]
        print(f"{picture.relative_to(_ROOT)}: {picture.stat().st_size / 1000:.0f} kB")


def _show(page: Page, url: str, name: str) -> None:
    page.goto("about:blank")  # so that nothing of the flow before is taken for this one
    with page.expect_response(lambda answer: answer.url.endswith(f"/{name}/check")):
        EditorPage(page, url).open(name)
    page.add_style_tag(content=_PLAIN)
    page.locator(".react-flow__node").first.wait_for()
    page.wait_for_timeout(200)  # what the check said is drawn


if __name__ == "__main__":
    main()
