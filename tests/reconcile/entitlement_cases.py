"""For each rule of licences, provenance and Smartoptics: the smallest example, and the nearest story that is none."""

from __future__ import annotations

from tests.reconcile.story import line, target, unit

OTHER = line("FOC2299Z9ZZ", product_id="C9500-48Y4C")
SHELF = {"spares": [{"serial": "FOC2299Z9ZZ"}]}
DCP = {"vendor": "smartoptics", "product_id": "DCP-2"}
DEVICE = {"vendor": "cisco", "hostname": "sw1", "address": "10.0.0.1"}
RELEASE = [{"vendor": "cisco", "platform": "cisco_ios", "version": "17.9.5", "released": "2026-03-01"}]
DCP_RELEASE = [{"vendor": "smartoptics", "version": "dcp-release-13.0.0", "released": "2026-03-01"}]
UNIT, LINE = unit(), line()
ENDED = line(line_end="2026-01-31")
NEW_IMAGE = unit(software_version="17.9.5")
SHELF_OF = {"vendor": "smartoptics", "product_id": "DCP-2-FB/HW", "site": "North"}


def story(*, units=(UNIT,), lines=(LINE,), **more):
    return {"units": units, "lines": lines, **more}


def licence(state, **more):
    return {"licences": [{**DEVICE, "feature": "network-advantage", "state": state, **more}]}


def agent(state="authorized", **facts):
    """How the switch licenses, by policy."""
    detail = "; ".join(f"{name}={said}" for name, said in {"mode": "policy", **facts}.items())
    return {"licences": [{**DEVICE, "feature": "smart licensing", "state": state, "detail": detail}]}


def code(serial, **facts):
    """The serial that the switch's trust code is bound to."""
    detail = "; ".join(f"{name}={said}" for name, said in {"role": "active", "trust": "2026-01-02", **facts}.items())
    row = {"feature": "smart licensing", "entitlement": "udi", "state": "authorized", "serial": serial}
    return {"licences": [{**DEVICE, **row, "detail": detail}]}


def asset(serial="FOC2201A0AA", **more):
    return {"register": [{"serial": serial, **more}]}


def bought(day):
    return asset("S2145A", purchase_date=day)


def owned(**more):
    """One entitlement of the switch, or of what *more* says."""
    row = {"vendor": "cisco", "serial": "FOC2201A0AA", "feature": "network", "level": "advantage", "source_row": "2"}
    return {"entitlements": [row | more]}


def pool(**more):
    return owned(serial="", account="example.org", **more)


def dcp(**more):
    """A Smartoptics chassis on an agreement in force; *more* is of its line."""
    return {
        "units": [unit("S2145A", **DCP, software_version="dcp-release-13.0.0")],
        "lines": [line("S2145A", **DCP, **more)],
    }


def smart_care(*, spares):
    return dcp(service_level="Smart Care", site_name="North") | {"spares": spares}


def loose(**more):
    """The switch on no line."""
    return story(lines=[OTHER], **SHELF, **more)


CASES = {
    "MKT-UNLICENSED": (
        story(**asset(provenance="secondary")),
        story(**asset(provenance="secondary", relicence_proof="SO 12")),
    ),
    "MKT-UNCOVERABLE": (
        loose(**asset(provenance="gift", relicence_proof="SO 12")),
        loose(**asset(provenance="refresh")),
    ),
    "MKT-NOWARRANTY": (
        loose(**asset(provenance="secondary", warranty_end="2026-06-15")),
        loose(**asset(provenance="secondary", warranty_end="2026-06-14")),
    ),
    "MKT-CHANNEL": (
        loose(**asset(provenance="secondary", seller="Example Partner")),
        loose(**asset(provenance="secondary", seller="Example Broker")),
    ),
    "MKT-ON-CONTRACT": (
        story(**asset(provenance="secondary", relicence_proof="SO 12")),
        story(**asset(provenance="secondary", relicence_proof="SO 12", inspection_passed="2026-01-02")),
    ),
    "MKT-HOLD": (loose(**asset(compliance_hold="yes")), loose(**asset(compliance_hold="no"))),
    "MKT-DAMAGED": (loose(**asset(condition="damaged")), loose(**asset(condition="ok"))),
    "MKT-CERTS": (loose(**asset(condition="environmental")), loose(**asset(condition="damaged"))),
    "MKT-FEES": (loose(**asset(provenance="secondary")), story(**asset(provenance="secondary"))),
    "MKT-REFRESH-OK": (story(**asset(provenance="refresh")), story(**asset(provenance="new"))),
    "MKT-UNKNOWN": (loose(**asset("FOC2299Z9ZZ")), loose(**asset(sales_order="80000001"))),
    "MKT-PREVOWNER": (
        story(**asset("FOC2101A0AA", vendor="cisco", disposed="sold")),
        story(**asset("FOC2101A0AA", vendor="cisco", disposed="scrapped")),
    ),
    "LIC-FEATURE": (
        story(**licence("in_use"), **owned(level="essentials")),
        story(**licence("in_use", feature="network-essentials"), **owned()),
    ),
    "LIC-SW-NEWER": (
        story(units=[NEW_IMAGE], lines=[ENDED], software=RELEASE),
        story(units=[NEW_IMAGE], lines=[line(line_end="2026-03-01")], software=RELEASE),
    ),
    "LIC-SW-UNPROVABLE": (
        story(units=[NEW_IMAGE], lines=[ENDED], software=[{**RELEASE[0], "version": "17.9.4"}]),
        story(units=[NEW_IMAGE], lines=[ENDED], software=RELEASE),
    ),
    "LIC-OOC": (story(**licence("out_of_compliance")), story(**licence("in_use"))),
    "LIC-EVAL": (story(**licence("grace")), story(**licence("dormant"))),
    "LIC-EVAL-EXPIRED": (story(**licence("evaluation_expired")), story(**licence("evaluation"))),
    "LIC-NOTAUTH": (story(**licence("authorization_expired")), story(**licence("authorized"))),
    "LIC-UNREG": (story(**licence("unregistered")), story(**licence("unknown"))),
    "LIC-UNVERIFIED": (story(**licence("in_use"), **owned(feature="dna")), story(**licence("in_use"), **pool())),
    "LIC-COUNT": (
        story(**licence("in_use", quantity="3"), **pool(quantity="2")),
        story(**licence("in_use", quantity="2"), **pool(quantity="2")),
    ),
    "LIC-SUB-EXPIRED": (
        story(**licence("in_use"), **owned(expires="2026-06-14")),
        story(**licence("in_use"), **owned(expires="2026-06-15")),
    ),
    "LIC-SUB-EXPIRING": (
        story(**licence("in_use"), **owned(expires="2026-09-13")),
        story(**licence("in_use"), **owned(expires="2026-09-14")),
    ),
    "LIC-REPORT": (story(**agent(next_ack="2026-06-14")), story(**agent(next_ack="2026-06-15"))),
    "LIC-UDI": (
        story(**code(serial="FOC2101A0AA")),
        story(**code(serial="FOC2201A0AA")),
    ),
    "LIC-UNKNOWN": (story(licences=[]), story(licences=[], targets=[target(platform="cisco_sb")])),
    "SO-UNCOVERED": (
        story(units=[unit("S2145A", **DCP)], lines=[line("S2145B", vendor="smartoptics", product_id="DCP-404")]),
        story(units=[unit("S2145A", **DCP)], lines=[line("S2145A", vendor="smartoptics", product_id="DCP-2-FB/HW")]),
    ),
    "SO-EXPIRED": (dcp(line_end="2026-06-14"), dcp(line_end="2026-06-15")),
    "SO-EXPIRING": (dcp(line_end="2026-07-01"), dcp()),
    "SO-EWS-CAP": (dcp() | bought("2021-12-30"), dcp() | bought("2021-12-31")),
    "SO-EWS-NOEXT": (
        dcp(line_end="2026-01-31") | bought("2019-06-15"),
        dcp(line_end="2026-01-31") | bought("2019-06-16"),
    ),
    "SO-EWS-NODATE": (dcp() | bought(""), dcp(ship_date="2024-06-01") | bought("")),
    "SO-SPARE": (smart_care(spares=[]), smart_care(spares=[{"serial": "S2145Z", **SHELF_OF}])),
    "SO-TERM": (dcp(line_end="2026-12-31"), dcp(line_end="2027-12-31")),
    "SO-PAYMENT": (dcp(line_status="Payment due"), dcp(line_status="Payment due", line_end="2025-12-31")),
    "SO-SW-NEWER": (
        dcp(line_end="2026-01-31") | {"software": DCP_RELEASE},
        dcp(line_end="2026-03-01") | {"software": DCP_RELEASE},
    ),
    "SO-SW-MAJOR": (
        dcp(line_end="2026-01-31") | owned(vendor="smartoptics", serial="S2145A", feature="DCP-2-ENL-7.x_SW"),
        dcp(line_end="2026-01-31") | owned(vendor="smartoptics", serial="S2145A", feature="DCP-2-ENL-13.x_SW"),
    ),
}  # fmt: skip
