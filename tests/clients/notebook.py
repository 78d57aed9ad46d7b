"""Runs a notebook: each argument is a cell. Prints the last cell's output."""
import sys

import nbformat
from nbclient import NotebookClient

book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in sys.argv[1:]])
NotebookClient(book, timeout=500, kernel_name='python3').execute()
print(''.join(out['text'] for out in book.cells[-1].outputs if out.output_type == 'stream'))
