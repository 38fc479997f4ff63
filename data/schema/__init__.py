"""Our template: sheets, columns, and how dates, numbers and codes are parsed."""
