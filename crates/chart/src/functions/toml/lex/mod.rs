//! The TOML lexer: takes text, gives tokens one at a time with the line that they end on, never
//! knows keys or values.
//!
//! Source: BurntSushi/toml 1.6, `lex.go`: a machine of states, whose complaints depend on where it
//! stands.

mod cursor;
mod scalars;
mod strings;
mod structure;

use std::collections::VecDeque;

use super::token::{END, Item, Token, quote_character};

/// What the lexer does next.
#[derive(Debug, Clone, Copy)]
enum State {
    Top,
    TopEnd,
    TableStart,
    TableEnd,
    ArrayTableEnd,
    TableNameStart,
    TableNameEnd,
    BareName,
    QuotedName,
    KeyStart,
    KeyNameStart,
    KeyEnd,
    Value,
    ArrayValue,
    ArrayValueEnd,
    InlineTableValue,
    InlineTableValueEnd,
    String,
    MultilineString,
    RawString,
    MultilineRawString,
    MultilineEscape,
    NumberOrDateStart,
    NumberOrDate,
    Datetime,
    BaseNumberOrDate,
    Digits(fn(char) -> bool),
    DecimalNumber,
    DecimalNumberStart,
    Float,
    Bool,
    CommentStart,
    Comment,
    Stopped,
}

pub(super) struct Lexer<'text> {
    text: &'text str,
    start: usize,
    position: usize,
    line: i64,
    at_end: bool,
    state: State,
    stack: Vec<State>,
    items: VecDeque<Item>,
    has_escapes: bool,
}

fn is_blank(c: char) -> bool {
    c == '\t' || c == ' '
}

fn is_line_end(c: char) -> bool {
    c == '\n' || c == '\r'
}

impl<'text> Lexer<'text> {
    pub(super) fn new(text: &'text str) -> Self {
        Self {
            text,
            start: 0,
            position: 0,
            line: 1,
            at_end: false,
            state: State::Top,
            stack: Vec::new(),
            items: VecDeque::new(),
            has_escapes: false,
        }
    }

    /// Returns the next token; after an error there is none to ask for.
    pub(super) fn item(&mut self) -> Item {
        loop {
            if let Some(item) = self.items.pop_front() {
                return item;
            }
            self.state = self.step(self.state);
        }
    }

    fn step(&mut self, state: State) -> State {
        match state {
            State::Top => self.top(),
            State::TopEnd => self.top_end(),
            State::TableStart => {
                if self.peek() == '[' {
                    self.next();
                    self.emit(Token::ArrayTableStart);
                    self.stack.push(State::ArrayTableEnd);
                } else {
                    self.emit(Token::TableStart);
                    self.stack.push(State::TableEnd);
                }
                State::TableNameStart
            }
            State::TableEnd => {
                self.emit(Token::TableEnd);
                State::TopEnd
            }
            State::ArrayTableEnd => {
                let c = self.next();
                if c != ']' {
                    let found = quote_character(c);
                    return self.fail(format!(
                        "expected end of table array name delimiter ']', but got {found} instead"
                    ));
                }
                self.emit(Token::ArrayTableEnd);
                State::TopEnd
            }
            State::TableNameStart => self.table_name_start(),
            State::TableNameEnd => {
                self.skip_blanks();
                match self.next() {
                    '.' => self.skip(State::TableNameStart),
                    ']' => self.pop(),
                    c => {
                        let found = quote_character(c);
                        self.fail(format!(
                            "expected '.' or ']' to end table name, but got {found} instead"
                        ))
                    }
                }
            }
            State::BareName => {
                let c = self.next();
                if c.is_ascii() && super::is_bare_byte(c as u8) && c != END {
                    return State::BareName;
                }
                self.backup();
                self.finish(Token::Text)
            }
            State::QuotedName => {
                let state = if self.next() == '"' {
                    State::String
                } else {
                    State::RawString
                };
                self.skip(state)
            }
            State::KeyStart => self.key_start(),
            State::KeyNameStart => {
                self.skip_blanks();
                match self.peek() {
                    '=' | END => self.fail("unexpected '='"),
                    '.' => self.fail("unexpected '.'"),
                    '"' | '\'' => {
                        self.stack.push(State::KeyEnd);
                        self.skip(State::QuotedName)
                    }
                    _ => {
                        self.stack.push(State::KeyEnd);
                        State::BareName
                    }
                }
            }
            State::KeyEnd => self.key_end(),
            State::Value => self.value(),
            State::ArrayValue => self.array_value(),
            State::ArrayValueEnd => self.array_value_end(),
            State::InlineTableValue => self.inline_table_value(),
            State::InlineTableValueEnd => self.inline_table_value_end(),
            State::String => self.string(),
            State::MultilineString => self.multiline('"'),
            State::RawString => self.raw_string(),
            State::MultilineRawString => self.multiline('\''),
            State::MultilineEscape => {
                if is_line_end(self.next()) {
                    return State::MultilineString;
                }
                self.backup();
                self.stack.push(State::MultilineString);
                self.escape()
            }
            State::NumberOrDateStart => {
                if self.next() == '0' {
                    State::BaseNumberOrDate
                } else {
                    State::NumberOrDate
                }
            }
            State::NumberOrDate => match self.next() {
                '0'..='9' => State::NumberOrDate,
                '-' | ':' => State::Datetime,
                '_' => State::DecimalNumber,
                '.' | 'e' | 'E' => State::Float,
                _ => self.number_end(Token::Integer),
            },
            State::Datetime => match self.next() {
                '0'..='9' | '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+' => State::Datetime,
                _ => {
                    self.backup();
                    let text = self.current().trim().to_owned();
                    self.push_item(Token::Datetime, text, self.line);
                    self.start = self.position;
                    self.pop()
                }
            },
            State::BaseNumberOrDate => self.base_number(),
            State::Digits(fits) => {
                let c = self.next();
                if fits(c) || c == '_' {
                    return State::Digits(fits);
                }
                self.number_end(Token::Integer)
            }
            State::DecimalNumber => match self.next() {
                '0'..='9' | '_' => State::DecimalNumber,
                '.' | 'e' | 'E' => State::Float,
                _ => self.number_end(Token::Integer),
            },
            State::DecimalNumberStart => self.decimal_number_start(),
            State::Float => match self.next() {
                '0'..='9' | '_' | '.' | '-' | '+' | 'e' | 'E' => State::Float,
                _ => self.number_end(Token::Float),
            },
            State::Bool => self.bool(),
            State::CommentStart => {
                self.start = self.position;
                self.emit(Token::CommentStart);
                State::Comment
            }
            State::Comment => {
                let c = self.next();
                if is_line_end(c) || c == END && self.at_end {
                    self.backup();
                    return self.finish(Token::Text);
                }
                State::Comment
            }
            State::Stopped => {
                // Only an error leads here, and nobody asks for more after one.
                self.push_item(Token::End, String::new(), self.line);
                State::Stopped
            }
        }
    }
}
