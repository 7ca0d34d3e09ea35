"""A file of sites: read, and every problem of it and of the flows it names, at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flowrt.errors import CheckFailed, FlowFileError, Problem, SecretMissing
from flowrt.flow.check import Prepared, prepare, rehearsable
from flowrt.flow.convert import Converter, Unset, expand
from flowrt.flow.file import load_json, read_flow
from flowrt.flow.mark import Mark
from flowrt.node import Resource
from flowrt.schema import Finding, findings, quote, settings_schema
from flowrt.sites.connecting import delivery, unconnectable
from flowrt.sites.post import Post
from flowrt.sites.settings import Inputs, Site, Sites
from flowrt.sites.split import unsplittable

__all__ = ["SitesFile", "is_sites_file", "of_flow", "read_sites", "sites_schema"]

_MARK: Final = "flowrt_sites"
_NOT_IN_A_TOPIC: Final = "/+#"
"""What a level of an MQTT topic cannot hold."""
_NOT_IN_A_SUBJECT: Final = ".*> "
"""What a token of a NATS subject cannot hold."""
_ANY_TWO: Final = ("a", "b")
"""Sites to try where none is listed."""


def sites_schema() -> dict[str, Any]:
    """The JSON Schema of a file of sites."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "flowrt sites",
        **settings_schema(Sites),
    }


def is_sites_file(file: Path) -> bool:
    """Whether it is a file of sites, and no flow; raises FlowFileError where it is no JSON."""
    document = _document(file)[0]
    return isinstance(document, dict) and _MARK in document


@dataclass(frozen=True)
class SitesFile:
    """A sound file of sites."""

    file: Path
    settings: Sites

    def site(self, name: str) -> Site:
        """What is particular to a site; nothing where it is not listed."""
        return self.settings.sites.get(name) or Site()

    def posts(self, name: str) -> list[Post]:
        """What each shard of a site is to do."""
        settings, site = self.settings, self.site(name)
        count = site.shards or settings.shards
        environment = {**settings.environment, **site.environment, "SITE": name}
        flow = (site.flow or settings.flow).resolve()
        folder = settings.data.resolve()
        connect = tuple(settings.connect if site.connect is None else site.connect)
        return [
            Post(flow, name, folder, index, count, environment, connect) for index in range(count)
        ]

    def delivery(self) -> Iterator[tuple[str, str]]:
        """What is promised of each connected sink, said once for a flow."""
        told: set[tuple[Path, str]] = set()
        for name in self.settings.sites or _ANY_TWO:
            post = self.posts(name)[0]
            prepared = _prepared(post)
            for id in post.connect:
                if isinstance(prepared, Prepared) and (post.flow, id) not in told:
                    told.add((post.flow, id))
                    yield f"{post.flow.name} → {id}", delivery(prepared, id)


def read_sites(file: Path) -> SitesFile:
    """A file of sites; raises CheckFailed with every problem, FlowFileError where it is no JSON."""
    document, problems = _document(file)
    try:
        document = _filled(document)
    except Unset as error:
        problems.append(Problem(str(file), "input", f"{error}."))
    problems += (Problem(str(file), one.place, one.sentence) for one in _structure(document))
    if problems:
        raise CheckFailed(problems)
    made = SitesFile(file, _converted(file, document, needs_secrets=False))
    further = [*_of_inputs(made), *dict.fromkeys(_of_sites(made))]
    try:
        made = SitesFile(file, _converted(file, document, needs_secrets=True))
    except SecretMissing as error:
        further.append(Problem(str(file), "input", f"{error}."))
    if further:
        raise CheckFailed(further)
    return made


def of_flow(flow: Path) -> SitesFile:
    """Whichever sites send lines run this flow; raises CheckFailed with every problem of it."""
    rehearsable(read_flow(flow))
    return SitesFile(flow, Sites(flowrt_sites=1, flow=flow, input=Inputs(lines=True)))


def _document(file: Path) -> tuple[Any, list[Problem]]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise FlowFileError(f"{file}: cannot be read: {error.strerror}.") from error
    return load_json(data, file)


def _structure(document: Any) -> list[Finding]:
    return findings(sites_schema(), document, "a file of sites")


def _filled(document: Any) -> Any:
    """The document with ${NAME} filled in where its input is described; raises Unset."""
    if not isinstance(document, dict) or "input" not in document:
        return document
    schema = sites_schema()["properties"]["input"]
    return {**document, "input": expand(document["input"], schema, os.environ)}


def _converted(file: Path, document: Mapping[str, Any], *, needs_secrets: bool) -> Sites:
    converter = Converter(file.parent, _no_resource, needs_secrets=needs_secrets)
    return converter.table(Sites, {"data": "sites", **document})


def _no_resource(name: str) -> Resource:
    raise LookupError(name)


# --- what the schema cannot say


def _of_inputs(made: SitesFile) -> Iterator[Problem]:
    given = made.settings.input
    named = [name for name in ("mqtt", "nats", "lines") if getattr(given, name)]
    if len(named) != 1:
        sentence = f"needs one of mqtt, nats and lines, not {quote(named) if named else 'none'}."
        yield Problem(str(made.file), "input", sentence)
    if given.mqtt:
        for sentence in _topic_problems(given.mqtt.topic, "/", "{site}", ("+", "#", "$share")):
            yield Problem(str(made.file), "input.mqtt.topic", sentence)
    if given.nats:
        for sentence in _topic_problems(given.nats.subject, ".", "{site}", ("*", ">")):
            yield Problem(str(made.file), "input.nats.subject", sentence)


def _topic_problems(text: str, separator: str, field: str, wrong: tuple[str, ...]) -> Iterator[str]:
    levels = text.split(separator)
    if levels.count(field) != 1:
        yield f"must have {field} once, as a level by itself, not {quote(text)}."
    if levels[0] == "$share":
        yield (
            "a shared subscription deals a site's frames out among its members, so that none has "
            "the site's state. Give each centre a file that lists its own sites."
        )
    elif found := [level for level in levels if level in wrong]:
        yield f"cannot hold {quote(found[0])}: only the site differs."


def _of_sites(made: SitesFile) -> Iterator[Problem]:
    """What is wrong with each site, and with sites beside one another."""
    sound: list[tuple[Post, Prepared]] = []
    for name in made.settings.sites or _ANY_TWO:
        unfit = _NOT_IN_A_SUBJECT if made.settings.input.nats else _NOT_IN_A_TOPIC
        if wrong := sorted(set(unfit) & set(name)):
            sentence = f"a site's name cannot hold {quote(wrong[0])}: topics give it a meaning."
            yield Problem(str(made.file), f"sites.{name}", sentence)
        post = made.posts(name)[0]
        prepared = _prepared(post)
        if isinstance(prepared, Problem):
            yield prepared
        elif prepared.problems:
            yield from prepared.problems
        else:
            sound.append((post, prepared))
            own = "" if made.site(name).connect is None else f"sites.{name}."
            for place, sentence in _of_site(post, prepared, own):
                yield Problem(str(made.file), place, sentence)
    yield from _twins(sound)


def _twins(sites: Iterable[tuple[Post, Prepared]]) -> Iterator[Problem]:
    """Connected sinks that two sites have with the same settings."""
    first: dict[tuple[str, Mark], str] = {}
    for post, prepared in sites:
        for sink in post.connect:
            if unconnectable(prepared, sink):
                continue
            other = first.setdefault((sink, prepared.marks[f"nodes.{sink}"]), post.site)
            if other != post.site:
                sentence = (
                    "is connected, and writes to the same place for every site. "
                    "Put ${SITE} into its settings."
                )
                yield Problem(str(post.flow), f"nodes.{sink}", sentence)


def _of_site(post: Post, prepared: Prepared, place: str) -> Iterator[tuple[str, str]]:
    for index, id in enumerate(post.connect):
        if sentence := unconnectable(prepared, id):
            yield f"{place}connect[{index}]", sentence
    if sentence := unsplittable(prepared, post.count, post.connect):
        yield f"{place}shards", sentence


def _prepared(post: Post) -> Prepared | Problem:
    try:
        flow = read_flow(post.flow)
    except FlowFileError as error:
        return Problem(str(post.flow), "", str(error).removeprefix(f"{post.flow}: "))
    return prepare(flow, {**os.environ, **post.environment}, needs_secrets=False)
