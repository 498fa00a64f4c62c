"""What a person or a scheduler calls: the flexsso command and what it does."""
