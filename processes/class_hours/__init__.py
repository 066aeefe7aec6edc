"""Domain folder `class_hours`: the ledger of hours. Others use `api` only."""
