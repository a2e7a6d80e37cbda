//! Anchors, aliases, tags and directives: takes the position at their first character, gives the
//! token, never resolves a handle.

use super::cursor::{is_blank, is_blank_or_end, is_break_or_end, is_word};
use super::{Mark, Scanner, Token, TokenKind};
use crate::error::Error;

impl Scanner {
    /// Scans `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Result<Token, Error> {
        let start = self.cursor.mark;
        let alias = self.cursor.at(0) == '*';
        self.cursor.skip();
        let name = self.scan_word();
        let next = self.cursor.at(0);
        if name.is_empty() || !(is_blank_or_end(next) || "?:,]}%@`".contains(next)) {
            let message = "did not find expected alphabetic or numeric character";
            return Err(self.error(start, message));
        }
        let kind = if alias {
            TokenKind::Alias(name)
        } else {
            TokenKind::Anchor(name)
        };
        Ok(Token {
            kind,
            start,
            end: self.cursor.mark,
        })
    }

    /// Scans `!suffix`, `!handle!suffix` or `!<tag>`.
    pub(super) fn scan_tag(&mut self) -> Result<Token, Error> {
        let start = self.cursor.mark;
        let (handle, suffix) = if self.cursor.at(1) == '<' {
            self.cursor.skip_many(2);
            let suffix = self.scan_tag_text("", start)?;
            if self.cursor.at(0) != '>' {
                return Err(self.error(start, "did not find the expected '>'"));
            }
            self.cursor.skip();
            (String::new(), suffix)
        } else {
            let handle = self.scan_tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.scan_tag_text("", start)?;
                (handle, suffix)
            } else {
                let suffix = self.scan_tag_text(&handle, start)?;
                // The tag `!` alone has no suffix: it is itself the tag.
                if suffix.is_empty() {
                    (String::new(), "!".to_owned())
                } else {
                    ("!".to_owned(), suffix)
                }
            }
        };
        if !is_blank_or_end(self.cursor.at(0)) {
            return Err(self.error(start, "did not find expected whitespace or line break"));
        }
        Ok(Token {
            kind: TokenKind::Tag { handle, suffix },
            start,
            end: self.cursor.mark,
        })
    }

    /// Scans `%YAML` or `%TAG` with what belongs to it, to the end of the line.
    pub(super) fn scan_directive(&mut self) -> Result<Token, Error> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let name = self.scan_word();
        if name.is_empty() {
            return Err(self.error(start, "could not find expected directive name"));
        }
        if !is_blank_or_end(self.cursor.at(0)) {
            return Err(self.error(start, "found unexpected non-alphabetical character"));
        }
        let kind = match name.as_str() {
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_directive(start)?,
            _ => return Err(self.error(start, "found unknown directive name")),
        };
        let end = self.cursor.mark;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !is_break_or_end(self.cursor.at(0)) {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.cursor.skip_line();
        Ok(Token { kind, start, end })
    }

    fn scan_version(&mut self, start: Mark) -> Result<TokenKind, Error> {
        self.cursor.skip_blanks();
        let major = self.scan_version_number(start)?;
        if self.cursor.at(0) != '.' {
            return Err(self.error(start, "did not find expected digit or '.' character"));
        }
        self.cursor.skip();
        let minor = self.scan_version_number(start)?;
        Ok(TokenKind::Version { major, minor })
    }

    fn scan_version_number(&mut self, start: Mark) -> Result<u8, Error> {
        let mut number = None;
        for length in 0.. {
            let Some(digit) = self.cursor.at(0).to_digit(10) else {
                break;
            };
            if length == 2 {
                return Err(self.error(start, "found extremely long version number"));
            }
            number = Some(number.unwrap_or(0) * 10 + u8::try_from(digit).unwrap_or(0));
            self.cursor.skip();
        }
        number.ok_or_else(|| self.error(start, "did not find expected version number"))
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Result<TokenKind, Error> {
        self.cursor.skip_blanks();
        let handle = self.scan_tag_handle(true, start)?;
        if !is_blank(self.cursor.at(0)) {
            return Err(self.error(start, "did not find expected whitespace"));
        }
        self.cursor.skip_blanks();
        let prefix = self.scan_tag_text("", start)?;
        if !is_blank_or_end(self.cursor.at(0)) {
            return Err(self.error(start, "did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }

    fn scan_word(&mut self) -> String {
        let mut word = String::new();
        while is_word(self.cursor.at(0)) {
            self.cursor.take(&mut word);
        }
        word
    }

    /// Scans `!`, `!!` or `!name!`; outside directives also `!name`, which is no handle after all.
    fn scan_tag_handle(&mut self, directive: bool, start: Mark) -> Result<String, Error> {
        if self.cursor.at(0) != '!' {
            return Err(self.error(start, "did not find expected '!'"));
        }
        let mut handle = String::new();
        self.cursor.take(&mut handle);
        handle.push_str(&self.scan_word());
        if self.cursor.at(0) == '!' {
            self.cursor.take(&mut handle);
        } else if directive && handle != "!" {
            return Err(self.error(start, "did not find expected '!'"));
        }
        Ok(handle)
    }

    /// Scans the rest of a tag; `head` is what of it was taken for a handle.
    fn scan_tag_text(&mut self, head: &str, start: Mark) -> Result<String, Error> {
        let mut text = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut found = !head.is_empty();
        loop {
            let character = self.cursor.at(0);
            if character == '%' {
                self.scan_tag_escape(&mut text, start)?;
            } else if is_word(character) || ";/?:@&=+$,.!~*'()[]".contains(character) {
                text.extend(character.to_string().bytes());
                self.cursor.skip();
            } else {
                break;
            }
            found = true;
        }
        if !found {
            return Err(self.error(start, "did not find expected tag URI"));
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Scans the escaped octets of one character.
    fn scan_tag_escape(&mut self, text: &mut Vec<u8>, start: Mark) -> Result<(), Error> {
        let mut left = None;
        while left != Some(0) {
            let digits = (
                self.cursor.at(1).to_digit(16),
                self.cursor.at(2).to_digit(16),
            );
            let ('%', (Some(high), Some(low))) = (self.cursor.at(0), digits) else {
                return Err(self.error(start, "did not find URI escaped octet"));
            };
            let octet = u8::try_from(high * 16 + low).unwrap_or_default();
            left = Some(match left {
                Some(left) if octet & 0xC0 == 0x80 => left - 1,
                Some(_) => {
                    let message = "found an incorrect trailing UTF-8 octet";
                    return Err(self.error(start, message));
                }
                None => match octet {
                    0x00..=0x7F => 0,
                    0xC0..=0xDF => 1,
                    0xE0..=0xEF => 2,
                    0xF0..=0xF7 => 3,
                    _ => {
                        let message = "found an incorrect leading UTF-8 octet";
                        return Err(self.error(start, message));
                    }
                },
            });
            text.push(octet);
            self.cursor.skip_many(3);
        }
        Ok(())
    }
}
