//! Where the lexer stands: takes characters from the text and puts them back, counts lines, keeps what
//! is found until it is asked for; never knows what a character means.

use super::super::token::{END, Item, Token};
use super::{Lexer, State, is_blank};

impl<'text> Lexer<'text> {
    pub(super) fn current(&self) -> &'text str {
        self.text.get(self.start..self.position).unwrap_or_default()
    }

    pub(super) fn push_item(&mut self, token: Token, text: String, line: i64) {
        self.items.push_back(Item { token, text, line });
    }

    pub(super) fn emit(&mut self, token: Token) {
        self.push_item(token, self.current().to_owned(), self.line);
        self.start = self.position;
    }

    /// Emits a token and goes on as before it.
    pub(super) fn finish(&mut self, token: Token) -> State {
        self.emit(token);
        self.pop()
    }

    pub(super) fn pop(&mut self) -> State {
        self.stack.pop().unwrap_or(State::Stopped)
    }

    pub(super) fn next(&mut self) -> char {
        let rest = &self.text[self.position..];
        let Some(c) = rest.chars().next() else {
            self.at_end = true;
            return END;
        };
        let is_control = c < ' ' && !matches!(c, '\t' | '\r' | '\n') || c == '\u{7f}';
        if is_control || c == '\r' && !rest.starts_with("\r\n") {
            let code = u32::from(c);
            self.push_item(
                Token::Error,
                format!("TOML files cannot contain control characters: '0x{code:02x}'"),
                self.line,
            );
            return char::REPLACEMENT_CHARACTER;
        }
        if c == '\n' {
            self.line += 1;
        }
        self.position += c.len_utf8();
        c
    }

    pub(super) fn backup(&mut self) {
        if self.at_end {
            self.at_end = false;
            return;
        }
        // Nothing was taken where the character before is the beginning of the text.
        let Some(last) = self.text[..self.position].chars().next_back() else {
            return;
        };
        self.position -= last.len_utf8();
        if last == '\n' {
            self.line -= 1;
        }
    }

    pub(super) fn accept(&mut self, wanted: char) -> bool {
        if self.next() == wanted {
            return true;
        }
        self.backup();
        false
    }

    pub(super) fn peek(&mut self) -> char {
        let c = self.next();
        // A refused character was not taken.
        if self.items.is_empty() || self.at_end {
            self.backup();
        }
        c
    }

    pub(super) fn skip_blanks(&mut self) {
        while is_blank(self.next()) {}
        self.backup();
        self.start = self.position;
    }

    /// Ignores what was taken and goes on.
    pub(super) fn skip(&mut self, state: State) -> State {
        self.start = self.position;
        state
    }

    pub(super) fn fail(&mut self, message: impl Into<String>) -> State {
        let before = self.text[..self.position].ends_with('\n');
        let line = self.line - i64::from(self.at_end && before);
        self.push_item(Token::Error, message.into(), line);
        State::Stopped
    }

    /// Complains of the line before, so that a line's end is not shown as a line of its own.
    pub(super) fn fail_line_before(&mut self, message: impl Into<String>) -> State {
        self.push_item(Token::Error, message.into(), self.line - 1);
        State::Stopped
    }
}
