"""Theirs: the bare minimum in SQL.

``python theirs_duckdb.py FOLDER OUT.csv``, in the peers' own environment.

It reads the same units and contract files, normalises serials, joins, sorts into ten classes and writes one CSV: no
checks of the files, no evidence, no rules beyond the classes, no history.
"""

from __future__ import annotations

import json
import sys

import duckdb

_AS_OF = "DATE '2026-06-15'"
_NULLS = "('', 'N/A', 'NA', 'NONE', 'NULL', 'UNKNOWN', 'UNSPECIFIED', 'TBD')"
_CLEAN = r"""upper(regexp_replace(regexp_replace(regexp_replace(serial, '^="(.*)"$', '\1'),
             '^\s*(S/N|SN|SERIAL( NO\.?| NUMBER)?)\s*[:#]\s*', '', 'i'), '\s', '', 'g'))"""
_BASE = "regexp_replace(regexp_replace(product_id, '=$', ''), '-(A|E|S|L|EDU)$', '')"

_OF_UNITS = "vendor, product_id, kind, hostname, address, site, slot"
_OF_LINES = "vendor, product_id, product_type, hostname, site_name, contract_number, line_status, line_start, line_end"


def main(folder: str, out: str) -> None:
    """Sort units and lines into ten classes."""
    db = duckdb.connect()
    # Plain names and paths of our own making: no statement is built from what a user typed.
    for name, files, columns in (("units", "units.csv", _OF_UNITS), ("lines", "contracts-*.csv", _OF_LINES)):
        db.execute(
            f"CREATE TABLE {name} AS SELECT * REPLACE (CASE WHEN serial IN {_NULLS} THEN '' ELSE serial END AS serial)"
            f" FROM (SELECT {columns}, {_CLEAN} AS serial, {_BASE} AS base"
            f" FROM read_csv('{folder}/{files}', all_varchar=true, header=true, nullstr='\\0'))"
        )
    db.execute(f"""
        CREATE TABLE best AS
        SELECT vendor, serial, count(*) FILTER (line_end >= '2026-06-15') AS running,
               arg_max(base, (line_status = 'ACTIVE', line_end)) AS base,
               arg_max(line_status, (line_status = 'ACTIVE', line_end)) AS line_status,
               arg_max(line_start, (line_status = 'ACTIVE', line_end)) AS line_start,
               arg_max(line_end, (line_status = 'ACTIVE', line_end)) AS line_end,
               arg_max(contract_number, (line_status = 'ACTIVE', line_end)) AS contract_number
        FROM lines WHERE serial <> '' AND product_type <> 'SOFTWARE' GROUP BY vendor, serial;
        CREATE TABLE told AS
        SELECT CASE WHEN u.serial = '' THEN 'no_serial'
                    WHEN b.serial IS NULL THEN CASE WHEN u.kind IN ('chassis', 'access_point') THEN 'uncovered'
                                                    ELSE 'part' END
                    WHEN b.base <> u.base THEN 'product'
                    WHEN b.running > 1 THEN 'twice'
                    WHEN b.line_status = 'SIGNED' OR CAST(b.line_start AS DATE) > {_AS_OF} THEN 'pending'
                    WHEN CAST(b.line_end AS DATE) < {_AS_OF} THEN 'expired'
                    WHEN CAST(b.line_end AS DATE) < {_AS_OF} + 90 THEN 'expiring'
                    ELSE 'covered' END AS class,
               u.vendor, u.serial, u.product_id, u.kind, u.hostname, u.address, u.site, u.slot,
               b.contract_number, b.line_start, b.line_end
        FROM units u LEFT JOIN best b ON u.vendor = b.vendor AND u.serial = b.serial
        UNION ALL
        SELECT CASE WHEN l.product_type = 'SOFTWARE' THEN 'software' ELSE 'not_seen' END,
               l.vendor, l.serial, l.product_id, '', l.hostname, '', l.site_name, '', l.contract_number,
               l.line_start, l.line_end
        FROM lines l ANTI JOIN units u ON u.vendor = l.vendor AND u.serial = l.serial
        """)
    db.execute(f"COPY (SELECT * FROM told ORDER BY vendor, serial, address, slot) TO '{out}' (HEADER)")
    print(json.dumps(dict(db.execute("SELECT class, count(*) FROM told GROUP BY class ORDER BY class").fetchall())))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
