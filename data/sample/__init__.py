"""The sample clinic, made from a seed."""
