//! How a text is written: takes the text, gives its style and writes it in that, never decides
//! indentation.

use crate::resolve::{Flavour, Resolved, resolve_untagged};
use crate::write::{BEST_WIDTH, Writer};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// In single quotes.
    SingleQuoted,
    /// In double quotes, with escapes.
    DoubleQuoted,
    /// After `|`.
    Literal,
}

/// A text with what was found out about it.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the writer's questions to a text"
)]
pub(crate) struct Text<'t> {
    value: &'t str,
    is_simple: bool,
    plain_allowed: bool,
    single_quoted_allowed: bool,
    block_allowed: bool,
}

impl<'t> Text<'t> {
    /// Looks through a text.
    pub(crate) fn new(value: &'t str, flavour: Flavour) -> Self {
        let mut text = Self {
            value,
            is_simple: is_simple(value),
            plain_allowed: true,
            single_quoted_allowed: true,
            block_allowed: !value.is_empty(),
        };
        if text.is_simple {
            let bytes = value.as_bytes();
            let ends_blank = bytes.last() == Some(&b' ');
            text.plain_allowed =
                !(ends_blank || bytes.first() == Some(&b' ') || has_simple_indicator(bytes));
            text.block_allowed &= !ends_blank;
            return text;
        }
        let pairs = || value.chars().zip(value.chars().skip(1));
        // The newer library quotes a tab, but lets it stand in a block.
        let has_tab = flavour == Flavour::V3 && value.contains('\t');
        let is_special = |character| !(is_printable(character) || has_tab && character == '\t');
        let special = value.chars().any(is_special);
        let space_before_break = pairs().any(|(one, next)| one == ' ' && is_break(next));
        let space_after_break = pairs().any(|(one, next)| is_break(one) && next == ' ');
        let at_edge = |test: fn(char) -> bool| value.starts_with(test) || value.ends_with(test);
        if at_edge(|character| character == ' ' || is_break(character))
            || text.is_multiline()
            || has_block_indicator(value)
        {
            text.plain_allowed = false;
        }
        if value.ends_with(' ') {
            text.block_allowed = false;
        }
        if space_after_break || has_tab {
            text.plain_allowed = false;
            text.single_quoted_allowed = false;
        }
        if space_before_break || special {
            text.plain_allowed = false;
            text.single_quoted_allowed = false;
            text.block_allowed = false;
        }
        text
    }

    /// Returns true for texts of one line of printable characters of ASCII, as most are.
    pub(crate) fn is_simple(&self) -> bool {
        self.is_simple
    }

    /// Returns true where a line break is in it.
    pub(crate) fn is_multiline(&self) -> bool {
        !self.is_simple && self.value.contains(is_break)
    }

    /// Returns the style; a key without `?` must stay on its line.
    pub(crate) fn style(&self, simple_key: bool) -> Style {
        let wanted = if !self.is_simple && self.value.contains('\n') {
            Style::Literal
        } else if resolve_untagged(self.value) == Resolved::String && !is_sexagesimal(self.value) {
            Style::Plain
        } else {
            Style::DoubleQuoted
        };
        match wanted {
            _ if simple_key && self.is_multiline() => Style::DoubleQuoted,
            Style::Literal if !self.block_allowed || simple_key => Style::DoubleQuoted,
            Style::Plain if self.plain_allowed => Style::Plain,
            Style::Plain if self.single_quoted_allowed => Style::SingleQuoted,
            Style::Plain => Style::DoubleQuoted,
            other => other,
        }
    }
}

/// Returns true for texts of one line of printable characters of ASCII, as most are.
pub(crate) fn is_simple(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Returns what [`has_block_indicator`] does for a simple text.
fn has_simple_indicator(bytes: &[u8]) -> bool {
    let blank_follows = |at: usize| bytes.get(at + 1).is_none_or(|&next| next == b' ');
    match bytes.first() {
        None => return false,
        Some(
            b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' | b'#',
        ) => return true,
        Some(b'?' | b'-') if blank_follows(0) => return true,
        Some(b'-' | b'.') if bytes.starts_with(b"---") || bytes.starts_with(b"...") => return true,
        Some(_) => {}
    }
    bytes.iter().enumerate().any(|(at, &byte)| match byte {
        b':' => blank_follows(at),
        b'#' => bytes[at - 1] == b' ',
        _ => false,
    })
}

/// Returns true where a text without quotes would be taken for something else in block style.
fn has_block_indicator(value: &str) -> bool {
    if value.starts_with("---") || value.starts_with("...") {
        return true;
    }
    let mut previous = ' ';
    let mut characters = value.chars().peekable();
    let mut first = true;
    while let Some(character) = characters.next() {
        let blank_follows = characters
            .peek()
            .is_none_or(|next| matches!(next, ' ' | '\t'));
        let indicates = match character {
            ':' => blank_follows,
            '#' => first || is_blank(previous),
            '?' | '-' => first && blank_follows,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`' => first,
            _ => false,
        };
        if indicates {
            return true;
        }
        first = false;
        previous = character;
    }
    false
}

/// Returns true for white space, line breaks and NUL.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\0') || is_break(character)
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns true for what Go's writer does not escape; beyond the basic plane it escapes all.
fn is_printable(character: char) -> bool {
    matches!(
        character,
        '\n' | ' '..='~' | '\u{A0}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFFD}'
    )
}

/// Returns true for numbers of base 60, such as `1:30`, which YAML 1.1 knows and Go does not read,
/// but quotes for the sake of others.
fn is_sexagesimal(value: &str) -> bool {
    if !value.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+')) {
        return false;
    }
    let value = value.strip_prefix(['-', '+']).unwrap_or(value);
    let value = match value.rsplit_once('.') {
        Some((whole, fraction))
            if fraction
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_') =>
        {
            whole
        }
        _ => value,
    };
    let mut parts = value.split(':');
    let starts = parts.next().is_some_and(|first| {
        first.starts_with(|character: char| character.is_ascii_digit())
            && first
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_')
    });
    let mut count = 0;
    let sixties = parts.all(|part| {
        count += 1;
        match part.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
            _ => false,
        }
    });
    starts && sixties && count > 0
}

impl Writer {
    /// Writes a text as it is.
    pub(crate) fn write_plain(&mut self, value: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.write_folded(value, Style::Plain);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a text in single quotes.
    pub(crate) fn write_single_quoted(&mut self, value: &str) {
        self.indicator("'", true, false, false);
        self.write_folded(value, Style::SingleQuoted);
        self.indicator("'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes words, and a line break in place of a single space where the line is long.
    fn write_folded(&mut self, value: &str, style: Style) {
        let has_room = self.simple_key || self.column + value.len() <= BEST_WIDTH;
        let as_it_is = style == Style::Plain || !value.contains('\'');
        if has_room && as_it_is && !value.is_empty() && is_simple(value) {
            self.put_simple(value);
            self.indention &= value.bytes().all(|byte| byte == b' ');
            return;
        }
        let (mut spaces, mut breaks) = (false, false);
        let mut characters = value.char_indices().peekable();
        let last = value.len().saturating_sub(1);
        while let Some((index, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if character == ' ' {
                let inside = style == Style::Plain || (index > 0 && index < last);
                if !self.simple_key && !spaces && self.is_long() && inside && next != Some(' ') {
                    self.write_indent();
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else if is_break(character) {
                if !breaks && character == '\n' {
                    self.put_break('\n');
                }
                self.put_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if character == '\'' && style == Style::SingleQuoted {
                    self.put('\'');
                }
                self.put(character);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
    }

    /// Writes a text in double quotes.
    pub(crate) fn write_double_quoted(&mut self, value: &str) {
        self.indicator("\"", true, false, false);
        // Go's writer looks for a byte order mark at the beginning, whatever character it is at:
        // after one it escapes everything.
        let escape_all = value.starts_with('\u{FEFF}');
        let mut spaces = false;
        let mut characters = value.char_indices().peekable();
        while let Some((index, character)) = characters.next() {
            let escaped = escape_all
                || !is_printable(character)
                || is_break(character)
                || matches!(character, '"' | '\\');
            if escaped {
                for part in escape(character).chars() {
                    self.put(part);
                }
                spaces = false;
            } else if character == ' ' {
                let inside = index > 0 && index + 1 < value.len();
                if !self.simple_key && !spaces && self.is_long() && inside {
                    self.write_indent();
                    if characters.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(character);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a text after `|`, with the hints that it needs.
    pub(crate) fn write_literal(&mut self, value: &str) {
        self.indicator("|", true, false, false);
        if value.starts_with(|character| character == ' ' || is_break(character)) {
            self.indicator("2", false, false, false);
        }
        let mut backwards = value.chars().rev();
        match (
            backwards.next().is_some_and(is_break),
            backwards.next().map(is_break),
        ) {
            (false, _) => self.indicator("-", false, false, false),
            (true, None | Some(true)) => self.indicator("+", false, false, false),
            (true, Some(false)) => {}
        }
        self.put_break('\n');
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        if value
            .bytes()
            .all(|byte| matches!(byte, b'\n' | b' '..=b'~'))
        {
            for line in value.split_inclusive('\n') {
                let (content, broken) = match line.strip_suffix('\n') {
                    Some(content) => (content, true),
                    None => (line, false),
                };
                if !content.is_empty() {
                    self.write_indent();
                    self.put_simple(content);
                    self.indention = false;
                }
                if broken {
                    self.put_break('\n');
                    self.indention = true;
                }
            }
            return;
        }
        for character in value.chars() {
            if is_break(character) {
                self.put_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(character);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

/// Returns the escape of a character.
fn escape(character: char) -> String {
    let letter = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{B}' => 'v',
        '\u{C}' => 'f',
        '\r' => 'r',
        '\u{1B}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{A0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other => {
            let code = u32::from(other);
            return match code {
                0..=0xFF => format!("\\x{code:02X}"),
                0x100..=0xFFFF => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_of_simple_texts_are_found_as_those_of_any_text() {
        let pieces = [
            "", " ", "-", ":", "#", "?", "a", ".", "---", "'", "{", "@", ",", "~",
        ];
        for one in pieces {
            for two in pieces {
                for three in pieces {
                    let text = format!("{one}{two}{three}");
                    let expected = has_block_indicator(&text);
                    assert_eq!(has_simple_indicator(text.as_bytes()), expected, "{text:?}");
                }
            }
        }
    }
}
