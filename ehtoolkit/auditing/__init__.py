"""Audit keystore folders and the registry of providers together. The public function is `ehtoolkit.audit`."""
