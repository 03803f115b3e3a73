"""The network below the messages: HTTP, TLS, proxies, deadlines."""
