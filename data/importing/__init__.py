"""From files or forms to stored records: read, validate, store, correct."""
