"""Importing a sheet with validation, duplicate check and history, against reading the sheet alone.

`python -m bench.records_import [--rows 2000]`: a dry run of leads does all of a real one but start their cases.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.school import running_school
from engine.kernel.actor import SYSTEM
from engine.metadata import directory, importing
from engine.metadata.sheets import read_rows
from webapp.demo.leads_sheet import write_leads_sheet


def main() -> None:
    """Prints rows per second."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000)
    wanted = parser.parse_args()
    with running_school() as school, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.xlsx"
        write_leads_sheet(path, rows=wanted.rows)
        content = path.read_bytes()
        begun = time.perf_counter()
        list(read_rows("leads.xlsx", content))
        floor = time.perf_counter() - begun
        run = school.platform.boundary.run
        user = run(SYSTEM, lambda tx: directory.user_by_username(tx, "east_principal"))
        actor = run(SYSTEM, lambda tx: directory.user_actor(tx, user)) if user else None
        assert actor is not None
        mapping = run(actor, lambda tx: importing.preview(tx, "lead", "leads.xlsx", content).mapping)
        begun = time.perf_counter()
        run(actor, lambda tx: importing.run(tx, "lead", "leads.xlsx", content, mapping, dry_run=True))
        spent = time.perf_counter() - begun
        print(f"import of {wanted.rows:,} leads: validated, matched with all branches, written, rolled back")
        print(f"  {wanted.rows / spent:,.0f} rows/s; reading the sheet alone {wanted.rows / floor:,.0f} rows/s;"
              f" ratio {spent / floor:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
