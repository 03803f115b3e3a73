"""The rules of the diagnosis: each module looks at a file from one side and yields findings."""
