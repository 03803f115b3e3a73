"""The time line of an audit: which bars there are, their drawing, and the chart of notebooks."""
