//! The position in the text: takes a text, gives its characters and what class they are of, never
//! cuts tokens.

use super::token::Mark;

/// The end of the text, as a character.
pub(super) const END: char = '\0';

/// The text with the current position.
#[derive(Debug)]
pub(super) struct Cursor {
    characters: Vec<char>,
    /// The current position.
    pub(super) mark: Mark,
}

impl Cursor {
    /// Returns a cursor at the beginning of a text; a byte order mark there is passed over.
    pub(super) fn new(text: &str) -> Self {
        let mut cursor = Self {
            characters: text.chars().collect(),
            mark: Mark::default(),
        };
        if cursor.at(0) == '\u{FEFF}' {
            cursor.mark.index = 1;
            cursor.mark.offset = '\u{FEFF}'.len_utf8();
        }
        cursor
    }

    /// Returns the character `ahead` of the position.
    pub(super) fn at(&self, ahead: usize) -> char {
        self.characters
            .get(self.mark.index + ahead)
            .copied()
            .unwrap_or(END)
    }

    /// Moves over one character within the line.
    pub(super) fn skip(&mut self) {
        self.mark.offset += self.at(0).len_utf8();
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Moves over `count` characters within the line.
    pub(super) fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    /// Moves over a line break, if there is one.
    pub(super) fn skip_line(&mut self) {
        let mut ignored = String::new();
        self.take_line(&mut ignored);
    }

    /// Moves over spaces and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while is_blank(self.at(0)) {
            self.skip();
        }
    }

    /// Moves over a comment, if there is one, to the end of the line.
    pub(super) fn skip_comment(&mut self) {
        if self.at(0) == '#' {
            while !is_break_or_end(self.at(0)) {
                self.skip();
            }
        }
    }

    /// Moves over one character and appends it.
    pub(super) fn take(&mut self, to: &mut String) {
        to.push(self.at(0));
        self.skip();
    }

    /// Moves over a line break, if there is one, and appends it as it counts: a line feed, or one
    /// of the two Unicode separators.
    pub(super) fn take_line(&mut self, to: &mut String) {
        let first = self.at(0);
        if !is_break(first) {
            return;
        }
        if first == '\r' && self.at(1) == '\n' {
            self.skip();
        }
        to.push(if matches!(first, '\u{2028}' | '\u{2029}') {
            first
        } else {
            '\n'
        });
        self.skip();
        self.mark.column = 0;
        self.mark.line += 1;
    }

    /// Returns true where `---` or `...` stands alone at the beginning of a line.
    pub(super) fn at_document_indicator(&self) -> bool {
        self.at_indicator('-') || self.at_indicator('.')
    }

    /// Returns true where three times `character` stands alone at the beginning of a line.
    pub(super) fn at_indicator(&self, character: char) -> bool {
        self.mark.column == 0
            && (0..3).all(|ahead| self.at(ahead) == character)
            && is_blank_or_end(self.at(3))
    }
}

/// Returns true for a space or a tab.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Returns true for what ends a line in YAML 1.1.
pub(crate) fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns true for what ends a line, or the end of the text.
pub(super) fn is_break_or_end(character: char) -> bool {
    is_break(character) || character == END
}

/// Returns true for a space, a tab, what ends a line, or the end of the text.
pub(super) fn is_blank_or_end(character: char) -> bool {
    is_blank(character) || is_break_or_end(character)
}

/// Returns true for what anchors, directives and tag handles are made of.
pub(super) fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}
