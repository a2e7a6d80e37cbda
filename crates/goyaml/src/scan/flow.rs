//! Scalars with quotes and without: takes the position at their beginning, gives the token with
//! the text unescaped and lines folded, never decides its type.

use super::cursor::{END, is_blank, is_blank_or_end, is_break};
use super::{Mark, Scanner, Token, TokenKind};
use crate::error::Error;

/// White space and line breaks between two words of a scalar, which become one text or another
/// depending on what follows.
#[derive(Default)]
struct Gap {
    /// A line break was seen.
    broken: bool,
    blanks: String,
    first_break: String,
    more_breaks: String,
}

impl Gap {
    /// Appends what the gap stands for and empties it: blanks as they are, one line break as a
    /// space, several as all but the first.
    fn fold_into(&mut self, text: &mut String) {
        if self.broken {
            if self.first_break.starts_with('\n') {
                if self.more_breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&self.first_break);
            }
            text.push_str(&self.more_breaks);
        } else {
            text.push_str(&self.blanks);
        }
        *self = Self::default();
    }
}

impl Scanner {
    /// Scans a scalar in single or double quotes.
    pub(super) fn scan_quoted_scalar(&mut self, quote: char) -> Result<Token, Error> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut value = String::new();
        loop {
            if self.cursor.at_document_indicator() {
                return Err(self.error(start, "found unexpected document indicator"));
            }
            if self.cursor.at(0) == END {
                return Err(self.error(start, "found unexpected end of stream"));
            }
            let mut gap = Gap::default();
            if self.scan_quoted_word(quote, start, &mut value)? {
                // The line was broken on purpose: no space, and blanks that follow do not count.
                gap.broken = true;
            }
            if self.cursor.at(0) == quote {
                break;
            }
            self.scan_gap(&mut gap, None, start)?;
            gap.fold_into(&mut value);
        }
        self.cursor.skip();
        let kind = TokenKind::Scalar {
            value,
            plain: false,
        };
        Ok(Token {
            kind,
            start,
            end: self.cursor.mark,
        })
    }

    /// Scans to the next white space or closing quote; returns true after an escaped line break.
    fn scan_quoted_word(
        &mut self,
        quote: char,
        start: Mark,
        value: &mut String,
    ) -> Result<bool, Error> {
        while !is_blank_or_end(self.cursor.at(0)) {
            let (first, second) = (self.cursor.at(0), self.cursor.at(1));
            if quote == '\'' && first == '\'' && second == '\'' {
                value.push('\'');
                self.cursor.skip_many(2);
            } else if first == quote {
                return Ok(false);
            } else if quote == '"' && first == '\\' {
                if is_break(second) {
                    self.cursor.skip();
                    self.cursor.skip_line();
                    return Ok(true);
                }
                self.scan_escape(start, value)?;
            } else {
                self.cursor.take(value);
            }
        }
        Ok(false)
    }

    /// Scans a backslash and what it stands for.
    fn scan_escape(&mut self, start: Mark, value: &mut String) -> Result<(), Error> {
        let (text, digits) = match self.cursor.at(1) {
            '0' => ('\0', 0),
            'a' => ('\u{7}', 0),
            'b' => ('\u{8}', 0),
            't' | '\t' => ('\t', 0),
            'n' => ('\n', 0),
            'v' => ('\u{B}', 0),
            'f' => ('\u{C}', 0),
            'r' => ('\r', 0),
            'e' => ('\u{1B}', 0),
            same @ (' ' | '"' | '\'' | '\\') => (same, 0),
            'N' => ('\u{85}', 0),
            '_' => ('\u{A0}', 0),
            'L' => ('\u{2028}', 0),
            'P' => ('\u{2029}', 0),
            'x' => (END, 2),
            'u' => (END, 4),
            'U' => (END, 8),
            _ => return Err(self.error(start, "found unknown escape character")),
        };
        self.cursor.skip_many(2);
        if digits == 0 {
            value.push(text);
            return Ok(());
        }
        let mut code: u32 = 0;
        for ahead in 0..digits {
            let Some(digit) = self.cursor.at(ahead).to_digit(16) else {
                return Err(self.error(start, "did not find expected hexdecimal number"));
            };
            code = code.wrapping_mul(16).wrapping_add(digit);
        }
        let Some(character) = char::from_u32(code) else {
            return Err(self.error(start, "found invalid Unicode character escape code"));
        };
        value.push(character);
        self.cursor.skip_many(digits);
        Ok(())
    }

    /// Scans a scalar without quotes.
    pub(super) fn scan_plain_scalar(&mut self) -> Result<Token, Error> {
        let start = self.cursor.mark;
        let mut end = start;
        let indent = self.indent + 1;
        let mut value = String::new();
        let mut gap = Gap::default();
        loop {
            if self.cursor.at_document_indicator() || self.cursor.at(0) == '#' {
                break;
            }
            while !is_blank_or_end(self.cursor.at(0)) && !self.at_plain_end() {
                if gap.broken || !gap.blanks.is_empty() {
                    gap.fold_into(&mut value);
                }
                self.cursor.take(&mut value);
                end = self.cursor.mark;
            }
            if !is_blank(self.cursor.at(0)) && !is_break(self.cursor.at(0)) {
                break;
            }
            self.scan_gap(&mut gap, Some(indent), start)?;
            if self.flow_level == 0 && i64::from(self.cursor.mark.column) < indent {
                break;
            }
        }
        // A line break after it, and the next line may begin with a key.
        if gap.broken {
            self.simple_key_allowed = true;
        }
        Ok(Token {
            kind: TokenKind::Scalar { value, plain: true },
            start,
            end,
        })
    }

    /// Returns true at an indicator that ends a scalar without quotes.
    fn at_plain_end(&self) -> bool {
        match self.cursor.at(0) {
            ':' => is_blank_or_end(self.cursor.at(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.flow_level > 0,
            _ => false,
        }
    }

    /// Scans white space and line breaks; without quotes, no tab before the column `indent`.
    fn scan_gap(&mut self, gap: &mut Gap, indent: Option<i64>, start: Mark) -> Result<(), Error> {
        loop {
            let character = self.cursor.at(0);
            if is_blank(character) {
                let column = i64::from(self.cursor.mark.column);
                if gap.broken && character == '\t' && indent.is_some_and(|indent| column < indent) {
                    let message = "found a tab character that violates indentation";
                    return Err(self.error(start, message));
                }
                if gap.broken {
                    self.cursor.skip();
                } else {
                    self.cursor.take(&mut gap.blanks);
                }
            } else if is_break(character) {
                if gap.broken {
                    self.cursor.take_line(&mut gap.more_breaks);
                } else {
                    gap.broken = true;
                    gap.blanks.clear();
                    self.cursor.take_line(&mut gap.first_break);
                }
            } else {
                return Ok(());
            }
        }
    }
}
