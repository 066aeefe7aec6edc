"""The engine without web or database (docs/guide/embedding.md)."""
