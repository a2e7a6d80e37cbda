//! The dispatcher: takes the character at the position, gives the token or tokens that begin
//! there, never scans a scalar, anchor, tag or directive itself.

use super::cursor::{END, is_blank, is_blank_or_end, is_break};
use super::{Scanner, SimpleKey, Token, TokenKind};
use crate::error::Error;
use crate::limits::MAX_DEPTH;

impl Scanner {
    /// Cuts the next token and appends it to the queue.
    pub(super) fn fetch_next(&mut self) -> Result<(), Error> {
        self.skip_to_token();
        self.unroll_indent(i64::from(self.cursor.mark.column));

        let first = self.cursor.at(0);
        let second = self.cursor.at(1);
        let in_flow = self.flow_level > 0;
        match first {
            END => self.fetch_end(),
            '%' if self.cursor.mark.column == 0 => self.fetch_directive(),
            '-' if self.cursor.at_indicator('-') => {
                self.fetch_document_indicator(TokenKind::DocumentStart)
            }
            '.' if self.cursor.at_indicator('.') => {
                self.fetch_document_indicator(TokenKind::DocumentEnd)
            }
            '[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            '{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            ']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            ',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.push_indicator(TokenKind::FlowEntry, 1);
                Ok(())
            }
            '-' if is_blank_or_end(second) => self.fetch_block_entry(),
            '?' if in_flow || is_blank_or_end(second) => self.fetch_key(),
            ':' if in_flow || is_blank_or_end(second) => self.fetch_value(),
            '*' | '&' => {
                self.begin_node()?;
                let token = self.scan_anchor()?;
                self.tokens.push_back(token);
                Ok(())
            }
            '!' => {
                self.begin_node()?;
                let token = self.scan_tag()?;
                self.tokens.push_back(token);
                Ok(())
            }
            '|' | '>' if !in_flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                let token = self.scan_block_scalar(first == '|')?;
                self.tokens.push_back(token);
                Ok(())
            }
            '\'' | '"' => {
                self.begin_node()?;
                let token = self.scan_quoted_scalar(first)?;
                self.tokens.push_back(token);
                Ok(())
            }
            _ if self.may_begin_plain(first, second) => {
                self.begin_node()?;
                let token = self.scan_plain_scalar()?;
                self.tokens.push_back(token);
                Ok(())
            }
            _ => Err(self.error(
                self.cursor.mark,
                "found character that cannot start any token",
            )),
        }
    }

    /// Returns true where a scalar without quotes may begin.
    fn may_begin_plain(&self, first: char, second: char) -> bool {
        const INDICATORS: &str = "-?:,[]{}#&*!|>'\"%@`";
        if !is_blank_or_end(first) && !INDICATORS.contains(first) {
            return true;
        }
        match first {
            '-' => !is_blank(second),
            '?' | ':' => self.flow_level == 0 && !is_blank_or_end(second),
            _ => false,
        }
    }

    /// Notes a possible key; none can follow on the same line without `:`.
    fn begin_node(&mut self) -> Result<(), Error> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    /// Moves over blanks, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            if self.cursor.mark.column == 0 && self.cursor.at(0) == '\u{FEFF}' {
                self.cursor.skip();
            }
            // Tabs separate tokens, but do not indent: none where a key might begin.
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            while self.cursor.at(0) == ' ' || (tabs && self.cursor.at(0) == '\t') {
                self.cursor.skip();
            }
            self.cursor.skip_comment();
            if !is_break(self.cursor.at(0)) {
                return;
            }
            self.cursor.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Appends a token of `length` characters and moves over them.
    fn push_indicator(&mut self, kind: TokenKind, length: usize) {
        let start = self.cursor.mark;
        self.cursor.skip_many(length);
        self.tokens.push_back(Token {
            kind,
            start,
            end: self.cursor.mark,
        });
    }

    fn fetch_end(&mut self) -> Result<(), Error> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(TokenKind::StreamEnd, 0);
        self.ended = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.save_simple_key()?;
        let token_number = self.taken + self.tokens.len();
        self.simple_keys.push(SimpleKey {
            token_number,
            ..SimpleKey::default()
        });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            let here = self.cursor.mark;
            return Err(self.error(here, format!("exceeded max depth of {MAX_DEPTH}")));
        }
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // In Go's scanner, an empty collection ceases to be held back as a possible key.
            if let Some(SimpleKey { token_number, .. }) = self.simple_keys.pop() {
                for place in &mut self.simple_keys {
                    place.holds &= place.token_number != token_number;
                }
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            self.open_block(
                TokenKind::BlockSequenceStart,
                "block sequence entries are not allowed in this context",
            )?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if self.flow_level == 0 {
            self.open_block(
                TokenKind::BlockMappingStart,
                "mapping keys are not allowed in this context",
            )?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        let level = self.simple_keys.len() - 1;
        if self.simple_key_is_valid(level)? {
            let SimpleKey {
                token_number, mark, ..
            } = self.simple_keys[level];
            let key = Token {
                kind: TokenKind::Key,
                start: mark,
                end: mark,
            };
            self.insert(Some(token_number), key);
            self.roll_indent(
                mark.column,
                Some(token_number),
                TokenKind::BlockMappingStart,
                mark,
            )?;
            self.simple_keys[level].possible = false;
            self.simple_keys[level].holds = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                self.open_block(
                    TokenKind::BlockMappingStart,
                    "mapping values are not allowed in this context",
                )?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// Opens a block collection at this column, where one may begin.
    fn open_block(&mut self, kind: TokenKind, refusal: &str) -> Result<(), Error> {
        let here = self.cursor.mark;
        if !self.simple_key_allowed {
            return Err(self.error(here, refusal));
        }
        self.roll_indent(here.column, None, kind, here)
    }
}
