"""Parts that several pages draw: charts, tables, the face map, case courses."""
