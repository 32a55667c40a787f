"""From text to syntax tree: lexer, parser, recovery from errors."""
