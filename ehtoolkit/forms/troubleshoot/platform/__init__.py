"""Questions about a file to the platform: asked, confirmed where needed, and shown."""
