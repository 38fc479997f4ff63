"""What the project says about itself; some of it is generated."""
