"""Programs: machine code that is kept, found again, and never entered when it is not what it was."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simkcc.errors import BrokenEngineError
from simkcc.routing.compiled import UNCOMPILED
from simkcc.routing.program import Program, _address

pytestmark = pytest.mark.skipif(UNCOMPILED, reason="nothing is compiled")

row_dtype = np.dtype([("number", "i8"), ("share", "f8")])


def weigh(table, grid, found, much):
    """Add up a table and a grid; what is written is seen by the caller."""
    total = 0.0
    for place in range(table.shape[0]):
        total += table[place]["number"] * table[place]["share"]
    for high in range(grid.shape[0]):
        for wide in range(grid.shape[1]):
            total += grid[high, wide]
    found[0] = total * much
    return much + grid.shape[1]


def arguments() -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    table = np.array([(2, 0.5), (3, 2.0)], row_dtype)
    table.flags.writeable = False
    return table, np.arange(6.0).reshape(2, 3), np.zeros(1), 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the program was compiled once."""
    folder = tmp_path_factory.mktemp("code")
    run_in(folder)
    return folder


def run_in(folder: Path) -> None:
    """Run the program anew and look at what it says and writes."""
    table, grid, found, much = arguments()
    assert Program(weigh, folder)(table, grid, found, much) == weigh(*arguments()) == 13
    assert found[0] == (1.0 + 6.0 + 15.0) * 10


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_program_says_and_writes_what_python_would_and_is_kept(folder: Path) -> None:
    assert only_file(folder).name.startswith("weigh-")


def test_a_process_that_finds_a_program_needs_no_numba(folder: Path) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from routing.test_program import run_in
run_in(Path({str(folder)!r}))
assert "numba" not in sys.modules, "to import it takes longer than to load the program"
"""
    before = only_file(folder).stat().st_mtime_ns
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ
    )
    assert found.returncode == 0, found.stderr
    assert only_file(folder).stat().st_mtime_ns == before


@pytest.mark.parametrize("keep", [0, 40, 2000, -1])
def test_half_a_file_is_compiled_anew(folder: Path, tmp_path: Path, keep: int) -> None:
    file = tmp_path / only_file(folder).name
    whole = only_file(folder).read_bytes()
    file.write_bytes(whole[:keep])
    run_in(tmp_path)
    assert only_file(tmp_path) == file
    made = file.stat().st_mtime_ns
    run_in(tmp_path)
    assert file.stat().st_mtime_ns == made


def test_tables_of_another_dtype_are_another_program(folder: Path) -> None:
    before = only_file(folder)
    table, grid, found, much = arguments()
    assert Program(weigh, folder)(table, grid.astype(np.int32), found, much) == 13
    assert found[0] == 220.0
    others = set(folder.iterdir()) - {before}
    assert len(others) == 1
    others.pop().unlink()


def test_a_folder_that_cannot_be_made_costs_the_keeping_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run_in(tmp_path / "file" / "folder")


def test_a_table_in_pieces_is_refused(folder: Path) -> None:
    table, grid, found, much = arguments()
    with pytest.raises(BrokenEngineError, match="one piece"):
        Program(weigh, folder)(table, grid.T, found, much)


def test_where_a_table_lies_is_what_numpy_says() -> None:
    for table in arguments()[:3]:
        assert _address(table) == table.ctypes.data
