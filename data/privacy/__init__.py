"""What keeps a client anonymous: pseudonyms, their key, and the removal of names and numbers."""
