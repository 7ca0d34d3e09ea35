"""What each route of the API takes and gives, by method and path; a new route adds its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowrt.accounts.role import Role
from flowrt.web.schemas import (
    ANY,
    NUMBER,
    OBJECT,
    SHELVING,
    STRING,
    TRUTH,
    WHOLE,
    Schema,
    items,
    or_null,
    ref,
    some,
    table,
)

__all__ = ["OPERATIONS", "Operation"]

_JSON: Final = "application/json"
_BINARY: Final = "application/octet-stream"
_OK: Final[Mapping[int, str]] = {200: "Done."}


class Operation(NamedTuple):
    """What a route takes and gives; `body` and `answer` map a media type to a schema.

    `statuses` are successes by number, each with its words; all of them carry the answer.
    `summary` is needed only where the handler's docstring does not give one.
    """

    answer: dict[str, Schema] | None = None
    body: dict[str, Schema] | None = None
    statuses: Mapping[int, str] = _OK
    parameters: tuple[Schema, ...] = ()
    body_required: bool = False
    summary: str = ""


def query(name: str, schema: Schema, description: str) -> Schema:
    """A parameter after the question mark; never required."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


def header(name: str, description: str) -> Schema:
    """A header that a request may have."""
    return {"name": name, "in": "header", "schema": STRING, "description": description}


def json(schema: Schema) -> dict[str, Schema]:
    """A body or an answer in JSON."""
    return {_JSON: schema}


_DEPLOYED: Final = some({"state": STRING, "revision": or_null(STRING)})
_REVISION: Final = some(
    {
        **dict.fromkeys(("id", "author", "note"), STRING),
        "time": NUMBER,
        "running": TRUTH,
        "changes": {**STRING, "description": "What differs from what ran before."},
        "failed": {**STRING, "description": "Why it was rolled back; empty for one that was kept."},
    }
)
_DONE: Final = {204: "Done; the answer is empty."}
_STORED: Final = {200: "Stored in place of the one that was there.", 201: "Stored."}
_IF_MATCH: Final = header("If-Match", "The ETag that was read, or *.")
_NAMED: Final = json(some({"name": STRING}))
_NOW: Final = json(some({"state": STRING}))
_TESTS_OR_NONE: Final = {"anyOf": [ref("Tests"), {"type": "object", "maxProperties": 0}]}
_TEXTS: Final = {"author": STRING, "note": STRING}
_WISHES: Final = {
    "health_seconds": {
        **NUMBER,
        "minimum": 0,
        "description": "How long the new version is looked at before it is kept; 0 keeps it.",
    },
    "skip_tests": {**TRUTH, "description": "Deploy also where the flow's tests fail."},
}
_SERIES: Final = some({"start": NUMBER, "step": NUMBER, "values": items(or_null(NUMBER))})
_SERIES_LIST: Final = some(
    {
        "series": items(some({"node": STRING, "port": STRING, "signal": STRING})),
        "refused": WHOLE,
    }
)
ROLE: Final[Schema] = {"enum": [str(role) for role in Role]}
_ENTERED: Final = json(some({"user": STRING, "role": ROLE}))
_FLOW: Final = "/api/flows/{name}"
OPERATIONS: Final[dict[str, Operation]] = {
    "GET /healthz": Operation(
        json(some({"status": STRING, "stuck": table(STRING)}, "stuck")),
        statuses={200: "It answers, and goes on.", 503: "A flow is stuck."},
    ),
    "GET /readyz": Operation(
        json(some({"status": STRING, "failed": items(STRING), "reason": STRING})),
        statuses={200: "Every flow runs.", 503: "A flow failed, or it is in safe mode."},
    ),
    "GET /metrics": Operation({"text/plain": STRING}),
    "GET /api/openapi.json": Operation(json(OBJECT)),
    "POST /api/login": Operation(
        _ENTERED, json(some(dict.fromkeys(("user", "password"), STRING))), body_required=True
    ),
    "POST /api/logout": Operation(statuses=_DONE),
    "POST /api/invite": Operation(
        _ENTERED, json(some(dict.fromkeys(("invite", "password"), STRING))), body_required=True
    ),
    "GET /api/session": Operation(
        json(
            some(
                {
                    "user": STRING,
                    "role": ROLE,
                    "by": {"enum": ["session", "token", "open"]},
                    "flows": or_null(items(STRING)),
                }
            )
        )
    ),
    "PUT /api/session/password": Operation(
        _ENTERED, json(some(dict.fromkeys(("old", "new"), STRING))), body_required=True
    ),
    "GET /api/audit": Operation(
        json(
            items(
                some(
                    {
                        "number": WHOLE,
                        "time": NUMBER,
                        **dict.fromkeys(("who", "what", "prev", "hash"), STRING),
                        "details": OBJECT,
                    }
                )
            )
        ),
        parameters=(query("limit", {**WHOLE, "minimum": 1}, "How many at most."),),
        summary="The newest records of the audit log, newest first.",
    ),
    "GET /api/users": Operation(
        json(
            some(
                {
                    "users": items(some({"name": STRING, "role": ROLE, "has_password": TRUTH})),
                    "tokens": items(
                        some(
                            {
                                "name": STRING,
                                "role": ROLE,
                                "ends": or_null(NUMBER),
                                "flows": or_null(items(STRING)),
                            }
                        )
                    ),
                }
            )
        )
    ),
    "GET /api/health": Operation(json(ref("Health")), summary="How the gateway itself is."),
    "GET /api/nodes": Operation(json(items(ref("NodeType")))),
    "GET /api/state": Operation(json(ref("State"))),
    "GET /api/live": Operation(
        statuses={101: "A websocket, see docs/api.md."},
        summary="State, news, alarms and watched values as they come.",
    ),
    "GET /api/alarms": Operation(
        json(items(ref("Alarm"))), summary="The alarms that are raised now."
    ),
    "GET /api/alarms/history": Operation(
        json(items(ref("Alarm"))),
        parameters=(
            query("limit", {**WHOLE, "minimum": 1}, "How many at most."),
            query("before", {**WHOLE, "minimum": 1}, "Only those before this number: a page."),
            query("flow", STRING, "Only those of this flow."),
        ),
        summary="What was raised, acknowledged and cleared, newest first.",
    ),
    "POST /api/alarms/acknowledge": Operation(
        body=json(some(dict.fromkeys(("flow", "source", "name", "by"), STRING), "by")),
        body_required=True,
        statuses=_DONE,
        summary="Mark a standing alarm as seen.",
    ),
    "GET /api/alarms/shelved": Operation(
        json(items(some(dict.fromkeys(("flow", "source", "name"), STRING) | SHELVING))),
        summary="The alarms that are shelved now, whether they stand or not.",
    ),
    "POST /api/alarms/shelve": Operation(
        body=json(
            some(
                {
                    **dict.fromkeys(("flow", "source", "name", "reason", "by"), STRING),
                    "duration": {"type": ["string", "number"], "description": "30 min, or seconds"},
                },
                "by",
            )
        ),
        body_required=True,
        statuses=_DONE,
        summary="Put an alarm aside for a while, with a reason; it comes back by itself.",
    ),
    "POST /api/alarms/unshelve": Operation(
        body=json(some(dict.fromkeys(("flow", "source", "name", "by"), STRING), "by")),
        body_required=True,
        statuses=_DONE,
        summary="Take an alarm back from the shelf.",
    ),
    "GET /api/logs": Operation(
        json(ref("LogLines")),
        parameters=(
            query("level", {"enum": ["debug", "info", "warning", "error"]}, "The least level."),
            query("flow", STRING, "Only lines about this flow."),
            query("node", STRING, "Only lines about this node."),
            query("after", {**WHOLE, "minimum": 0}, "Only lines with a greater number."),
            query("limit", {**WHOLE, "minimum": 1}, "How many at most: the newest."),
        ),
        summary="The last log lines, oldest first.",
    ),
    "GET /api/examples": Operation(json(items(some({"name": STRING, "description": STRING})))),
    "GET /api/examples/{name}": Operation(json(ref("Flow"))),
    "GET /api/examples/{name}/layout": Operation(json(OBJECT)),
    "GET /api/flows": Operation(json(items(ref("FlowRow")))),
    f"GET {_FLOW}": Operation(json(ref("Flow"))),
    f"PUT {_FLOW}": Operation(
        _NAMED,
        json(ref("Flow")),
        statuses=_STORED,
        parameters=(_IF_MATCH, header("If-None-Match", "* for a flow that must be new.")),
        body_required=True,
    ),
    f"DELETE {_FLOW}": Operation(statuses=_DONE),
    f"GET {_FLOW}/check": Operation(json(ref("Check"))),
    f"POST {_FLOW}/check": Operation(json(ref("Check")), json(ref("Flow"))),
    f"GET {_FLOW}/layout": Operation(json(OBJECT)),
    f"PUT {_FLOW}/layout": Operation(body=json(OBJECT), statuses=_DONE, body_required=True),
    f"POST {_FLOW}/deploy": Operation(
        json(_DEPLOYED), json(some(_TEXTS | _WISHES, *_TEXTS, *_WISHES))
    ),
    f"POST {_FLOW}/rollback": Operation(
        json(_DEPLOYED),
        json(
            some({"author": STRING, "revision": STRING} | _WISHES, "author", "revision", *_WISHES)
        ),
    ),
    f"GET {_FLOW}/shadow": Operation(json(ref("Shadow"))),
    f"POST {_FLOW}/shadow": Operation(
        json(ref("Shadow")),
        json(
            some(
                {
                    "seconds": {**NUMBER, "minimum": 0.1, "maximum": 600},
                    "document": ref("Flow"),
                },
                *("seconds", "document"),
            )
        ),
        statuses={202: "It runs; ask for its result later."},
    ),
    f"GET {_FLOW}/revisions": Operation(json(some({"revisions": items(_REVISION)}))),
    f"GET {_FLOW}/revisions/{{id}}": Operation(json(ref("Flow"))),
    f"POST {_FLOW}/start": Operation(_NOW),
    f"POST {_FLOW}/stop": Operation(_NOW),
    f"POST {_FLOW}/nodes/{{id}}/inject": Operation(statuses=_DONE),
    f"GET {_FLOW}/nodes/{{id}}/state": Operation(json(some({"state": OBJECT}))),
    f"GET {_FLOW}/history": Operation(
        json({"anyOf": [_SERIES, _SERIES_LIST]}),
        parameters=(
            query("node", STRING, "With port and signal: one series. Without: the list of them."),
            query("port", STRING, "An output of the node."),
            query("signal", STRING, "State.SOC, or SOC where one source alone has it."),
            query("seconds", {**WHOLE, "minimum": 1}, "How far back."),
        ),
        summary="The last hour of a flow's numeric signals, one value a second.",
    ),
    f"GET {_FLOW}/files": Operation(json(ref("DataFiles"))),
    f"GET {_FLOW}/files/{{path}}": Operation({_BINARY: ANY}),
    f"PUT {_FLOW}/files/{{path}}": Operation(
        json(some({"path": STRING, "bytes": WHOLE})),
        {_BINARY: ANY},
        statuses=_STORED,
        body_required=True,
    ),
    f"DELETE {_FLOW}/files/{{path}}": Operation(statuses=_DONE),
    f"GET {_FLOW}/databases/{{path}}": Operation(json(ref("Database"))),
    f"GET {_FLOW}/tests": Operation(json(_TESTS_OR_NONE)),
    f"PUT {_FLOW}/tests": Operation(
        json(OBJECT),
        json(_TESTS_OR_NONE),
        statuses=_STORED,
        parameters=(_IF_MATCH,),
        body_required=True,
    ),
    f"POST {_FLOW}/tests": Operation(
        json(ref("TestRun")),
        json(
            some(
                {
                    "document": ref("Flow"),
                    "tests": {"anyOf": [ref("Tests"), items(OBJECT)]},
                },
                "document",
                "tests",
            )
        ),
    ),
    f"POST {_FLOW}/replay": Operation(
        json(ref("Replay")),
        {
            "multipart/form-data": some(
                {
                    "log": {"type": "string", "contentMediaType": _BINARY},
                    "document": ref("Flow"),
                },
                "document",
            )
        },
        body_required=True,
    ),
}
