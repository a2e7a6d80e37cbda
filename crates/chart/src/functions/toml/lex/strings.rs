//! Strings of the four kinds and their escapes: takes the lexer behind the opening quotes, gives what
//! comes next; never says what an escape stands for.

use gotemplate::format::quote;

use super::super::token::{END, Token};
use super::{Lexer, State, is_line_end};

impl Lexer<'_> {
    pub(super) fn string(&mut self) -> State {
        match self.next() {
            END => self.fail("unexpected EOF; expected '\"'"),
            c if is_line_end(c) => self.fail_line_before("strings cannot contain newlines"),
            '\\' => {
                self.stack.push(State::String);
                self.escape()
            }
            '"' => {
                let has_escapes = std::mem::take(&mut self.has_escapes);
                self.string_end(
                    1,
                    if has_escapes {
                        Token::EscapedString
                    } else {
                        Token::String
                    },
                )
            }
            _ => State::String,
        }
    }

    pub(super) fn raw_string(&mut self) -> State {
        match self.next() {
            END => self.fail("unexpected EOF; expected \"'\""),
            c if is_line_end(c) => self.fail_line_before("strings cannot contain newlines"),
            '\'' => self.string_end(1, Token::RawString),
            _ => State::RawString,
        }
    }

    /// Emits a string without the quotes that have just been read.
    pub(super) fn string_end(&mut self, quotes: usize, token: Token) -> State {
        for _ in 0..quotes {
            self.backup();
        }
        self.emit(token);
        for _ in 0..quotes {
            self.next();
        }
        self.start = self.position;
        self.pop()
    }

    /// The inside of a string between three quotes, which may have two of them at its end.
    pub(super) fn multiline(&mut self, mark: char) -> State {
        let (here, token) = if mark == '"' {
            (State::MultilineString, Token::MultilineString)
        } else {
            (State::MultilineRawString, Token::RawMultilineString)
        };
        match self.next() {
            END if self.at_end => {
                let quotes = if mark == '"' { "'\"\"\"'" } else { "\"'''\"" };
                self.fail(format!("unexpected EOF; expected {quotes}"))
            }
            '\\' if mark == '"' => State::MultilineEscape,
            c if c == mark => {
                if self.accept(mark) {
                    if self.accept(mark) {
                        if self.peek() == mark {
                            return self.more_quotes(mark, here);
                        }
                        self.has_escapes = false;
                        return self.string_end(3, token);
                    }
                    self.backup();
                }
                here
            }
            _ => here,
        }
    }

    /// A fourth quote follows three.
    pub(super) fn more_quotes(&mut self, mark: char, here: State) -> State {
        let five = mark.to_string().repeat(5);
        let current = self.current();
        let escaped = mark == '"' && current.ends_with(&format!("\\{five}"));
        if current.ends_with(&five) && !escaped {
            return self.fail(if mark == '"' {
                "unexpected '\"\"\"\"\"\"'"
            } else {
                "unexpected \"''''''\""
            });
        }
        self.backup();
        self.backup();
        here
    }

    pub(super) fn escape(&mut self) -> State {
        self.has_escapes = true;
        let c = self.next();
        let (digits, words) = match c {
            'e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\' => return self.pop(),
            'x' => (2, "two hexadecimal digits after '\\x'"),
            'u' => (4, "four hexadecimal digits after '\\u'"),
            'U' => (8, "eight hexadecimal digits after '\\U'"),
            c => {
                let message = format!("invalid escape in string '\\{c}'");
                if self.at_end {
                    return self.fail_line_before(message);
                }
                self.push_item(Token::Error, message, self.line);
                return State::Stopped;
            }
        };
        for _ in 0..digits {
            if !self.next().is_ascii_hexdigit() {
                let found = quote(self.current());
                return self.fail(format!("expected {words}, but got {found} instead"));
            }
        }
        self.pop()
    }
}
