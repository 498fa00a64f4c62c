"""What may be wrong with a response, a kind of check a module."""
