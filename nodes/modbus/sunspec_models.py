"""The SunSpec models that are served, as tables: points in order with type and scale factor.

From the SunSpec information models (models 1, 701, 713, 802, 803). A point is written
`name:type`, with `/factor` where its value is scaled by 10 to the power of that point, and `!`
where clients may write it. Every model begins with its id and its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT_SCALES", "MODELS", "Model", "Point"]

_WORDS: Final = {
    "u16": 1,
    "s16": 1,
    "u32": 2,
    "u64": 4,
    "enum": 1,
    "bits": 2,
    "sf": 1,
    "pad": 1,
    "text8": 8,
    "text16": 16,
    "text32": 32,
}


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a model; `offset` counts from the model's id."""

    name: str
    type: str
    offset: int
    factor: str = ""
    writable: bool = False

    @property
    def words(self) -> int:
        """How many registers it takes."""
        return _WORDS[self.type]


class Model:
    """A model: fixed points, then perhaps a group that repeats for each string of the bank."""

    def __init__(self, id: int, name: str, points: str, group: str = "") -> None:
        self.id = id
        self.name = name
        self.points = {point.name: point for point in _points(points, 2)}
        self.fixed = _end(self.points) or 2
        self.group = {point.name: point for point in _points(group, 0)}
        self.group_words = _end(self.group)

    def words(self, strings: int) -> int:
        """How many registers it takes, id and length among them."""
        return self.fixed + strings * self.group_words

    def find(self, name: str) -> Point | None:
        """A point by its name."""
        return self.points.get(name) or self.group.get(name)

    def place(self, point: Point, string: int) -> int:
        """Where a point begins, counted from the model's id; strings count from 1."""
        if point.name in self.points:
            return point.offset
        return self.fixed + (string - 1) * self.group_words + point.offset


def _points(table: str, offset: int) -> Iterator[Point]:
    for word in table.split():
        name, _, rest = word.partition(":")
        type, _, factor = rest.removesuffix("!").partition("/")
        yield Point(name, type, offset, factor, word.endswith("!"))
        offset += _WORDS[type]


def _end(points: dict[str, Point]) -> int:
    return max((point.offset + point.words for point in points.values()), default=0)


_COMMON = Model(1, "common", "Mn:text16 Md:text16 Opt:text8 Vr:text8 SN:text16 DA:u16! Pad:pad")
_AC = Model(
    701,
    "AC measurement",
    "ACType:enum St:enum InvSt:enum ConnSt:enum Alrm:bits DERMode:bits "
    "W:s16/W_SF VA:s16/VA_SF Var:s16/Var_SF PF:s16/PF_SF A:s16/A_SF LLV:u16/V_SF LNV:u16/V_SF "
    "Hz:u32/Hz_SF TotWhInj:u64/TotWh_SF TotWhAbs:u64/TotWh_SF "
    "TotVarhInj:u64/TotVarh_SF TotVarhAbs:u64/TotVarh_SF "
    "TmpAmb:s16/Tmp_SF TmpCab:s16/Tmp_SF TmpSnk:s16/Tmp_SF TmpTrns:s16/Tmp_SF TmpSw:s16/Tmp_SF "
    "TmpOt:s16/Tmp_SF "
    "WL1:s16/W_SF VAL1:s16/VA_SF VarL1:s16/Var_SF PFL1:s16/PF_SF AL1:s16/A_SF VL1L2:u16/V_SF "
    "VL1:u16/V_SF TotWhInjL1:u64/TotWh_SF TotWhAbsL1:u64/TotWh_SF "
    "TotVarhInjL1:u64/TotVarh_SF TotVarhAbsL1:u64/TotVarh_SF "
    "WL2:s16/W_SF VAL2:s16/VA_SF VarL2:s16/Var_SF PFL2:s16/PF_SF AL2:s16/A_SF VL2L3:u16/V_SF "
    "VL2:u16/V_SF TotWhInjL2:u64/TotWh_SF TotWhAbsL2:u64/TotWh_SF "
    "TotVarhInjL2:u64/TotVarh_SF TotVarhAbsL2:u64/TotVarh_SF "
    "WL3:s16/W_SF VAL3:s16/VA_SF VarL3:s16/Var_SF PFL3:s16/PF_SF AL3:s16/A_SF VL3L1:u16/V_SF "
    "VL3:u16/V_SF TotWhInjL3:u64/TotWh_SF TotWhAbsL3:u64/TotWh_SF "
    "TotVarhInjL3:u64/TotVarh_SF TotVarhAbsL3:u64/TotVarh_SF "
    "ThrotPct:u16 ThrotSrc:bits A_SF:sf V_SF:sf Hz_SF:sf W_SF:sf PF_SF:sf VA_SF:sf Var_SF:sf "
    "TotWh_SF:sf TotVarh_SF:sf Tmp_SF:sf MnAlrmInfo:text32",
)
_STORAGE = Model(
    713,
    "storage capacity",
    "WHRtg:u16/WH_SF WHAvail:u16/WH_SF SoC:u16/Pct_SF SoH:u16/Pct_SF Sta:enum WH_SF:sf Pct_SF:sf",
)
_BATTERY = Model(
    802,
    "battery",
    "AHRtg:u16/AHRtg_SF WHRtg:u16/WHRtg_SF WChaRteMax:u16/WChaDisChaMax_SF "
    "WDisChaRteMax:u16/WChaDisChaMax_SF DisChaRte:u16/DisChaRte_SF SoCMax:u16/SoC_SF "
    "SoCMin:u16/SoC_SF SocRsvMax:u16/SoC_SF! SoCRsvMin:u16/SoC_SF! SoC:u16/SoC_SF DoD:u16/DoD_SF "
    "SoH:u16/SoH_SF NCyc:u32 ChaSt:enum LocRemCtl:enum Hb:u16 CtrlHb:u16! AlmRst:u16! Typ:enum "
    "State:enum StateVnd:enum WarrDt:u32 Evt1:bits Evt2:bits EvtVnd1:bits EvtVnd2:bits "
    "V:u16/V_SF VMax:u16/V_SF VMin:u16/V_SF CellVMax:u16/CellV_SF CellVMaxStr:u16 "
    "CellVMaxMod:u16 CellVMin:u16/CellV_SF CellVMinStr:u16 CellVMinMod:u16 CellVAvg:u16/CellV_SF "
    "A:s16/A_SF AChaMax:u16/AMax_SF ADisChaMax:u16/AMax_SF W:s16/W_SF ReqInvState:enum "
    "ReqW:s16/W_SF SetOp:enum! SetInvState:enum! AHRtg_SF:sf WHRtg_SF:sf WChaDisChaMax_SF:sf "
    "DisChaRte_SF:sf SoC_SF:sf DoD_SF:sf SoH_SF:sf V_SF:sf CellV_SF:sf A_SF:sf AMax_SF:sf W_SF:sf",
)
_BANK = Model(
    803,
    "lithium-ion bank",
    "NStr:u16 NStrCon:u16 ModTmpMax:s16/ModTmp_SF ModTmpMaxStr:u16 ModTmpMaxMod:u16 "
    "ModTmpMin:s16/ModTmp_SF ModTmpMinStr:u16 ModTmpMinMod:u16 ModTmpAvg:s16/ModTmp_SF "
    "StrVMax:u16/V_SF StrVMaxStr:u16 StrVMin:u16/V_SF StrVMinStr:u16 StrVAvg:u16/V_SF "
    "StrAMax:s16/A_SF StrAMaxStr:u16 StrAMin:s16/A_SF StrAMinStr:u16 StrAAvg:s16/A_SF "
    "NCellBal:u16 CellV_SF:sf ModTmp_SF:sf A_SF:sf SoH_SF:sf SoC_SF:sf V_SF:sf",
    "StrNMod:u16 StrSt:bits StrConFail:enum StrSoC:u16/SoC_SF StrSoH:u16/SoH_SF StrA:s16/A_SF "
    "StrCellVMax:u16/CellV_SF StrCellVMaxMod:u16 StrCellVMin:u16/CellV_SF StrCellVMinMod:u16 "
    "StrCellVAvg:u16/CellV_SF StrModTmpMax:s16/ModTmp_SF StrModTmpMaxMod:u16 "
    "StrModTmpMin:s16/ModTmp_SF StrModTmpMinMod:u16 StrModTmpAvg:s16/ModTmp_SF StrDisRsn:enum "
    "StrConSt:bits StrEvt1:bits StrEvt2:bits StrEvtVnd1:bits StrEvtVnd2:bits StrSetEna:enum! "
    "StrSetCon:enum! Pad1:pad Pad2:pad",
)
MODELS: Final = {model.id: model for model in (_COMMON, _AC, _STORAGE, _BATTERY, _BANK)}

DEFAULT_SCALES: Final = {
    "SoC_SF": -1,
    "SoH_SF": -1,
    "DoD_SF": -1,
    "Pct_SF": -1,
    "DisChaRte_SF": -1,
    "PF_SF": -3,
    "V_SF": -1,
    "CellV_SF": -3,
    "A_SF": -1,
    "AMax_SF": -1,
    "AHRtg_SF": 0,
    "Hz_SF": -3,
    "W_SF": 1,
    "VA_SF": 1,
    "Var_SF": 1,
    "WChaDisChaMax_SF": 1,
    "WHRtg_SF": 2,
    "WH_SF": 2,
    "TotWh_SF": 0,
    "TotVarh_SF": 0,
    "ModTmp_SF": -1,
    "Tmp_SF": -1,
}
"""Powers of ten that suit a rack of some 100 kW: 0.1 %, 1 mV a cell, 10 W, 100 Wh, 0.1 K."""
