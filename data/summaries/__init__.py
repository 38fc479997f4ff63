"""What each page asks for, one module per page or question."""
