"""Rules room: results in; formatted text, HTML table rows and SVG figures out."""
