"""A year of a network in minutes: what happens is drawn from a seed, polled over real SNMP and SSH, and checked."""
