"""What makes the pages: the extension of Sphinx, the theme, cells that run in the browser, and the publication."""
