"""The tables of reconciling: their columns, in order. Every cell is text; "" stands for "not said".

Tables in: `UNITS`, `LICENCES`, `TARGETS`, `LINES` and the optional inputs. Tables out: the columns of the CSV files,
which users' scripts rely on to the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

UNITS: Final = (
    "vendor", "serial", "product_id", "kind", "coverable", "hostname", "address", "site", "slot", "parent_serial",
    "software_version", "hardware_version", "manufacturer", "description", "serial_raw", "collected_via", "seen_at",
)  # fmt: skip
LICENCES: Final = (
    "vendor", "hostname", "address", "serial", "feature", "entitlement", "state", "detail", "quantity", "expires",
    "collected_via", "seen_at",
)  # fmt: skip
COVERAGE: Final = (
    "verdict", "zone", "vendor", "serial", "product_id", "kind", "hostname", "address", "site", "slot", "provider",
    "contract_number", "service_level", "entitles", "line_status", "line_start", "line_end", "days_left", "matched_by",
    "software_version", "last_date_of_support", "reason", "source_file", "source_row",
)  # fmt: skip
LINES_OUT: Final = (
    "line_kind", "verdict", "vendor", "provider", "contract_number", "line_number", "instance_number", "serial",
    "product_id", "quantity", "service_level", "line_status", "line_start", "line_end", "unit_serial", "hostname",
    "matched_by", "reason", "source_file", "source_row",
)  # fmt: skip
FINDINGS: Final = (
    "key", "rule", "class", "severity", "confidence", "status", "vendor", "serial", "new_serial", "product_id",
    "hostname", "address", "slot", "site", "owner", "provider", "contract_number", "message", "evidence", "action",
    "first_seen", "last_seen", "accepted_until", "ticket", "comment", "source_file", "source_row",
)  # fmt: skip
CHANGES: Final = (
    "action", "finding_key", "rule", "confidence", "needs_confirmation", "vendor", "provider", "contract_number",
    "service_level", "line_number", "instance_number", "parent_serial", "serial", "product_id", "quantity",
    "new_serial", "new_product_id", "sales_order", "purchase_order", "source_site_id", "target_site_id", "site_name",
    "site_address", "site_city", "site_country", "contact_email", "begin_date", "end_date", "termination_date",
    "reason", "hostname", "address", "slot", "software_version", "evidence", "source_file", "source_row", "as_of",
)  # fmt: skip
SKIPPED: Final = ("address", "hostname", "site", "outcome", "section", "state", "reason", "attempts", "seconds")

CONTRACT_FIELDS: Final = (
    "vendor", "provider", "contract_number", "service_level", "line_number", "instance_number",
    "parent_instance_number", "parent_serial", "replacement_serial", "line_status", "line_start", "line_end", "serial",
    "product_id", "product_type", "description", "quantity", "hostname", "site_id", "site_name", "site_address",
    "site_city", "site_country", "customer", "contact_email", "sales_order", "purchase_order", "subscription_id",
    "do_not_renew_reason", "ship_date", "warranty_type", "warranty_end", "last_date_of_support", "programme",
    "list_price", "currency",
)  # fmt: skip
"""The target fields of a contract layout."""
LINES: Final = (*CONTRACT_FIELDS, "serial_raw", "line_kind", "source", "source_file", "source_row")
"""Contract lines as read: `serial`, `parent_serial` and `replacement_serial` canonical, dates ISO, `vendor` a
lower-case id, `line_kind` one of hardware, software, subscription, serial_less, `source` the contract source's name."""

TARGETS: Final = (
    "address", "hostname", "site", "vendor", "platform", "outcome", "inventory_state", "inventory_reason", "reason",
    "attempts", "seconds",
)  # fmt: skip
"""What came of each target of the run; `inventory_state` is a section state of `collectors.model.State`."""
LICENCE_STATES: Final = ("licences_state", "licences_reason")
"""What came of asking a target for its licences: further columns of `TARGETS` where that is known."""
HISTORY: Final = (
    "run",
    "seen_at",
    "vendor",
    "serial",
    "product_id",
    "kind",
    "hostname",
    "address",
    "site",
    "slot",
    "parent_serial",
)
"""Units of earlier sealed runs, the latest sighting of each (vendor, serial) only; `run` is the number as text."""
ABSENT: Final = (
    "vendor", "serial", "run", "seen_at", "product_id", "kind", "hostname", "address", "site", "slot", "parent_serial",
    "at", "at_host", "chassis", "since_run", "since", "runs", "counted_run", "state", "hold", "brake", "successor",
    "settled_run", "settled", "who", "reason",
)  # fmt: skip
"""Known units that were not seen where they were: the columns of `HISTORY` are their last sighting, `at`, `at_host`
and `chassis` (serials) the device in which they are looked for, `since_run` the first complete run without them, `runs`
how many there were. `state`: missing, removed, replaced (then `successor`)."""
ARRIVED: Final = ("vendor", "serial", "run")
"""The run in which a unit came to the device it is in. A row without a serial is that of all units not named."""
LIVES: Final = ("key", "first_seen")
"""Findings that were closed before, with the day they were first found."""
NOTES: Final = ("key", "owner", "ticket", "comment")
"""What people wrote beside findings."""

REGISTER: Final = (
    "vendor", "serial", "product_id", "provenance", "purchase_date", "grant_date", "ship_date", "sales_order",
    "request_number", "seller", "relicence_proof", "inspection_passed", "transfer_exception", "condition",
    "compliance_hold", "in_use", "intent", "warranty_end", "disposed", "grant_id", "owner",
)  # fmt: skip
SPARES: Final = ("vendor", "serial", "product_id", "site")
RMA: Final = ("vendor", "rma_number", "old_serial", "new_serial", "date")
ENTITLEMENTS: Final = ("vendor", "serial", "account", "feature", "level", "quantity", "starts", "expires", "order")
SOFTWARE: Final = ("vendor", "platform", "version", "released")
EOX: Final = ("vendor", "product_id", "end_of_sale", "last_attach", "last_renewal", "last_date_of_support")
SITES: Final = ("subnet", "hostname", "site", "site_id", "contract_site_name")
PROFILE: Final = ("contract_number",)
ORIGIN: Final = ("source_file", "source_row")
"""Every table that was read from a file carries these two last, so that evidence can point at the row."""


def table(columns: Sequence[str], rows: Iterable[Mapping[str, str]] = ()) -> pd.DataFrame:
    """A text table with exactly *columns*, missing cells "".

    >>> table(("a", "b"), [{"a": "1"}]).to_dict("records")
    [{'a': '1', 'b': ''}]
    """
    given = list(rows)
    cells = {c: pd.Series([row.get(c, "") for row in given], dtype="str") for c in columns}
    return pd.DataFrame(cells, columns=list(columns))
