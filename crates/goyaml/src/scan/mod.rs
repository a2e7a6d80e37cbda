//! The scanner: takes a text, gives tokens one by one as libyaml would cut it, never looks further
//! ahead than it must (what follows the first document may be broken).
//!
//! YAML 1.2 scanners accept and refuse other texts than libyaml (tabs, `?` and `:` in flow style,
//! indentation of quoted scalars, keys over 1,024 characters), hence this one.

mod block;
mod cursor;
mod directive;
mod fetch;
mod flow;
mod token;

use std::collections::VecDeque;

use crate::error::Error;
use crate::limits::{MAX_DEPTH, MAX_TOKENS};

use cursor::Cursor;
pub(crate) use cursor::is_break;
pub(crate) use token::{Mark, Token, TokenKind};

/// A place where a key without `?` may have begun.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    /// The place is still in question.
    possible: bool,
    /// There must be a key, since the place is at the indentation of a map.
    required: bool,
    /// Which token it would precede, counted from the beginning of the text.
    token_number: usize,
    /// Where it is.
    mark: Mark,
    /// The token after it is kept back until the question is settled.
    holds: bool,
}

/// The scanner's state.
#[derive(Debug)]
pub(crate) struct Scanner {
    cursor: Cursor,
    /// Tokens that were cut and not yet taken.
    tokens: VecDeque<Token>,
    /// How many tokens were taken.
    taken: usize,
    /// The indentation of the innermost block collection; -1 outside.
    indent: i64,
    /// The indentations around it.
    indents: Vec<i64>,
    /// How many flow collections are open.
    flow_level: usize,
    /// One place per open flow collection, and one for the block context.
    simple_keys: Vec<SimpleKey>,
    /// A key without `?` may begin here.
    simple_key_allowed: bool,
    /// The end was cut.
    ended: bool,
}

impl Scanner {
    /// Returns a scanner at the beginning of a text.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_keys: vec![SimpleKey::default()],
            simple_key_allowed: true,
            ended: false,
        }
    }

    /// Returns the next token and leaves it there.
    pub(crate) fn peek(&mut self) -> Result<&Token, Error> {
        while self.needs_more()? && !self.ended {
            self.fetch_next()?;
        }
        Ok(self
            .tokens
            .front()
            .expect("the end of the text is a token that stays"))
    }

    /// Takes the next token; the end of the text stays.
    pub(crate) fn next(&mut self) -> Result<Token, Error> {
        if self.peek()?.kind == TokenKind::StreamEnd {
            return self.peek().cloned();
        }
        self.taken += 1;
        if self.taken > MAX_TOKENS {
            let message = format!("document contains more than {MAX_TOKENS} tokens");
            return Err(self.error(self.cursor.mark, message));
        }
        Ok(self.tokens.pop_front().expect("a token was just peeked"))
    }

    /// Returns true while the front of the queue is empty or might yet turn out to be a key.
    fn needs_more(&mut self) -> Result<bool, Error> {
        if self.tokens.is_empty() {
            return Ok(true);
        }
        let taken = self.taken;
        let Some(level) = self
            .simple_keys
            .iter()
            .rposition(|key| key.holds && key.token_number == taken)
        else {
            return Ok(false);
        };
        self.simple_key_is_valid(level)
    }

    /// Returns true where the place of `level` can still be a key: same line, 1,024 characters.
    fn simple_key_is_valid(&mut self, level: usize) -> Result<bool, Error> {
        const REACH: usize = 1024;
        let key = self.simple_keys[level];
        if !key.possible {
            return Ok(false);
        }
        let here = self.cursor.mark;
        if key.mark.line < here.line || key.mark.index + REACH < here.index {
            if key.required {
                return Err(self.error(key.mark, "could not find expected ':'"));
            }
            self.simple_keys[level].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Notes that a key may begin here.
    fn save_simple_key(&mut self) -> Result<(), Error> {
        if self.simple_key_allowed {
            let mark = self.cursor.mark;
            let required = self.flow_level == 0 && self.indent == i64::from(mark.column);
            let token_number = self.taken + self.tokens.len();
            self.remove_simple_key()?;
            if let Some(place) = self.simple_keys.last_mut() {
                *place = SimpleKey {
                    possible: true,
                    required,
                    token_number,
                    mark,
                    holds: true,
                };
            }
        }
        Ok(())
    }

    /// Gives up the place on this level.
    fn remove_simple_key(&mut self) -> Result<(), Error> {
        let Some(place) = self.simple_keys.last().copied() else {
            return Ok(());
        };
        if place.possible && place.required {
            return Err(self.error(place.mark, "could not find expected ':'"));
        }
        if let Some(place) = self.simple_keys.last_mut() {
            place.possible = false;
            place.holds = false;
        }
        Ok(())
    }

    /// Opens a block collection where the column is deeper than the indentation; `number` is the
    /// token before which it begins, or none for the end of the queue.
    fn roll_indent(
        &mut self,
        column: u32,
        number: Option<usize>,
        kind: TokenKind,
        mark: Mark,
    ) -> Result<(), Error> {
        let column = i64::from(column);
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return Err(self.error(mark, format!("exceeded max depth of {MAX_DEPTH}")));
        }
        self.insert(
            number,
            Token {
                kind,
                start: mark,
                end: mark,
            },
        );
        Ok(())
    }

    /// Inserts a token before another, or at the end of the queue; there too where the other was
    /// already taken (Go's scanner does so after `{}` and `[]`, which then are no keys).
    fn insert(&mut self, number: Option<usize>, token: Token) {
        match number.and_then(|number| number.checked_sub(self.taken)) {
            Some(position) => self.tokens.insert(position, token),
            None => self.tokens.push_back(token),
        }
    }

    /// Closes the block collections that are deeper than the column.
    fn unroll_indent(&mut self, column: i64) {
        if self.flow_level > 0 {
            return;
        }
        let mark = self.cursor.mark;
        while self.indent > column {
            self.tokens.push_back(Token {
                kind: TokenKind::BlockEnd,
                start: mark,
                end: mark,
            });
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Returns an error at the current place, with the line that Go's reader would print.
    fn error(&self, context: Mark, message: impl Into<String>) -> Error {
        let here = self.cursor.mark;
        let go_line = if here.line == 0 {
            context.line
        } else {
            here.line + 1
        };
        Error::with_go_line(here.into(), go_line, message)
    }
}
