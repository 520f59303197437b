"""The report: one comparison as one HTML file, for people who decide and for those who check."""
