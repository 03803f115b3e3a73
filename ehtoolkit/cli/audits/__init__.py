"""What the audit command and watches share: performing an audit, its tables in the terminal, its reports."""
