"""The documented steps, a folder each: read, plan, apply, verify."""
