"""The only modules that talk to devices, and the only ones that import netmiko, napalm and pysnmp."""
