"""IOS XR: which nodes run, and what is installed on them.

`show platform`, `admin show platform` and `show sdr detail` name every node without its serial. They prove an
inventory: a node that runs and has no row there was left out. `show install active` names the release.
"""

from __future__ import annotations

import re
from typing import Final

from collectors.cli.found import Found, doubt, unknown
from collectors.model import Software

_NODE: Final = re.compile(r"\s*(?P<node>\d+/[A-Z]*\d+(?:/[A-Z]*\d+)*(?:/\*)?(?:/(?:CPU\d|SP))?)\s+(?P<rest>\S.*)")
_RUNS: Final = re.compile(r"\b(?:IOS XR RUN|XR RUN|OPERATIONAL|OK)\b")
_HEAD: Final = re.compile(
    r"(?:Node|Location|Type)\s+(?:Type|Card Type|NodeName)\b.*|SDR (?:Information:|Inventory)"
    r"|(?:SDR_id|SDR_name|dSDRsc (?:partner )?node|primary node\d|mac addr)\s*:.*|[_=-]{3,}",
)
_LABEL: Final = re.compile(r"^\s*Label\s*:\s*(?P<release>[^\s_-]+)", re.M)
_BOOT_IMAGE: Final = re.compile(r"\bversion=(?P<release>\S+)\s+\[Boot image\]")
_MINI: Final = re.compile(r"\b\w+-(?:mini|os-mbi|fullk9|full)(?:-[a-z]\w*)*-(?P<release>\d+\.\d+\.\d+(?:\.\w+)?)\b")
_TOP: Final = re.compile(r"^\s*(?:Active Packages|Default Profile)\b", re.M)


def nodes(text: str) -> Found:
    """Every node that runs, as what the inventory must hold."""
    wanted: dict[str, str] = {}
    rest = []
    seen = False
    for line in text.splitlines():
        row = _NODE.fullmatch(line.rstrip())
        if row is None:
            sdr = re.match(r"\s*(?:RP|LC|DRP|FC|SC)\s+(\d+/\S+\s+\S.*)", line)
            row = _NODE.fullmatch(sdr[1].rstrip()) if sdr else None
        if row is None:
            rest.append(line)
            continue
        seen = True
        if _RUNS.search(row["rest"]):
            node = re.sub(r"/(?:\*/)?(?:CPU\d|SP)$", "", row["node"])
            wanted[node] = rf"(?:^|\s){re.escape(node)}(?=$|[\s-]|/(?:CPU|SP|M)\d*(?:$|[\s/-]))"
    bad = unknown(rest, _HEAD)
    why = doubt(bad) or ("" if seen else "no node in the answer")
    return Found(doubt=why, wanted=tuple((f"node {node} runs", pattern) for node, pattern in wanted.items()))


def packages(text: str) -> Found:
    """The active release: the label, else the boot image's version, else that of the packages the router boots from."""
    found = next((match for p in (_LABEL, _BOOT_IMAGE, _MINI) if (match := p.search(text))), None)
    if found:
        return Found(software=(Software(found["release"]),))
    return Found(doubt="" if _TOP.search(text) else "no active package in the answer")
