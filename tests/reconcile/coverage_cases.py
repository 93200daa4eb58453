"""For each rule of coverage, donations, optics and scan: the smallest example, and the nearest story that is none."""

from __future__ import annotations

from tests.reconcile.entitlement_cases import ENDED, OTHER, SHELF, asset, story
from tests.reconcile.story import line, policy, seen, target, unit, unread

SERIAL = "FOC2201A0AA"
LOST = "FOC2101A0AA"
ORDER = {"sales_order": "SO-5", "ship_date": "2026-05-24", "line_status": "Signed"}
GRANT = {"provenance": "grant", "grant_date": "2024-02-01"}
MODULE = unit("FDO2202B0BB", product_id="C9300-NM-8X", kind="module", slot="1/1", parent_serial=SERIAL)
OPTIC = unit("AVD2203C0CC", product_id="SFP-10G-SR", kind="transceiver", slot="1/1/1", manufacturer="FLEXOPTIX")
SITES = {
    "sites": [{"site": "North", "contract_site_name": "ACME 1"}, {"site": "South", "contract_site_name": "ACME 2"}]
}
MAIL = {"contact_email": "noc@example.org"}
ACME = policy(organisation=policy().organisation.model_copy(update={"names": ("Acme",)}))
SPARES = policy(spares=policy().spares.model_copy(update={"require_cover": True}))
SHELVED = {"vendor": "cisco", "serial": "FOC2299Z9ZZ", "product_id": "C9500-48Y4C"}
RMA = {"rma_number": "800123", "old_serial": SERIAL, "new_serial": "FOC2401B0BB"}
BROUGHT_BACK = {"rma_number": "9", "old_serial": "X", "new_serial": SERIAL, "date": "2026-06-01"}
DONATED = {"programme": "Donated", "line_start": "2024-02-01", "line_end": "2029-01-31"}


def grant(serial=SERIAL, **more):
    return asset(serial, **{**GRANT, **more})


COVERAGE = {
    "COV-UNCOVERED": (story(lines=[OTHER], **SHELF), story()),
    "COV-EXPIRED": (story(lines=[ENDED]), story(lines=[ENDED, line(line_start="2026-02-01")])),
    "COV-EXPIRING": (
        story(lines=[line(line_end="2026-09-13")]),
        story(lines=[line(line_end="2026-09-14")]),
    ),
    "COV-PENDING": (story(lines=[line(line_status="Signed")]), story(lines=[line(line_status="Active")])),
    "COV-ACTIVATION-LATE": (
        story(lines=[line(**ORDER)]),
        story(lines=[line(**ORDER), line("FOC2202B0BB", **ORDER | {"ship_date": "2026-05-25"})]),
    ),
    "COV-KIT-LATE": (
        story(lines=[OTHER], **SHELF, **grant(request_number="R-7", ship_date="2026-05-03")),
        story(lines=[OTHER], **SHELF, **grant(request_number="R-7", ship_date="2026-05-04")),
    ),
    "COV-EOL": (
        story(lines=[line(last_date_of_support="2026-06-15")]),
        story(lines=[line(last_date_of_support="2028-12-31")]),
    ),
    "COV-REPLACED": (
        story(lines=[line(LOST)], history=[seen(LOST)]),
        story(lines=[line(LOST)], history=[seen(LOST, address="10.0.0.9", hostname="sw9")]),
    ),
    "COV-RMA-OLD-STILL-SEEN": (
        story(rma=[{**RMA, "date": "2026-05-01"}]),
        story(rma=[{**RMA, "date": "2026-05-01"}, BROUGHT_BACK]),
    ),
    "COV-NOT-SEEN": (story(lines=[line(), OTHER]), story(lines=[line(), OTHER], **SHELF)),
    "COV-PID": (
        story(lines=[line(product_id="C9300-24P")]),
        story(lines=[line(product_id="c9300-48P-A=")]),
    ),
    "COV-NEAR": (story(lines=[line("FOC22O1A0AA")]), story(lines=[line("FOC2202A0AA", product_id="")])),
    "COV-DUP": (
        story(lines=[line(), line(contract_number="200200")]),
        story(lines=[line(line_end="2026-12-31"), line(line_start="2027-01-01")]),
    ),
    "COV-SPARE": (
        story(lines=[line(), OTHER], **SHELF),
        story(lines=[line(), OTHER | {"line_end": "2026-01-31"}], **SHELF),
    ),
    "COV-SPARE-UNCOVERED": (
        story(spares=[SHELVED], policy=SPARES),
        story(lines=[line(), OTHER], spares=[SHELVED], policy=SPARES),
    ),
    "COV-SITE": (story(lines=[line(site_name="Acme 2")], **SITES), story(lines=[line(site_name="Acme 1")], **SITES)),
    "COV-CONTACT": (
        story(lines=[line(), line("FOC2202B0BB", contract_number="200200", **MAIL)]),
        story(lines=[line(), line("FOC2202B0BB", **MAIL)]),
    ),
    "COV-PROFILE": (
        story(profile=[{"contract_number": "200200"}]),
        story(profile=[{"contract_number": "0200100"}]),
    ),
    "COV-OWNER": (
        story(lines=[line(customer="Other Ltd")], policy=ACME),
        story(lines=[line(customer="ACME, North branch")], policy=ACME),
    ),
    "COV-COMPONENT": (
        story(units=[unit(), MODULE]),
        story(units=[unit(), MODULE], lines=[line(), line("FDO2202B0BB", product_id="C9300-NM-8X")]),
    ),
    "COV-NOSERIAL": (
        story(units=[unit(), unit("", slot="2")]),
        story(units=[unit(), unit("", slot="2", kind="fan")]),
    ),
}  # fmt: skip
DONATIONS = {
    "DON-RETURN": (story(**grant(in_use="no")), story(**grant(in_use="yes"))),
    "DON-DISPOSED": (
        story(**grant(LOST, vendor="cisco", disposed="sold")),
        story(**grant(LOST, vendor="cisco", disposed="returned")),
    ),
    "DON-FOREIGN": (
        story(lines=[line(**DONATED)], **asset(provenance="new")),
        story(lines=[line(**DONATED)], **grant()),
    ),
    "DON-MISSING": (
        story(lines=[OTHER], **SHELF, **grant()),
        story(lines=[OTHER], **SHELF, **grant(grant_date="2021-06-15")),
    ),
    "DON-TERM": (
        story(lines=[line(**DONATED | {"line_end": "2028-01-31"})]),
        story(lines=[line(**DONATED | {"line_end": "2029-02-02"})]),
    ),
    "DON-ENDED": (
        story(lines=[ENDED], **grant(grant_date="2021-02-01")),
        story(lines=[ENDED], **asset(provenance="new")),
    ),
}  # fmt: skip
SCAN = {
    "OPTIC-THIRDPARTY": (
        story(units=[unit(), OPTIC]),
        story(units=[unit(), OPTIC | {"manufacturer": "CISCO-FINISAR   "}]),
    ),
    "SCAN-INCOMPLETE": (
        story(targets=[target(), unread(platform="cisco_asa")]),
        story(targets=[target(), target("10.0.0.9", "sw9")]),
    ),
    "SCAN-DUP-SERIAL": (
        story(units=[unit(), unit(address="10.0.0.2")]),
        story(units=[unit(), unit(slot="2")]),
    ),
}  # fmt: skip
