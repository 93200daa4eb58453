"""Find the devices: sweep ranges for SNMP and SSH, follow CDP and LLDP neighbours, one entry for each box.

Nothing outside the scope is sent a packet, no password or key is guessed, and a login is tried once a device.
"""
