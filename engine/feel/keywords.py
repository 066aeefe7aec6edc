"""The words that no name may be. Source: DMN 1.5, 10.3.1.2."""

KEYWORDS = frozenset(
    (
        *("and", "or", "between", "in", "if", "then", "else", "for", "return", "some", "every", "satisfies"),
        *("function", "null", "true", "false"),
    )
)
