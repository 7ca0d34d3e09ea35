"""ASC and TRC logs that nobody writes on purpose are read as python-can reads them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import can
import pytest

from flowrt.node import NodeFault
from nodes.can.frames import frame_of, message_of
from nodes.can.logs import read
from nodes.can.readers.odd import HEAD
from tests.nodes.can.readers.test_readers import by_rows, frames, told_and_read

ASC = """\
date Tue Nov 14 22:13:20.0 2023
base hex  timestamps absolute
internal events logged
Begin Triggerblock Tue Nov 14 22:13:20.0 2023
 0.000000 Start of measurement
"""
ASC_LINES = """\
 0.015991 1  6F9             Rx   d 8 05 0C 00 00 00 00 00 00  Length = 240000 BitCount = 124
 0.015991 1  6F9             rx   d 8 05 0C 00 00 00 00 00 00
 0.015991 1  6F9             Rx   D 8 05 0C 00 00 00 00 00 00
   12.5 2  18EBFF00x       Tx   d 3 a0 0f A6
   12.5 2  18EBFF00x       Tx   d 3 a0 0f
   12.5 2  18EBFF00x       Tx   d 3 a0 0f   A6
   12.500000000000001 12  7FF       Tx   d 0
   12.500001 12  7FFx       Tx   r
   12.500001 12  7FFx       Tx   r 8
   12.500002 1  123       Rx   d 9 01 02 03 04 05 06 07 08 09
   12.500003 1  123       Rx   d f 01 02 03 04 05 06 07 08 09
   12.500003 0  1         Rx   d 1 7F
   12.500003 1  ErrorFrame
   12.500003 1  FFFFFFFFx         Rx   d 1 7F
// 13.500003 1  1         Rx   d 1 7F
\t 13.500003 1 1 Rx d 1 7F
 13.600003 1 \x011 Rx d 1 7F
 14.000000 CANFD   1 Rx        1A0   1 0 9 12 00 01 02 03 04 05 06 07 08 09 0A 0B   0 0
 14.000000 CANFD   1 Rx        1A0x  0 1 9 12 00 01 02 03 04 05 06 07 08 09 0A 0B   0 0
 14.000000 CANFD   2 Tx        1A0  Engine_1  1 0 8  8 00 01 02 03 04 05 06 07   0 0
 14.000000 CANFD   1 Rx        1A0                                   0 0 0  0   0 0
 14.000000 CANFD   1 Rx ErrorFrame Not Acknowledge error, dominant error flag
 14.000000 CANFD   1 Rx        1A0   5 0 8  8 00 01 02 03 04 05 06 07   0 0
 14.000000 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%
 14.000000 SV: 1 0 1 ::System::Value = 3
End TriggerBlock
"""

TRC_HEADS = {
    "1.1": ";$FILEVERSION=1.1\n;$STARTTIME=43474.9\n;\n",
    "1.3": ";$FILEVERSION=1.3\n;$STARTTIME=43474.9\n;\n",
    "2.0": ";$FILEVERSION=2.0\n;$STARTTIME=43474.9\n;$COLUMNS=N,O,T,I,d,l,D\n;\n",
    "2.1": ";$FILEVERSION=2.1\n;$STARTTIME=43474.9\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n;\n",
    "none": ";$STARTTIME=43474.9\n;\n",
}
TRC_LINES = {
    "1.1": """\
{n})      1059.9  Rx         0300  7  00 00 00 00 04 00 0a
{n})      1059.9  Tx         0300  0
{n})      1059.9  Rx     18FF0300  2  00 01 02
{n})      1059.9  Rx          300  2  RTR
{n})      1059.9  Warng  FFFFFFFF  4  00 00 00 08  BUSHEAVY
;{n})     1059.9  Rx          300  2  00 01
{n})      1059.   Rx          300  2  00 01
""",
    "1.3": """\
{n})      1059.9  1 Rx         0300 -  7    00 00 00 00 04 00 0a
{n})      1059.9  0 Tx         0300 -  0
{n})      1059.9 12 Rx     18FF0300 -  2    00 01
""",
    "2.0": """\
{n}      1059.900 DT     0300 Rx  7    00 00 00 00 04 00 0A
{n}      1059.900 FD     0300 Rx 12    00 01 02 03 04 05 06 07 08 09 0A 0B
{n}      1059.900 FB     0300 Rx  8    00 01 02 03 04 05 06 07
{n}      1059.900 RR 00000300 Rx  8
{n}      1059.900 EV  User event
""",
    "2.1": """\
{n}      1059.900 DT  1     0300 Rx -  7    00 00 00 00 04 00 0A
{n}      1059.900 FD  2     0300 Rx -  9    00 01 02 03 04 05 06 07 08 09 0A 0B
{n}      1059.900 FE  2 00000300 Rx -  8    0001020304050607
{n}      1059.900 BI  0 00000300 Rx -  8    00 01 02 03 04 05 06 07
{n}      1059.900 ST  1     0000 Rx -  4    00 00 00 08
{n}      1059.900 DT  1     0300 Rx -  0
""",
    "none": "{n})      1059.9  0300  7  00 00 00 00 04 00 0a\n",
}


def test_odd_lines_of_asc(tmp_path: Path) -> None:
    file = tmp_path / "x.asc"
    file.write_text(ASC + ASC_LINES * 20)
    assert (ASC_LINES * 20).count("\n") > 2 * HEAD
    assert told_and_read(file) == ([], by_rows(file))


def test_an_asc_in_decimal(tmp_path: Path) -> None:
    file = tmp_path / "x.asc"
    line = " 0.01 1  {}x             Rx   d 3  5 12 255\n"
    file.write_text(ASC.replace("hex", "dec") + "".join(map(line.format, range(2 * HEAD))))
    told, got = told_and_read(file)
    assert (told, got) == ([], by_rows(file))
    assert (len(got), got[-1].id, got[-1].data) == (2 * HEAD, 2 * HEAD - 1, b"\x05\x0c\xff")


@pytest.mark.parametrize("version", TRC_HEADS)
def test_versions_of_trc(version: str, tmp_path: Path) -> None:
    file = tmp_path / "x.trc"
    lines = [TRC_LINES[version].replace("{n}", f"{number:>7}") for number in range(2 * HEAD)]
    file.write_text(TRC_HEADS[version] + "".join(lines))
    told, got = told_and_read(file)
    assert (told, got) == ([], by_rows(file))
    assert len(got) >= 2 * HEAD


@pytest.mark.parametrize("suffix", [".asc", ".trc"])
def test_what_comes_before_a_line_that_cannot_be_read_is_given(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"x{suffix}"
    given = [frame for frame in frames(1, 900) if not (frame.fd or frame.error or frame.remote)]
    with can.Logger(file) as logger:
        for frame in given:
            message = message_of(frame)
            message.channel = int(frame.channel)
            logger.on_message_received(message)
    lines = file.read_text().splitlines(keepends=True)
    lines[-100] = lines[-100].replace("Rx   d", "Rx   d G").replace("Rx -", "Rx - G")
    file.write_text("".join(lines))
    tables = read.tables(file, print)
    before = list(next(tables).messages())
    with pytest.raises(NodeFault, match=f"after {len(before)} frames the log cannot be read on"):
        next(tables)
    with can.LogReader(file) as reader:
        messages = iter(reader)
        assert [frame_of(message) for message in islice(messages, len(before))] == before
        with pytest.raises(ValueError, match="invalid literal"):
            next(messages)
