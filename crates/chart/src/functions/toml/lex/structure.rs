//! Lines, tables, keys, arrays and inline tables: takes the lexer where one of them goes on, gives what
//! comes next; never reads a value that holds no others.

use super::super::token::{END, Token, quote_character, shown};
use super::{Lexer, State, is_blank, is_line_end};

impl Lexer<'_> {
    pub(super) fn top(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::Top),
            '#' => {
                self.stack.push(State::Top);
                State::CommentStart
            }
            '[' => State::TableStart,
            END => {
                self.emit(Token::End);
                State::Stopped
            }
            _ => {
                self.backup();
                self.stack.push(State::TopEnd);
                State::KeyStart
            }
        }
    }

    pub(super) fn top_end(&mut self) -> State {
        match self.next() {
            '#' => {
                self.stack.push(State::Top);
                State::CommentStart
            }
            c if is_blank(c) => State::TopEnd,
            c if is_line_end(c) => self.skip(State::Top),
            END => {
                self.emit(Token::End);
                State::Stopped
            }
            c => {
                let found = quote_character(c);
                self.fail(format!(
                    "expected a top-level item to end with a newline, comment, or EOF, but got {found} instead"
                ))
            }
        }
    }

    pub(super) fn table_name_start(&mut self) -> State {
        self.skip_blanks();
        match self.peek() {
            ']' | END => self.fail("unexpected end of table name (table names cannot be empty)"),
            '.' => self.fail("unexpected table separator (table names cannot be empty)"),
            '"' | '\'' => {
                self.stack.push(State::TableNameEnd);
                self.skip(State::QuotedName)
            }
            _ => {
                self.stack.push(State::TableNameEnd);
                State::BareName
            }
        }
    }

    pub(super) fn key_start(&mut self) -> State {
        self.skip_blanks();
        match self.peek() {
            '=' | END => self.fail("unexpected '=': key name appears blank"),
            '.' => self.fail("unexpected '.': keys cannot start with a '.'"),
            _ => {
                self.emit(Token::KeyStart);
                State::KeyNameStart
            }
        }
    }

    pub(super) fn key_end(&mut self) -> State {
        self.skip_blanks();
        match self.next() {
            END => self.fail("unexpected EOF; expected key separator '='"),
            '.' => self.skip(State::KeyNameStart),
            '=' => {
                self.emit(Token::KeyEnd);
                self.skip(State::Value)
            }
            c => {
                let message = format!(
                    "expected '.' or '=', but got {} instead",
                    quote_character(c)
                );
                if c == '\n' {
                    self.fail_line_before(message)
                } else {
                    self.fail(message)
                }
            }
        }
    }

    pub(super) fn array_value(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::ArrayValue),
            '#' => {
                self.stack.push(State::ArrayValue);
                State::CommentStart
            }
            ',' => self.fail("unexpected comma"),
            ']' => self.end_of(Token::ArrayEnd),
            _ => {
                self.backup();
                self.stack.push(State::ArrayValueEnd);
                State::Value
            }
        }
    }

    pub(super) fn end_of(&mut self, token: Token) -> State {
        self.start = self.position;
        self.finish(token)
    }

    pub(super) fn array_value_end(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::ArrayValueEnd),
            '#' => {
                self.stack.push(State::ArrayValueEnd);
                State::CommentStart
            }
            ',' => self.skip(State::ArrayValue),
            ']' => self.end_of(Token::ArrayEnd),
            c => {
                let found = shown(c);
                self.fail(format!(
                    "expected a comma (',') or array terminator (']'), but got {found}"
                ))
            }
        }
    }

    pub(super) fn inline_table_value(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::InlineTableValue),
            '#' => {
                self.stack.push(State::InlineTableValue);
                State::CommentStart
            }
            ',' => self.fail("unexpected comma"),
            '}' => self.end_of(Token::InlineTableEnd),
            _ => {
                self.backup();
                self.stack.push(State::InlineTableValueEnd);
                State::KeyStart
            }
        }
    }

    pub(super) fn inline_table_value_end(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::InlineTableValueEnd),
            '#' => {
                self.stack.push(State::InlineTableValueEnd);
                State::CommentStart
            }
            ',' => {
                self.skip_blanks();
                if self.peek() == '}' {
                    return State::InlineTableValueEnd;
                }
                State::InlineTableValue
            }
            '}' => self.end_of(Token::InlineTableEnd),
            c => {
                let found = shown(c);
                self.fail(format!(
                    "expected a comma or an inline table terminator '}}', but got {found} instead"
                ))
            }
        }
    }
}
