"""Domain folder `contracts`: contracts, lines, price rules. Others use `api` only."""
