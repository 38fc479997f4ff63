"""What each page asks for."""
