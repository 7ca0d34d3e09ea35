"""A CAN database as an ARXML file (AUTOSAR 4.2), as far as a battery's frames need it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from cantools.database.can import Database, Message, Signal

__all__ = ["write_arxml"]

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<AUTOSAR xmlns="http://autosar.org/schema/r4.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://autosar.org/schema/r4.0 AUTOSAR_4-2-1.xsd">'
)


def write_arxml(database: Database, file: Path) -> None:
    """Write its messages with scales and units; no two signals may have one name."""
    packages = {
        "Clusters": [_cluster(database.messages)],
        "Frames": [_frame(message) for message in database.messages],
        "Pdus": [_pdu(message) for message in database.messages],
        "Signals": list(_each(database, _signal)),
        "SystemSignals": list(_each(database, _system_signal)),
        "Methods": list(_each(database, _method)),
        "Units": [_unit(unit) for unit in sorted({s.unit for _, s in _all(database) if s.unit})],
        "Types": [_base_type("unsigned", "NONE"), _base_type("signed", "2C")],
    }
    body = "".join(
        f"<AR-PACKAGE><SHORT-NAME>{name}</SHORT-NAME><ELEMENTS>{''.join(parts)}</ELEMENTS>"
        "</AR-PACKAGE>"
        for name, parts in packages.items()
    )
    file.write_text(f"{_HEAD}<AR-PACKAGES>{body}</AR-PACKAGES></AUTOSAR>", encoding="utf-8")


def _all(database: Database) -> Iterator[tuple[Message, Signal]]:
    return ((message, signal) for message in database.messages for signal in message.signals)


def _each(database: Database, write: object) -> Iterator[str]:
    assert callable(write)
    return (write(signal.name, signal) for _, signal in _all(database))


def _named(tag: str, name: str, inside: str) -> str:
    return f"<{tag}><SHORT-NAME>{name}</SHORT-NAME>{inside}</{tag}>"


def _cluster(messages: list[Message]) -> str:
    triggers = "".join(
        _named(
            "CAN-FRAME-TRIGGERING",
            f"{message.name}Triggering",
            f'<FRAME-REF DEST="CAN-FRAME">/Frames/{message.name}</FRAME-REF>'
            "<CAN-ADDRESSING-MODE>"
            f"{'EXTENDED' if message.is_extended_frame else 'STANDARD'}</CAN-ADDRESSING-MODE>"
            f"<IDENTIFIER>{message.frame_id}</IDENTIFIER>",
        )
        for message in messages
    )
    channel = _named(
        "CAN-PHYSICAL-CHANNEL", "Channel", f"<FRAME-TRIGGERINGS>{triggers}</FRAME-TRIGGERINGS>"
    )
    return _named(
        "CAN-CLUSTER",
        "Rack",
        "<CAN-CLUSTER-VARIANTS><CAN-CLUSTER-CONDITIONAL><PHYSICAL-CHANNELS>"
        f"{channel}</PHYSICAL-CHANNELS></CAN-CLUSTER-CONDITIONAL></CAN-CLUSTER-VARIANTS>",
    )


def _frame(message: Message) -> str:
    mapping = _named(
        "PDU-TO-FRAME-MAPPING",
        f"{message.name}Mapping",
        f'<PDU-REF DEST="I-SIGNAL-I-PDU">/Pdus/{message.name}Pdu</PDU-REF>'
        "<START-POSITION>0</START-POSITION>",
    )
    return _named(
        "CAN-FRAME",
        message.name,
        f"<FRAME-LENGTH>{message.length}</FRAME-LENGTH>"
        f"<PDU-TO-FRAME-MAPPINGS>{mapping}</PDU-TO-FRAME-MAPPINGS>",
    )


def _pdu(message: Message) -> str:
    mappings = "".join(
        _named(
            "I-SIGNAL-TO-I-PDU-MAPPING",
            f"{signal.name}Mapping",
            f'<I-SIGNAL-REF DEST="I-SIGNAL">/Signals/{signal.name}</I-SIGNAL-REF>'
            "<PACKING-BYTE-ORDER>"
            f"{_order(signal)}</PACKING-BYTE-ORDER>"
            f"<START-POSITION>{signal.start}</START-POSITION>",
        )
        for signal in message.signals
    )
    return _named(
        "I-SIGNAL-I-PDU",
        f"{message.name}Pdu",
        f"<LENGTH>{message.length}</LENGTH>"
        f"<I-SIGNAL-TO-PDU-MAPPINGS>{mappings}</I-SIGNAL-TO-PDU-MAPPINGS>",
    )


def _order(signal: Signal) -> str:
    big = signal.byte_order == "big_endian"
    return "MOST-SIGNIFICANT-BYTE-FIRST" if big else "MOST-SIGNIFICANT-BYTE-LAST"


def _properties(inside: str) -> str:
    return (
        "<SW-DATA-DEF-PROPS-VARIANTS><SW-DATA-DEF-PROPS-CONDITIONAL>"
        f"{inside}</SW-DATA-DEF-PROPS-CONDITIONAL></SW-DATA-DEF-PROPS-VARIANTS>"
    )


def _signal(name: str, signal: Signal) -> str:
    kind = "signed" if signal.is_signed else "unsigned"
    properties = _properties(f'<BASE-TYPE-REF DEST="SW-BASE-TYPE">/Types/{kind}</BASE-TYPE-REF>')
    return _named(
        "I-SIGNAL",
        name,
        f"<LENGTH>{signal.length}</LENGTH><NETWORK-REPRESENTATION-PROPS>{properties}"
        "</NETWORK-REPRESENTATION-PROPS>"
        f'<SYSTEM-SIGNAL-REF DEST="SYSTEM-SIGNAL">/SystemSignals/{name}</SYSTEM-SIGNAL-REF>',
    )


def _system_signal(name: str, signal: Signal) -> str:
    unit = (
        f'<UNIT-REF DEST="UNIT">/Units/{_unit_name(signal.unit)}</UNIT-REF>' if signal.unit else ""
    )
    method = f'<COMPU-METHOD-REF DEST="COMPU-METHOD">/Methods/{name}</COMPU-METHOD-REF>'
    properties = f"<PHYSICAL-PROPS>{_properties(method + unit)}</PHYSICAL-PROPS>"
    return _named("SYSTEM-SIGNAL", name, properties)


def _method(name: str, signal: Signal) -> str:
    return _named(
        "COMPU-METHOD",
        name,
        "<CATEGORY>LINEAR</CATEGORY><COMPU-INTERNAL-TO-PHYS><COMPU-SCALES><COMPU-SCALE>"
        f"<COMPU-RATIONAL-COEFFS><COMPU-NUMERATOR><V>{signal.offset}</V><V>{signal.scale}</V>"
        "</COMPU-NUMERATOR><COMPU-DENOMINATOR><V>1</V></COMPU-DENOMINATOR>"
        "</COMPU-RATIONAL-COEFFS></COMPU-SCALE></COMPU-SCALES></COMPU-INTERNAL-TO-PHYS>",
    )


def _unit(unit: str) -> str:
    return _named("UNIT", _unit_name(unit), f"<DISPLAY-NAME>{escape(unit)}</DISPLAY-NAME>")


def _unit_name(unit: str) -> str:
    return "percent" if unit == "%" else unit


def _base_type(name: str, encoding: str) -> str:
    return _named("SW-BASE-TYPE", name, f"<BASE-TYPE-ENCODING>{encoding}</BASE-TYPE-ENCODING>")
