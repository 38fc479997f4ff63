"""Numbers in, a Plotly chart out; one kind of chart per module."""
