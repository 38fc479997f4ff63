"""Shows pages, figures and text; reads counts from `data`, never SQL."""
