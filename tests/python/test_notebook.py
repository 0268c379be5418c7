"""docs/headlight.ipynb runs from top to bottom, and says what it is kept with.

    python3 tests/python/test_notebook.py --write      # runs it and keeps what it says
"""
import os
import sys
import unittest

from support import ROOT, environment, need_binary

try:
    import ipykernel  # noqa: F401
    import nbclient
    import nbformat
except ImportError as missing:
    print(f"SKIPPED: {missing.name} is not there (tests/python/make_environment.sh makes an environment with it)", file=sys.stderr)
    sys.exit(77)

NOTEBOOK = ROOT / "docs" / "headlight.ipynb"
MOST_BYTES = 400_000


def executed():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    path = os.pathsep.join([str(ROOT / "python"), os.environ.get("PYTHONPATH", "")])
    with environment(PYTHONPATH=path, DISPLAY=None, WAYLAND_DISPLAY=None, HEADLIGHT_SOCKET=None):
        nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT / "docs")}}).execute()
    return notebook


class Notebook(unittest.TestCase):
    def test_it_runs_and_shows_pictures(self):
        need_binary()
        notebook = executed()
        pictures = [output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
        self.assertGreaterEqual(len(pictures), 1)
        printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
        self.assertIn("eager", printed)
        self.assertNotIn(str(ROOT), nbformat.writes(notebook))

    def test_what_is_kept_was_executed_and_is_small(self):
        self.assertLess(NOTEBOOK.stat().st_size, MOST_BYTES)
        cells = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
        self.assertTrue(all(cell.execution_count for cell in cells))


if __name__ == "__main__":
    if "--write" in sys.argv:
        notebook = executed()
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)  # times of day
            if cell.cell_type == "code":  # warnings of libraries name their folders
                cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        nbformat.write(notebook, NOTEBOOK)
    else:
        unittest.main()
