"""What pages show, as plain values: each screen reads in one unit of work and leaves the looks to its template."""
