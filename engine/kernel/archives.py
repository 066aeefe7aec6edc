"""Reading archives that people send."""

import zipfile
import zlib

BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError)
"""What reading an archive that is none, or a damaged or locked one, may raise."""
