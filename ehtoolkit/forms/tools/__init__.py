"""The tools, each declared in a module of its own; the registry of pages finds them here.

What knows databases and tables is imported when its page is opened, and not with other pages.
"""
