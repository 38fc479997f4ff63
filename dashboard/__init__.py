"""What Sequela shows: pages, figures, words. Reads counts from `data`, never SQL."""
