"""The training platform over HTTP and in process, with the faults between it and a client."""
