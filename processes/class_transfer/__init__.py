"""Class transfer 转班."""
