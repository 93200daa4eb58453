"""Shipped data: platforms, contract layouts, policy."""
