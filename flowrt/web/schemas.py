"""What the API gives and takes, as JSON Schema 2020-12: the dialect of OpenAPI 3.1.

Node types describe settings of their own, so what depends on them is any object here; `flowrt
schema` has it whole.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from flowrt.flow.schema import FLOW_SCHEMA
from flowrt.testing.cases import TEST_SCHEMA

__all__ = [
    "ANY",
    "NUMBER",
    "OBJECT",
    "SCHEMAS",
    "SHELVING",
    "STRING",
    "TRUTH",
    "WHOLE",
    "Schema",
    "items",
    "or_null",
    "ref",
    "some",
    "table",
]

Schema: TypeAlias = dict[str, Any]
ANY: Final[Schema] = {}
STRING: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "number"}
WHOLE: Final[Schema] = {"type": "integer"}
TRUTH: Final[Schema] = {"type": "boolean"}
OBJECT: Final[Schema] = {"type": "object"}


def ref(name: str) -> Schema:
    """A schema of SCHEMAS by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def some(fields: dict[str, Schema], *optional: str) -> Schema:
    """An object with these fields, all of them there but the optional ones."""
    return {
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if name not in optional],
    }


def items(schema: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": schema}


def table(schema: Schema) -> Schema:
    """An object whose keys are names."""
    return {"type": "object", "additionalProperties": schema}


def or_null(schema: Schema) -> Schema:
    """A value, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


_LOG_LINE: Final = some(
    {
        "number": WHOLE,
        "time": NUMBER,
        **dict.fromkeys(("level", "logger", "message"), STRING),
        **dict.fromkeys(("flow", "node", "step", "traceback"), STRING),
        "count": WHOLE,
    },
    *("flow", "node", "step", "traceback", "count"),
)
_PROBLEM_ROW: Final = some({"place": STRING, "sentence": STRING, "file": STRING})
_SIGNAL: Final = some(
    {
        **dict.fromkeys(("name", "source", "unit", "type", "comment"), STRING),
        **{name: or_null(NUMBER) for name in ("minimum", "maximum", "cycle")},
        "choices": table(STRING),
    }
)
_DATABASE_SIGNAL: Final = some(
    {
        "name": STRING,
        "start": WHOLE,
        "length": WHOLE,
        "byte_order": {"enum": ["big", "little"]},
        "signed": TRUTH,
        "float": TRUTH,
        "scale": NUMBER,
        "offset": NUMBER,
        "minimum": or_null(NUMBER),
        "maximum": or_null(NUMBER),
        "unit": STRING,
        "choices": table(STRING),
        "comment": STRING,
        "multiplexer": or_null(some({"signal": STRING, "values": items(WHOLE)})),
        "bits": {
            **items(WHOLE),
            "description": "byte * 8 + bit, bit 0 the least of its byte; least significant first.",
        },
    }
)
_DATABASE_MESSAGE: Final = some(
    {
        "name": STRING,
        "id": WHOLE,
        "extended": TRUTH,
        "length": {**WHOLE, "description": "Bytes."},
        "cycle": {**or_null(NUMBER), "description": "Seconds."},
        "comment": STRING,
        "senders": items(STRING),
        "signals": items(_DATABASE_SIGNAL),
    }
)
_FAILURE: Final = some(
    dict.fromkeys(("sentence", "node", "port", "wanted", "got"), STRING),
)
_OUTCOME: Final = some(
    {
        "name": STRING,
        "passed": TRUTH,
        "seconds": NUMBER,
        "given": {**WHOLE, "description": "How many messages the test gives."},
        "error": or_null(STRING),
        "failures": items(_FAILURE),
    }
)
_SUMMARY: Final = some(
    {
        **dict.fromkeys(("frames", "frames_fed", "frames_unclaimed"), WHOLE),
        "seconds": NUMBER,
        "frames_per_second": NUMBER,
        "log_seconds": NUMBER,
        "recorded": table(WHOLE),
        "errors": table(WHOLE),
        "drops": table(table(WHOLE)),
        "silent_sources": items(STRING),
    }
)
_FLOW_ROW: Final = some(
    {
        "name": STRING,
        "file": STRING,
        "state": {"enum": ["running", "stopped", "failed"]},
        "description": STRING,
        "subflow": TRUTH,
        "etag": STRING,
        "problems": items(_PROBLEM_ROW),
    }
)
_NODE_TYPE: Final = some(
    {
        **dict.fromkeys(("type", "pack", "kind", "help", "icon"), STRING),
        "available": TRUTH,
        "install": or_null(STRING),
        "inputs": items(OBJECT),
        "outputs": items(OBJECT),
        "settings": OBJECT,
        "examples": items(OBJECT),
        **dict.fromkeys(("control", "external", "delays", "button"), TRUTH),
    },
    *("kind", "help", "icon", "inputs", "outputs", "settings", "examples"),
    *("control", "external", "delays", "button"),
)
_RESOURCE: Final = some(
    {
        **dict.fromkeys(("flow", "resource", "type", "status"), STRING),
        "ok": TRUTH,
        "figures": table(NUMBER),
    }
)
_COMPARED: Final = some(
    {
        **dict.fromkeys(("running", "shadow", "same", "compared", "differ"), WHOLE),
        "differences": items(
            some({"running": or_null(ref("Record")), "shadow": or_null(ref("Record"))})
        ),
    }
)
SHELVING: Final = {"by": STRING, "time": NUMBER, "until": NUMBER, "reason": STRING}
SCHEMAS: Final[dict[str, Schema]] = {
    "Alarm": {
        "allOf": [ref("Record")],
        **some(
            {
                "flow": STRING,
                "node": STRING,
                "acknowledged": or_null(some({"by": STRING, "time": NUMBER})),
                "shelved": or_null(some(SHELVING)),
                "number": {**WHOLE, "description": "In the history, once it is on disk."},
            },
            "number",
        ),
    },
    "Check": some(
        {
            "problems": items(_PROBLEM_ROW),
            "signals": table(items(_SIGNAL)),
            "summaries": table(STRING),
            "hints": items(STRING),
            "delivery": table(STRING),
        }
    ),
    "Database": some({"messages": items(_DATABASE_MESSAGE)}),
    "DataFiles": some(
        {"files": items(some({"path": STRING, "bytes": WHOLE, "pack": TRUTH})), "cut": TRUTH}
    ),
    "Flow": FLOW_SCHEMA,
    "FlowRow": _FLOW_ROW,
    "Health": some(
        {
            "host": STRING,
            "version": STRING,
            "uptime_seconds": NUMBER,
            "cpu_percent": {**NUMBER, "description": "Of one core, since the last request."},
            "memory_bytes": WHOLE,
            "system_memory_percent": NUMBER,
            "load": items(NUMBER),
            "disk_free_bytes": WHOLE,
            "buses": items(_RESOURCE),
            **dict.fromkeys(("journal_bytes", "dropped", "running", "failed"), WHOLE),
            "safe_mode": or_null({**STRING, "description": "Why no flow was started."}),
            "loop_lag_seconds": NUMBER,
        }
    ),
    "NodeType": _NODE_TYPE,
    "LogLines": some({"boot": STRING, "lines": items(_LOG_LINE), "next": WHOLE, "missed": WHOLE}),
    "Problem": some(
        {
            "type": STRING,
            "title": STRING,
            "status": WHOLE,
            "detail": {**STRING, "description": "What is wrong, where, and what would help."},
            "problems": items(_PROBLEM_ROW),
        },
        "problems",
    ),
    "Record": some(
        {"kind": {"enum": ["frame", "signals", "event"]}, "time": NUMBER, "source": STRING},
        "source",
    ),
    "Replay": some(
        {
            "summary": _SUMMARY,
            "records": items(
                {"allOf": [ref("Record")], **some({"node": STRING, "port": STRING})},
            ),
            "recorded": WHOLE,
            "cut": TRUTH,
            "first": or_null(NUMBER),
            "last": or_null(NUMBER),
        }
    ),
    "Shadow": some(
        {
            "state": {"enum": ["running", "done", "failed"]},
            "seconds": NUMBER,
            "started": NUMBER,
            "why": STRING,
            "sinks": table(_COMPARED),
            **dict.fromkeys(("only_running", "only_shadow"), table(WHOLE)),
            "errors": table(some({"count": WHOLE, "last": STRING})),
            "silent_sources": items(STRING),
        },
        *("why", "sinks", "only_running", "only_shadow", "errors", "silent_sources"),
    ),
    "State": some({"flows": table(OBJECT), "safe_mode": or_null(STRING)}),
    "TestRun": some({"passed": TRUTH, "tests": items(_OUTCOME)}),
    "Tests": TEST_SCHEMA,
}
