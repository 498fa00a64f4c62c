"""The process that plays all of it on one port."""
