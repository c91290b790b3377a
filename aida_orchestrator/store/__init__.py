"""Rows: the only room that speaks to psycopg2. One module per sort of row, one function per named query."""
