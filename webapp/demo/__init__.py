"""The demo school 启明教育: a term of realistic life, made through the real use-cases with a fixed seed."""

from webapp.demo.school import create_demo, is_demo, is_empty

__all__ = ["create_demo", "is_demo", "is_empty"]
