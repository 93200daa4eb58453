"""Whole devices, each made from one description, so that its SNMP tables and its command line agree."""

from tests.lab.profiles.arista import eos_leaf
from tests.lab.profiles.asa import asa5516
from tests.lab.profiles.asr import asr9006
from tests.lab.profiles.catalyst import c9300_stack, c9407r, c9500_svl
from tests.lab.profiles.classic import c2960, c3850, isr2911
from tests.lab.profiles.isr import isr4331
from tests.lab.profiles.nexus import n9k_with_fex
from tests.lab.profiles.others import generic_switch
from tests.lab.profiles.smartoptics import dcp_2, dcp_m40, m_1601, t_4906
from tests.lab.profiles.wireless import aireos, c9800

__all__ = [
    "aireos", "asa5516", "asr9006", "c2960", "c3850", "c9300_stack", "c9407r", "c9500_svl", "c9800", "dcp_2",
    "dcp_m40", "eos_leaf", "generic_switch", "isr2911", "isr4331", "m_1601", "n9k_with_fex", "t_4906",
]  # fmt: skip
