//! Literal and folded scalars: takes the position at `|` or `>`, gives the token with indentation
//! taken off, lines folded and the end chomped, never anything but a string.

use super::cursor::{END, is_blank, is_break, is_break_or_end};
use super::{Mark, Scanner, Token, TokenKind};
use crate::error::Error;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    /// One stays.
    Clip,
    /// None stays: `-`.
    Strip,
    /// All stay: `+`.
    Keep,
}

impl Scanner {
    /// Scans a block scalar; `literal` or folded.
    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<Token, Error> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let (chomping, increment) = self.scan_block_header(start)?;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !is_break_or_end(self.cursor.at(0)) {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.cursor.skip_line();

        let mut indent = match increment {
            0 => 0,
            increment => self.indent.max(0) + increment,
        };
        let mut value = String::new();
        let mut first_break = String::new();
        let mut breaks = String::new();
        let mut after_blank = false;
        let mut end = self.scan_block_breaks(&mut indent, &mut breaks, start)?;
        while i64::from(self.cursor.mark.column) == indent && self.cursor.at(0) != END {
            let blank = is_blank(self.cursor.at(0));
            if !literal && !after_blank && !blank && first_break.starts_with('\n') {
                if breaks.is_empty() {
                    value.push(' ');
                }
            } else {
                value.push_str(&first_break);
            }
            first_break.clear();
            value.push_str(&breaks);
            breaks.clear();
            after_blank = blank;
            while !is_break_or_end(self.cursor.at(0)) {
                self.cursor.take(&mut value);
            }
            self.cursor.take_line(&mut first_break);
            end = self.scan_block_breaks(&mut indent, &mut breaks, start)?;
        }
        if chomping != Chomping::Strip {
            value.push_str(&first_break);
        }
        if chomping == Chomping::Keep {
            value.push_str(&breaks);
        }
        Ok(Token {
            kind: TokenKind::Scalar {
                value,
                plain: false,
            },
            start,
            end,
        })
    }

    /// Scans the indicators for chomping and indentation, in either order.
    fn scan_block_header(&mut self, start: Mark) -> Result<(Chomping, i64), Error> {
        let mut chomping = None;
        let mut increment = 0;
        for _ in 0..2 {
            match self.cursor.at(0) {
                '+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                '-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                '0' if increment == 0 => {
                    return Err(self.error(start, "found an indentation indicator equal to 0"));
                }
                digit @ '1'..='9' if increment == 0 => {
                    increment = digit.to_digit(10).map_or(0, i64::from);
                }
                _ => break,
            }
            self.cursor.skip();
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    /// Scans indentation and empty lines, and finds the indentation out where it is yet 0;
    /// returns where the scalar ends if nothing more follows.
    fn scan_block_breaks(
        &mut self,
        indent: &mut i64,
        breaks: &mut String,
        start: Mark,
    ) -> Result<Mark, Error> {
        let mut end = self.cursor.mark;
        let mut deepest = 0;
        loop {
            let within = |column: u32| *indent == 0 || i64::from(column) < *indent;
            while within(self.cursor.mark.column) && self.cursor.at(0) == ' ' {
                self.cursor.skip();
            }
            deepest = deepest.max(i64::from(self.cursor.mark.column));
            if within(self.cursor.mark.column) && self.cursor.at(0) == '\t' {
                return Err(self.error(
                    start,
                    "found a tab character where an indentation space is expected",
                ));
            }
            if !is_break(self.cursor.at(0)) {
                break;
            }
            self.cursor.take_line(breaks);
            end = self.cursor.mark;
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(end)
    }
}
