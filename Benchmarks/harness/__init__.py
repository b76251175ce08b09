"""What `make bench` and `make bench-peers` run on; Python's standard library and wrk."""
