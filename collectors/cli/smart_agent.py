"""Answers of the smart licensing agent: `show license all`, `summary`, `usage`, `status`, `udi`, `authorization`.

One grammar for all of them, on IOS, IOS-XE, NX-OS 10, IOS XR, ASA and Firepower: headings, ``label: value`` lines, a
block for each licence (``feature (entitlement):``) or one table line. Headings that say nothing of licences are
passed over with all below them; elsewhere a line that is not understood is named. Sources: recordings of IOS-XE 16 and
17 and of ASA; what IOS XR and Firepower print is taken from the vendor's command references.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from collectors.licence_words import NONE, day_in, days_in, smart_state
from collectors.model import LicenceState
from collectors.serials import canonical


@dataclass(slots=True)
class Block:
    """One licence as the agent tells it."""

    feature: str
    entitlement: str = ""
    quantity: str = ""
    words: str = ""
    kind: str = ""
    enforcement: str = ""
    ends: str = ""


@dataclass(slots=True)
class Known:
    """One serial that the agent names."""

    role: str = ""
    product_id: str = ""
    trust: str = ""
    trust_ends: str = ""
    authorization: str = ""


@dataclass(slots=True)
class Told:
    """What one answer, or all answers of one device, tell."""

    blocks: list[Block] = field(default_factory=list)
    authorized: dict[str, str] = field(default_factory=dict)
    """By feature, what its authorisation code says."""
    facts: dict[str, str] = field(default_factory=dict)
    """Keys of a device's row (README, "Licences"), and `ends`."""
    serials: dict[str, Known] = field(default_factory=dict)
    own: str = ""
    """The product instance's own serial: the first UDI."""
    doubts: list[str] = field(default_factory=list)


def read(text: str) -> Told:
    """What *text* tells. A licence without a status, and a line of no known form, are doubts."""
    scan = _Scan(Told())
    for line in text.replace("\t", " ").splitlines():
        scan.take(line.strip())
    scan.close()
    return scan.told


_FREE: Final = (
    "smart licensing status", "license conversion", "export authorization key", "utility", "account information",
    "data privacy", "transport", "miscellaneous", "usage report summary", "product analytics report summary",
    "device telemetry report summary", "device enforcement state", "agent version", "component versions",
    "call home", "derived licenses", "license reservation", "reservation info", "specified license reservation",
    "smart account information", "usage reports", "license reporting", "report summary", "trust establishment",
    "trust acknowledgement", "trust point", "trust sync", "trusted store interface", "local device",
    "communication level", "communication statistics", "export control key", "authorization renewal", "event log",
    "platform provided mapping table", "reporting interval", "handle", "cslu",
)  # fmt: skip
_POLICY: Final = "policy"
_REPORTING: Final = "usage reporting"
_BY_POLICY: Final = "smart licensing using policy"
_TRUST: Final = "trust code installed"
_REGISTRATION: Final = "registration"
_AUTHORIZATION: Final = "license authorization"
_EVALUATION: Final = "evaluation period"
_USAGE: Final = "license usage"
_UDIS: Final = ("product information", "ha udi list", "udi")
_CODES: Final = ("license authorizations", "overall status", "authorizations", "authorization status")
_PURCHASED: Final = "purchased licenses"
_HEADINGS: Final = frozenset(
    (*_FREE, _POLICY, _REPORTING, _BY_POLICY, _TRUST, _REGISTRATION, _AUTHORIZATION, _EVALUATION, _USAGE, *_UDIS,
     *_CODES, _PURCHASED)
)  # fmt: skip
_NOISE: Final = re.compile(
    r"[-=*\s]*|Load for five secs.*|Time source is.*|No time source.*|(?:\S+[#>])?\s*(?:show license .*)?"
    r"|License +Entitlement [Tt]ag +Count +Status|\(?no licenses? in use\)?\.?|No licenses? .*|No Purchase Inform.*"
    r"|Smart Licensing is .*|Not Applicable|NOT APPLICABLE|<none>|None|Serial Number:.*"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:.]+ \w+(?: \d{4})?",
    re.I,
)
_HEAD: Final = re.compile(r"(?P<feature>[^()]*?)\s*\((?P<entitlement>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*:")
_ROW: Final = re.compile(
    r"(?P<feature>\S.*?)?\s*\((?P<entitlement>[^()]*(?:\([^()]*\)[^()]*)*)\)\s+(?P<quantity>\d+)\s+(?P<words>\S.*)"
)
_UDI: Final = re.compile(
    r"(?:(?P<role>[A-Za-z][A-Za-z ]*?)\s*:\s*)?(?:UDI\s*:\s*)?PID:\s*(?P<pid>[^,\s]*)\s*,\s*SN:\s*(?P<serial>\S*)"
)
_LABEL: Final = re.compile(r"(?P<label>[A-Za-z][\w /().,'-]*?)\s*:\s*(?P<value>.*)")
_BLOCK_LABELS: Final = (
    "description", "version", "export status", "feature name", "feature description", "request time", "vendor string",
    "vendor", "subscription id", "start date", "hold count", "measurements", "entitlement", "interval", "current value",
    "count", "status", "enforcement type", "license type", "end date", "expiry date", "expires", "reservation",
    "reservation status", "soft enforced", "total available count", "term information", "term count",
    "authorization type", "confirmation code", "last confirmation code", "feature", "sw reservation", "reserved count",
    "type", "total reserved count", "export-controlled", "valid until", "term type", "custom id",
    "utility subscription id", "enforcement", "purchased count", "purchase status", "license", "start time", "end time",
)  # fmt: skip
_AGENT_LABELS: Final = re.compile(
    r"status|(?:smart|virtual) account|export-controlled functionality|(?:initial|last|next|first) .*|failure reason"
    r"|.*expires|.*deadline|.*expired on|evaluation .*|out of compliance .*|reason|retry.*|start of .*|registration.*"
    r"|communication .*|product instance name|id certificate.*|assigned .*|reservation.*|export.*|.*attempt.*",
)


@dataclass(slots=True)
class _Scan:
    """Where in an answer a line stands."""

    told: Told
    heading: str = ""
    block: Block | None = None
    code: str = ""
    """The feature whose authorisation code is being told."""
    serial: str = ""
    """The one last named under a heading about serials."""

    def take(self, line: str) -> None:
        if self._about_the_agent(line) or _NOISE.fullmatch(line):
            return
        if self._opens(line) or self._names_serial(line):
            return
        if match := _ROW.fullmatch(line):
            self._close_block()
            if smart_state(match["words"]) is LicenceState.UNKNOWN:
                self._doubt(line)
            feature = match["feature"] or match["entitlement"]
            self.told.blocks.append(Block(feature, match["entitlement"], match["quantity"], match["words"]))
            return
        if match := _HEAD.fullmatch(line):
            self._begin(match["feature"], match["entitlement"])
            return
        if self.heading == _TRUST:
            self._of_trust(line)
            return
        label = _LABEL.fullmatch(line)
        if not (label and self._says(label["label"].strip().lower(), label["value"])) and self.heading not in _FREE:
            self._doubt(line)

    def close(self) -> None:
        self._close_block()

    def _about_the_agent(self, line: str) -> bool:
        facts = self.told.facts
        if match := re.fullmatch(r"Smart Licensing is (?P<state>.+)", line, re.I):
            facts.setdefault("enabled", "no" if re.match(r"not|disabled", match["state"], re.I) else "yes")
            return True
        return False

    def _opens(self, line: str) -> bool:
        """Whether the line is a heading; that of the trust code may go on with its value."""
        name, _, value = line.partition(":")
        name = name.strip().rstrip("=").strip().lower()
        if name not in _HEADINGS or (value.strip() and name != _TRUST):
            return False
        if name == "authorizations" or (name == _AUTHORIZATION and self.heading in _CODES):
            name = _CODES[0]
        self._close_block()
        self.heading, self.serial, self.code = name, "", ""
        if name == _BY_POLICY:
            self.told.facts["mode"] = "policy"
        if name == _TRUST and value.strip():
            self.told.facts["trust"] = _trust(value)
        return True

    def _names_serial(self, line: str) -> bool:
        match = _UDI.fullmatch(line)
        if not match:
            return False
        serial = canonical(match["serial"])
        self.serial = serial
        if not serial:
            self._doubt(line)
            return True
        known = self.told.serials.setdefault(serial, Known())
        role = (match["role"] or "").lower()
        known.role = known.role or (role if role in ("active", "standby", "member") else "")
        known.product_id = known.product_id or match["pid"]
        if role in ("udi", "") or self.heading in _UDIS:
            self.told.own = self.told.own or serial
        return True

    def _begin(self, feature: str, entitlement: str) -> None:
        self._close_block()
        if self.heading in (*_CODES, _PURCHASED):
            self.code = feature or entitlement
            self.told.authorized.setdefault(self.code, "")
        else:
            self.heading = _USAGE
            self.block = Block(feature or entitlement, entitlement)

    def _says(self, label: str, value: str) -> bool:
        """Take in one label; False where it is not known under this heading."""
        if self.block is not None:
            return self._of_block(self.block, label, value)
        if self.code:
            if label in ("status", "authorization type", "enforcement type", "license type"):
                before = self.told.authorized[self.code]
                if value and value not in before:
                    self.told.authorized[self.code] = f"{before}, {value}".lstrip(", ")
            return label in _BLOCK_LABELS
        if self.heading in (_REGISTRATION, _AUTHORIZATION, _EVALUATION, ""):
            return self._of_agent(label, value)
        if self.heading in (_POLICY, _REPORTING, _BY_POLICY):
            self._of_policy(label, value)
            return True
        return self._of_serial(label, value)

    def _of_block(self, block: Block, label: str, value: str) -> bool:
        if label == "count":
            block.quantity = value
        elif label == "status":
            block.words = value
            if smart_state(value) is LicenceState.UNKNOWN:
                self._doubt(f"status: {value}")
        elif label == "license type":
            block.kind = value
        elif label in ("enforcement type", "enforcement"):
            block.enforcement = value
        elif label in ("end date", "expiry date", "expires", "valid until"):
            block.ends = day_in(value)
        return label in _BLOCK_LABELS

    def _of_agent(self, label: str, value: str) -> bool:
        facts = self.told.facts
        if label == "status" and self.heading == _REGISTRATION:
            facts.setdefault("registration", _words(value))
        elif label == "status" and not re.fullmatch(r"not applicable|n/a|", value, re.I):
            facts.setdefault("authorization", _words(value))
        elif label == "evaluation period remaining":
            left = days_in(value)
            facts["days_left"] = str(left) if left is not None else ""
        elif label in ("registration expires", "communication deadline", "evaluation period expired on"):
            facts[label] = day_in(value)
        return bool(_AGENT_LABELS.fullmatch(label))

    def _of_policy(self, label: str, value: str) -> None:
        facts = self.told.facts
        if label == "status" and re.match(r"disabled|not enabled", value, re.I):
            facts.pop("mode", None)
        elif label == "reporting ack required":
            facts["ack_required"] = value.split()[0].lower() if value else ""
        elif label == "last ack received":
            facts["last_ack"] = day_in(value) or NONE
        elif label == "next ack deadline":
            facts["next_ack"] = day_in(value) or NONE
        elif label == "first report requirement (days)" and (days := value.split()[0]).isdigit() and int(days):
            facts["first_report_days"] = str(min(int(days), int(facts.get("first_report_days", days))))
        elif label == "reporting frequency (days)" and (days := value.split()[0]).isdigit() and int(days):
            facts["report_days"] = str(min(int(days), int(facts.get("report_days", days))))

    def _of_trust(self, line: str) -> None:
        """``INSTALLED on DATE``, ``Expired on DATE``, of the serial last named; all else beside them says nothing."""
        known = self.told.serials.get(self.serial)
        if known and line.upper().startswith("INSTALLED"):
            known.trust = day_in(line) or "yes"
        elif known and line.lower().startswith("expire"):
            known.trust_ends = day_in(line)
        elif known and line.upper().startswith("NOT INSTALLED"):
            known.trust = NONE

    def _of_serial(self, label: str, value: str) -> bool:
        """Under a heading about serials: what is said of the one last named."""
        known = self.told.serials.get(self.serial)
        if known and label == "status":
            known.authorization = _words(value)
        return label in ("status", "last confirmation code", "last data push", "last file export", "last return code",
                         "udi", "return codes", "last authorization request", "license type", "count")  # fmt: skip

    def _close_block(self) -> None:
        block, self.block = self.block, None
        if block is None:
            return
        if not block.words:
            self._doubt(f"{block.feature} ({block.entitlement}) ends before its status")
        self.told.blocks.append(block)

    def _doubt(self, what: str) -> None:
        self.told.doubts.append(what)


def _trust(value: str) -> str:
    """The trust code of the device itself; where others follow by serial, the line says something else of it."""
    if re.match(r"\s*<?none>?", value, re.I):
        return NONE
    return day_in(value) or ("" if "type" in value.lower() else "yes")


def _words(value: str) -> str:
    """A status without the moment it began."""
    return re.sub(r"\s+on\s+[A-Z][a-z]{2}\s.*", "", value).strip()
