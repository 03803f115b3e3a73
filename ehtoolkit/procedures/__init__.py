"""The procedures of the eHealth certificate, one module each: plain functions that read as the procedure."""
