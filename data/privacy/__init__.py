"""What keeps a client unnamed: pseudonyms, their key, and the removal of names and numbers."""
