"""The roof's printed documents: what the code says, as Markdown. Pure: tables in, text out."""
