"""The built editor as a browser gets it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from flowrt.running.engine import Engine
from tests.support.gateway import problem_of, serve

SCRIPT = "console.log('flowrt');\n" * 200
INDEX = '<!doctype html><script type="module" src="/assets/index-Ab12.js"></script>' + " " * 400


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """An editor as its build leaves it, with a secret in the folder above."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "index-Ab12.js").write_text(SCRIPT)
    (tmp_path / "secret.js").write_text("secret")
    (folder / "assets" / "link.js").symlink_to(tmp_path / "secret.js")
    return folder


def test_the_page_is_asked_for_each_time_and_sent_once(tmp_path: Path, pages: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/") as response:
            assert (response.status, await response.text()) == (200, INDEX)
            assert response.headers["Cache-Control"] == "no-cache"
            tag = response.headers["ETag"]
        async with http.get("/", headers={"If-None-Match": tag}) as response:
            assert (response.status, await response.read()) == (304, b"")
            assert "Content-Security-Policy" in response.headers

    serve(tmp_path, scenario, pages=pages)


def test_a_page_that_was_built_anew_is_sent(tmp_path: Path, pages: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/") as response:
            tag = response.headers["ETag"]
        (pages / "index.html").write_text("<!doctype html>new")
        os.utime(pages / "index.html", ns=(1, 1))
        async with http.get("/", headers={"If-None-Match": tag}) as response:
            assert (response.status, await response.text()) == (200, "<!doctype html>new")

    serve(tmp_path, scenario, pages=pages)


def test_assets_are_kept_for_good_and_come_compressed(tmp_path: Path, pages: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/assets/index-Ab12.js") as response:
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
            assert await response.text() == SCRIPT
        zipped = {"Accept-Encoding": "gzip, deflate, br"}
        async with http.get("/assets/index-Ab12.js", headers=zipped) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(await response.read()).decode() == SCRIPT
        async with http.get("/icon.svg") as response:
            assert response.content_type == "image/svg+xml"

    serve(tmp_path, scenario, pages=pages)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%2f..%2fsecret.js",
        "/assets/../../secret.js",
        "/..%2fsecret.js",
        "/assets/%2e%2e/%2e%2e/secret.js",
        "/assets/link.js",
        "/assets/none.js",
        "/assets/",
    ],
)
def test_nothing_outside_is_served(tmp_path: Path, pages: Path, path: str) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        url = str(http._base_url).rstrip("/") + path
        async with http.get(URL(url, encoded=True)) as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario, pages=pages)


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/") as response:
            assert "npm run build" in await response.text()
        async with http.get("/assets/index-Ab12.js") as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario)


def test_the_page_may_load_nothing_foreign(tmp_path: Path, pages: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/") as response:
            rules = dict(
                rule.strip().split(" ", 1)
                for rule in response.headers["Content-Security-Policy"].split(";")
            )
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"
        assert rules == {
            "default-src": "'self'",
            "script-src": "'self'",
            "style-src": "'self' 'unsafe-inline'",
            "img-src": "'self' data:",
            "connect-src": "'self'",
            "object-src": "'none'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
            "form-action": "'self'",
        }

    serve(tmp_path, scenario, pages=pages)
