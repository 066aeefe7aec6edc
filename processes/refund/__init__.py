"""Refund 退费."""
