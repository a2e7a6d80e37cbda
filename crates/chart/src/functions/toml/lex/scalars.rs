//! What a value begins with, and numbers and booleans: takes the lexer before a value, gives what
//! comes next; never says which number it is.

use gotemplate::format::quote;

use super::super::token::{END, Token, quote_character};
use super::{Lexer, State, is_blank};

impl Lexer<'_> {
    pub(super) fn value(&mut self) -> State {
        let c = self.next();
        match c {
            c if is_blank(c) => return self.skip(State::Value),
            '0'..='9' => {
                self.backup();
                return State::NumberOrDateStart;
            }
            '[' => {
                self.start = self.position;
                self.emit(Token::Array);
                return State::ArrayValue;
            }
            '{' => {
                self.start = self.position;
                self.emit(Token::InlineTableStart);
                return State::InlineTableValue;
            }
            '"' | '\'' => {
                let (one, three) = if c == '"' {
                    (State::String, State::MultilineString)
                } else {
                    (State::RawString, State::MultilineRawString)
                };
                if self.accept(c) {
                    if self.accept(c) {
                        return self.skip(three);
                    }
                    self.backup();
                }
                return self.skip(one);
            }
            '.' => return self.fail("floats must start with a digit, not '.'"),
            'i' | 'n' => {
                let is_float =
                    self.accept('n') && self.accept('f') || self.accept('a') && self.accept('n');
                if is_float {
                    return self.finish(Token::Float);
                }
            }
            '-' | '+' => return State::DecimalNumberStart,
            _ => {}
        }
        if c.is_alphabetic() {
            self.backup();
            return State::Bool;
        }
        if c == END {
            return self.fail("unexpected EOF; expected value");
        }
        let message = format!("expected value but found {} instead", quote_character(c));
        if c == '\n' {
            self.fail_line_before(message)
        } else {
            self.fail(message)
        }
    }

    pub(super) fn base_number(&mut self) -> State {
        let c = self.next();
        let (fits, words): (fn(char) -> bool, _) = match c {
            '0'..='9' => return State::NumberOrDate,
            '_' => return State::DecimalNumber,
            '.' | 'e' | 'E' => return State::Float,
            'b' => (|c| matches!(c, '0' | '1'), "a binary"),
            'o' => (|c| matches!(c, '0'..='7'), "an octal"),
            'x' => (|c| c.is_ascii_hexdigit(), "a hexadecimal"),
            _ => return self.number_end(Token::Integer),
        };
        let next = self.peek();
        if !fits(next) {
            let current = self.current();
            self.fail(format!("not {words} number: '{current}{next}'"));
        }
        State::Digits(fits)
    }

    pub(super) fn decimal_number_start(&mut self) -> State {
        let c = self.next();
        match c {
            'i' | 'n' => {
                let (second, third) = if c == 'i' { ('n', 'f') } else { ('a', 'n') };
                if !self.accept(second) || !self.accept(third) {
                    let current = self.current();
                    return self.fail(format!("invalid float: '{current}'"));
                }
                return self.finish(Token::Float);
            }
            '0' => {
                let next = self.peek();
                if matches!(next, 'b' | 'o' | 'x') {
                    let current = self.current();
                    return self.fail(format!(
                        "cannot use sign with non-decimal numbers: '{current}{next}'"
                    ));
                }
            }
            '.' => return self.fail("floats must start with a digit, not '.'"),
            _ => {}
        }
        if c.is_ascii_digit() {
            return State::DecimalNumber;
        }
        let found = quote_character(c);
        self.fail(format!("expected a digit but got {found}"))
    }

    pub(super) fn bool(&mut self) -> State {
        let mut word = String::new();
        loop {
            let c = self.next();
            if !c.is_alphabetic() {
                self.backup();
                break;
            }
            word.push(c);
        }
        if word == "true" || word == "false" {
            return self.finish(Token::Bool);
        }
        let found = quote(&word);
        self.fail(format!("expected value but found {found} instead"))
    }

    pub(super) fn number_end(&mut self, token: Token) -> State {
        self.backup();
        self.finish(token)
    }
}
