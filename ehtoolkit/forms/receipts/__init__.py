"""The end of every form: receipt, papers, and a backup copy of the keystore."""
