"""Contracts in; matching, verdicts, findings and changes out."""
