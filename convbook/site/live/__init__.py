"""Code that runs in the reader's browser: the cells of the exercises, and the chapters in JupyterLite."""
