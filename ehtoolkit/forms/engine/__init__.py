"""The engine of pages: wizards and their view, tool pages, page context, browser history, background work, errors."""
