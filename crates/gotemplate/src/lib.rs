//! Go's text/template: lexer, parser, evaluator.
