"""Defines what things mean: records, codelists, measures, statistics."""
