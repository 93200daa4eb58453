"""A fleet on loopback that speaks real SNMP (v2c, v3) and real SSH, one address of 127.0.0.0/8 a device.

In a test (port 0 takes free ports, so that suites may run side by side)::

    from dataclasses import replace
    from tests.lab import Access, Cli, Device, Faults, cli_device, running_lab, snmprec_device

    device = snmprec_device(Path("x.snmprec"), "127.10.7.1")        # SNMP from a recording
    device = cli_device("cisco_ios", {"show version": text}, "127.10.7.2", hostname="sw1")
    device = c9300_stack(Box("127.10.7.3", "sw2"), Access()).device # a whole device, see profiles/
    device = replace(device, faults=Faults(end_at_row=3))           # anything can be made to fail

    with running_lab([device], snmp_port=0, ssh_port=0) as lab:
        ...                                  # lab.snmp_port, lab.ssh_port
        lab.score(device.address).logins     # failed_logins, open_sessions, commands, outside, snmp_sets ...
        lab.replace(device)                  # other faults, other serials, a reboot: while it runs
        lab.wait_sessions_closed()

Logins are in `Access` (community, v3 user, SSH user, enable); its defaults are what a device takes unless it
says otherwise. `known_hosts_line(device, port)` gives the key for strict host key checking. The standard
fleet is `tests.lab.fleet.standard_fleet()`.

From the shell: ``python -m tests.lab FOLDER`` writes a complete audit folder into FOLDER and serves the
standard fleet until SIGTERM.
"""

from tests.lab.device import Access, Cli, Device, Score
from tests.lab.faults import ALL, NO_FAULTS, Faults
from tests.lab.hostkeys import known_hosts_line
from tests.lab.links import Link
from tests.lab.recording import cli_device, snmprec, snmprec_device, snmprec_text
from tests.lab.running import SNMP_PORT, SSH_PORT, Lab, running_lab

__all__ = [
    "ALL", "NO_FAULTS", "SNMP_PORT", "SSH_PORT",
    "Access", "Cli", "Device", "Faults", "Lab", "Link", "Score",
    "cli_device", "known_hosts_line", "running_lab", "snmprec", "snmprec_device", "snmprec_text",
]  # fmt: skip
