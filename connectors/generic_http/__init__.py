"""Devices that post swipes as JSON or forms: one mapped callback for all, with a Hikvision preset."""
