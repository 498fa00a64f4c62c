"""Kinds of objects in Entra and in Flex, a module each: read once, carried from read to write."""
