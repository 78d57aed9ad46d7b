// The home of the precompiled header; it holds nothing else.
