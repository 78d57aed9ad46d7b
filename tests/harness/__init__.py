"""What the tests drive the running binary with: the server, pools, gateways and upstreams."""
