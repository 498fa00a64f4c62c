"""The objects of a directory, and how they are read, filtered and refused."""
