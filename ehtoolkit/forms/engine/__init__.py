"""The engine of pages: wizards and their view, page context, router, background work, error boundary, HTML."""
