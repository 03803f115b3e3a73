"""Export an audit: CSV, Excel, JSON, Markdown, a calendar, a page, metrics, and lines for a terminal or a mail.

All formats are in `ehtoolkit.auditing.export.formats.FORMATS`. Each of them masks NISS numbers unless ``full``. Nothing
here writes a file, but the methods of an audit and `write_reports`, which writes many.
"""
