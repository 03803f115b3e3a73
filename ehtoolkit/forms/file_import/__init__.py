"""Takes a keystore from elsewhere on this computer, or from the reader's own, into the keystore folder."""

from __future__ import annotations

from ehtoolkit.forms.file_import.model import FileElsewhere, FileImport
from ehtoolkit.forms.file_import.panel import FileImportPanel

__all__ = ["FileElsewhere", "FileImport", "FileImportPanel"]
