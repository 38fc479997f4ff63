"""Counting: selection and scope, derived tables, the columnar copy, counts and estimates."""
