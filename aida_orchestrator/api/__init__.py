"""The HTTP face: requests are parsed, commands called, rows shown. camelCase lives only here."""
