//! The writer's layout: takes values level by level, gives YAML in block style as Go's
//! `yaml.Marshal` lays it out, never decides how a text is quoted.

use std::borrow::Cow;

use crate::emit::{Emit, Shape};
use crate::error::Error;
use crate::limits::{MAX_DEPTH, MAX_WRITTEN};
use crate::node::Kind;
use crate::number::{format_float, not_in_json, through_json};
use crate::order::sort_by_key;
use crate::resolve::Flavour;
use crate::style::{Style, Text};

/// Columns after which a text without line breaks is folded at the next space.
pub(crate) const BEST_WIDTH: usize = 80;
/// Spaces for one more level.
const INDENT: i64 = 2;
/// The longest key, in bytes, that is written without `?`.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Writes a value as `yaml.Marshal` does, with a line feed at the end.
pub(crate) fn write<E: Emit + ?Sized>(value: &E, flavour: Flavour) -> Result<String, Error> {
    let mut writer = Writer {
        flavour,
        out: String::new(),
        column: 0,
        indent: -1,
        whitespace: true,
        indention: true,
        simple_key: false,
        depth: 0,
    };
    writer.node(value, false)?;
    writer.write_indent();
    Ok(writer.out)
}

/// The writer's state.
pub(crate) struct Writer {
    /// The library that is followed; the newer one knows nothing of JSON and folds no lines.
    pub(crate) flavour: Flavour,
    out: String,
    /// Characters written on this line.
    pub(crate) column: usize,
    /// Spaces before the content of the current level; -1 outside of all.
    indent: i64,
    /// The last thing written was white space or counts as it.
    pub(crate) whitespace: bool,
    /// Only indentation and indicators were written on this line.
    pub(crate) indention: bool,
    /// A key without `?` is being written.
    pub(crate) simple_key: bool,
    depth: usize,
}

impl Writer {
    fn node<E: Emit + ?Sized>(&mut self, value: &E, in_mapping: bool) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("exceeded max depth of {MAX_DEPTH}");
            return Err(Error::nowhere(message));
        }
        if self.out.len() > MAX_WRITTEN {
            let message = format!("text is longer than {MAX_WRITTEN} bytes");
            return Err(Error::nowhere(message));
        }
        match value.shape() {
            Shape::Null => self.plain("null"),
            Shape::Bool(value) => self.plain(if value { "true" } else { "false" }),
            Shape::Integer(value) => self.plain(&value.to_string()),
            Shape::Unsigned(value) => self.plain(&value.to_string()),
            Shape::Float(value) => self.float(value)?,
            Shape::String(text) => self.string(&text)?,
            Shape::Word(text) => self.plain(&text),
            Shape::Sequence(items) => self.sequence(&items, in_mapping)?,
            Shape::Mapping(mut entries) => {
                sort_by_key(&mut entries, |(key, _)| key);
                self.mapping(&entries)?;
            }
            Shape::Ordered(entries) => self.mapping(&entries)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn float(&mut self, value: f64) -> Result<(), Error> {
        if self.flavour == Flavour::V3 {
            self.plain(&format_float(value));
            return Ok(());
        }
        if !value.is_finite() {
            return Err(Error::json_nowhere(not_in_json(value)));
        }
        match through_json(value) {
            Kind::Integer(integer) => self.plain(&integer.to_string()),
            Kind::Unsigned(integer) => self.plain(&integer.to_string()),
            // JSON's `-0` is read back as an integer.
            _ if value == 0.0 => self.plain("0"),
            _ => self.plain(&format_float(value)),
        }
        Ok(())
    }

    fn sequence<C: Emit>(&mut self, items: &[C], in_mapping: bool) -> Result<(), Error> {
        if items.is_empty() {
            self.indicator("[", true, true, false);
            self.indicator("]", false, false, false);
            return Ok(());
        }
        let outer = self.indent;
        self.indent = match outer {
            ..0 => 0,
            // Items of a list under a key stand in the key's own column.
            _ if in_mapping && !self.indention && self.flavour == Flavour::V2 => outer,
            _ => outer + INDENT,
        };
        for item in items {
            self.write_indent();
            self.indicator("-", true, false, true);
            self.node(item, false)?;
        }
        self.indent = outer;
        Ok(())
    }

    fn mapping<C: Emit>(&mut self, entries: &[(Cow<'_, str>, C)]) -> Result<(), Error> {
        if entries.is_empty() {
            self.indicator("{", true, true, false);
            self.indicator("}", false, false, false);
            return Ok(());
        }
        let outer = self.indent;
        self.indent = if outer < 0 { 0 } else { outer + INDENT };
        for (key, value) in entries {
            self.write_indent();
            let text = Text::new(key, self.flavour);
            if text.is_multiline() || key.len() > LONGEST_SIMPLE_KEY {
                self.indicator("?", true, false, true);
                self.text(key, &text)?;
                self.write_indent();
                self.indicator(":", true, false, true);
            } else {
                self.simple_key = true;
                self.text(key, &text)?;
                self.simple_key = false;
                self.indicator(":", false, false, false);
            }
            self.node(value, true)?;
        }
        self.indent = outer;
        Ok(())
    }

    /// Writes a text in the style that suits it.
    fn string(&mut self, value: &str) -> Result<(), Error> {
        self.text(value, &Text::new(value, self.flavour))
    }

    /// Writes a text that was looked through in the style that suits it.
    fn text(&mut self, value: &str, text: &Text<'_>) -> Result<(), Error> {
        // Go writes through JSON and its own reader, which does not take these.
        if self.flavour == Flavour::V2 && !text.is_simple() && value.contains(is_refused) {
            return Err(Error::nowhere("control characters are not allowed"));
        }
        let style = text.style(self.simple_key);
        let has_room = self.simple_key || self.column + value.len() <= BEST_WIDTH;
        if style == Style::Plain && has_room && text.is_simple() {
            self.put_word(value);
        } else {
            self.scalar(value, style);
        }
        Ok(())
    }

    /// Writes a text as it is, where it fits on the line and nothing in it ends one.
    fn put_word(&mut self, word: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.put_simple(word);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a word that needs no quotes.
    fn plain(&mut self, word: &str) {
        self.scalar(word, Style::Plain);
    }

    fn scalar(&mut self, value: &str, style: Style) {
        let outer = self.indent;
        self.indent = if outer < 0 { INDENT } else { outer + INDENT };
        match style {
            Style::Plain => self.write_plain(value),
            Style::SingleQuoted => self.write_single_quoted(value),
            Style::DoubleQuoted => self.write_double_quoted(value),
            Style::Literal => self.write_literal(value),
        }
        self.indent = outer;
    }

    /// Writes an indicator; the flags say whether a space must precede it, whether it counts as
    /// white space, and whether it counts as indentation.
    pub(crate) fn indicator(
        &mut self,
        indicator: &str,
        needs_space: bool,
        whitespace: bool,
        indention: bool,
    ) {
        if needs_space && !self.whitespace {
            self.put(' ');
        }
        self.put_simple(indicator);
        self.whitespace = whitespace;
        self.indention = self.indention && indention;
    }

    /// Moves to the column of this level, on a new line unless that is where the line stands.
    pub(crate) fn write_indent(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break('\n');
        }
        while self.column < indent {
            const SPACES: &str = "                                ";
            let missing = (indent - self.column).min(SPACES.len());
            self.put_simple(&SPACES[..missing]);
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// Returns whether the line is so long that a text is folded.
    pub(crate) fn is_long(&self) -> bool {
        self.flavour == Flavour::V2 && self.column > BEST_WIDTH
    }

    /// Writes one character.
    pub(crate) fn put(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    /// Writes characters of ASCII none of which ends the line.
    pub(crate) fn put_simple(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }

    /// Writes a character that ends the line.
    pub(crate) fn put_break(&mut self, character: char) {
        self.out.push(character);
        self.column = 0;
    }
}

/// Returns true for what the reader of Go's library refuses wherever it stands and JSON does not
/// escape.
fn is_refused(character: char) -> bool {
    matches!(character, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}')
}
