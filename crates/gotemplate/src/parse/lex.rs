//! The lexer: takes a template's text and delimiters, gives tokens as ranges of it, never looks
//! beyond one token's syntax.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The text cannot go on here; the lexer holds the message.
    Error,
    Bool,
    /// A printable ASCII character with no meaning of its own, such as a comma.
    Character,
    CharacterConstant,
    Complex,
    Assign,
    Declare,
    End,
    /// `.name`.
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    Space,
    String,
    Text,
    /// `$` or `$name`.
    Variable,
    Keyword(Keyword),
}

/// The words with a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Keyword {
    fn find(word: &str) -> Option<Self> {
        Some(match word {
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "nil" => Self::Nil,
            "range" => Self::Range,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }
}

/// A token: a range of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A token as it is kept: there are very many.
#[derive(Debug, Clone, Copy)]
struct Kept {
    kind: Kind,
    start: u32,
    end: u32,
}

/// Which of the optional keywords are functions instead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    pub(super) break_is_keyword: bool,
    pub(super) continue_is_keyword: bool,
}

/// The tokens of a text, up to its end or the first error.
#[derive(Debug)]
pub(super) struct Tokens {
    list: Vec<Kept>,
    /// The message of the error token, if there is one.
    pub(super) error: String,
}

impl Tokens {
    /// Returns how many there are: one at least.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// Returns the token of this number.
    pub(super) fn get(&self, number: usize) -> Token {
        let Kept { kind, start, end } = self.list[number];
        Token {
            kind,
            start: start as usize,
            end: end as usize,
        }
    }
}

/// Splits a text into tokens.
pub(super) fn lex(text: &str, delimiters: (&str, &str), options: Options) -> Tokens {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        left: delimiters.0,
        right: delimiters.1,
        options,
        position: 0,
        start: 0,
        parentheses: 0,
        tokens: Vec::with_capacity(text.len() / 8 + 4),
    };
    let error = match u32::try_from(text.len()) {
        Ok(_) => lexer.run(),
        Err(_) => lexer.fail("more than 4 GiB in one template"),
    };
    let error = error.err().unwrap_or_default();
    Tokens {
        list: lexer.tokens,
        error,
    }
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

struct Lexer<'text> {
    text: &'text str,
    /// The same, for what looks at ASCII only.
    bytes: &'text [u8],
    left: &'text str,
    right: &'text str,
    options: Options,
    position: usize,
    start: usize,
    parentheses: usize,
    tokens: Vec<Kept>,
}

/// The end of lexing: an error token is in place, and this is its message.
type Step = Result<(), String>;

impl<'text> Lexer<'text> {
    fn run(&mut self) -> Step {
        loop {
            if !self.text()? {
                self.start = self.position;
                self.emit(Kind::End);
                return Ok(());
            }
            self.action()?;
        }
    }

    fn rest(&self) -> &'text str {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<char> {
        match self.bytes.get(self.position) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            _ => self.rest().chars().next(),
        }
    }

    fn at(&self, wanted: &str) -> bool {
        self.bytes[self.position..].starts_with(wanted.as_bytes())
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.position += next.map_or(0, char::len_utf8);
        next
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let offset = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        let (start, end) = (offset(start), offset(end));
        self.tokens.push(Kept { kind, start, end });
    }

    fn emit(&mut self, kind: Kind) {
        self.push(kind, self.start, self.position);
        self.start = self.position;
    }

    fn fail(&mut self, message: impl Into<String>) -> Step {
        self.push(Kind::Error, self.start, self.start);
        Err(message.into())
    }

    /// Finds the next left delimiter.
    fn find_left(&self) -> Option<usize> {
        let first = self.left.chars().next()?;
        let mut from = self.position;
        loop {
            // To look for one character is much faster than to look for a text.
            let found = from + self.text[from..].find(first)?;
            if self.bytes[found..].starts_with(self.left.as_bytes()) {
                return Some(found);
            }
            from = found + first.len_utf8();
        }
    }

    /// Plain text and comments up to the next action or the end; returns whether an action is
    /// next.
    fn text(&mut self) -> Result<bool, String> {
        loop {
            let Some(delimiter) = self.find_left() else {
                self.position = self.text.len();
                if self.position > self.start {
                    self.emit(Kind::Text);
                }
                return Ok(false);
            };
            let after = delimiter + self.left.len();
            let trims = has_left_trim_marker(&self.bytes[after..]);
            self.position = delimiter;
            if trims {
                let text = &self.text[self.start..delimiter];
                self.position = self.start + text.trim_end_matches(SPACES).len();
            }
            if self.position > self.start {
                self.emit(Kind::Text);
            }
            let content = after + if trims { 2 } else { 0 };
            if !self.bytes[content..].starts_with(b"/*") {
                self.start = delimiter;
                self.position = after;
                self.emit(Kind::LeftDelimiter);
                self.start = content;
                self.position = content;
                self.parentheses = 0;
                return Ok(true);
            }
            self.start = content;
            self.position = content;
            self.comment()?;
        }
    }

    fn comment(&mut self) -> Step {
        let Some(length) = self.text[self.position + 2..].find("*/") else {
            return self.fail("unclosed comment");
        };
        self.position += 2 + length + 2;
        let Some(trims) = self.at_right_delimiter() else {
            return self.fail("comment ends before closing delimiter");
        };
        self.position += if trims { 2 } else { 0 } + self.right.len();
        self.after_right_delimiter(trims);
        Ok(())
    }

    fn after_right_delimiter(&mut self, trims: bool) {
        if trims {
            self.position = self.text.len() - self.rest().trim_start_matches(SPACES).len();
        }
        self.start = self.position;
    }

    /// Returns whether a right delimiter is here, and whether it trims what follows.
    fn at_right_delimiter(&self) -> Option<bool> {
        let rest = &self.bytes[self.position..];
        if has_right_trim_marker(rest) && rest[2..].starts_with(self.right.as_bytes()) {
            return Some(true);
        }
        rest.starts_with(self.right.as_bytes()).then_some(false)
    }

    /// Everything between the delimiters.
    fn action(&mut self) -> Step {
        loop {
            if let Some(trims) = self.at_right_delimiter() {
                if self.parentheses > 0 {
                    return self.fail("unclosed left paren");
                }
                self.position += if trims { 2 } else { 0 };
                self.start = self.position;
                self.position += self.right.len();
                self.emit(Kind::RightDelimiter);
                self.after_right_delimiter(trims);
                return Ok(());
            }
            self.token()?;
        }
    }

    fn token(&mut self) -> Step {
        let Some(first) = self.next() else {
            return self.fail("unclosed action");
        };
        match first {
            ' ' | '\t' | '\r' | '\n' => self.space(),
            '=' => self.emit(Kind::Assign),
            ':' => {
                if self.next() != Some('=') {
                    return self.fail("expected :=");
                }
                self.emit(Kind::Declare);
            }
            '|' => self.emit(Kind::Pipe),
            '"' => return self.quoted('"', Kind::String, "unterminated quoted string"),
            '\'' => {
                let message = "unterminated character constant";
                return self.quoted('\'', Kind::CharacterConstant, message);
            }
            '`' => match self.rest().find('`') {
                Some(length) => {
                    self.position += length + 1;
                    self.emit(Kind::RawString);
                }
                None => return self.fail("unterminated raw quoted string"),
            },
            '$' => return self.name(Kind::Variable),
            '.' if !self.peek().is_some_and(|next| next.is_ascii_digit()) => {
                // As Go, a point at the very end of the text begins a number.
                if self.rest().is_empty() {
                    self.position = self.start;
                    return self.number();
                }
                return self.name(Kind::Field);
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.position = self.start;
                return self.number();
            }
            '(' => {
                self.parentheses += 1;
                self.emit(Kind::LeftParenthesis);
            }
            ')' => {
                let Some(left) = self.parentheses.checked_sub(1) else {
                    return self.fail("unexpected right paren");
                };
                self.parentheses = left;
                self.emit(Kind::RightParenthesis);
            }
            _ if is_word(first) => return self.word(),
            ' '..='~' => self.emit(Kind::Character),
            _ => {
                let message = format!("unrecognized character in action: {}", unicode(first));
                return self.fail(message);
            }
        }
        Ok(())
    }

    /// A run of spaces, without the one that belongs to a trimming right delimiter.
    fn space(&mut self) {
        let rest = &self.bytes[self.position..];
        self.position += rest.iter().take_while(|byte| is_space(**byte)).count();
        let last = &self.bytes[self.position - 1..];
        if has_right_trim_marker(last) && last[2..].starts_with(self.right.as_bytes()) {
            self.position -= 1;
            if self.position == self.start {
                return;
            }
        }
        self.emit(Kind::Space);
    }

    fn quoted(&mut self, mark: char, kind: Kind, message: &str) -> Step {
        loop {
            match self.next() {
                Some('\\') => {
                    if matches!(self.next(), None | Some('\n')) {
                        return self.fail(message);
                    }
                }
                None | Some('\n') => return self.fail(message),
                Some(next) if next == mark => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    fn skip_word(&mut self) {
        let is_plain = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let rest = &self.bytes[self.position..];
        self.position += rest.iter().take_while(is_plain).count();
        if self
            .bytes
            .get(self.position)
            .is_some_and(|byte| !byte.is_ascii())
        {
            let rest = self.rest();
            self.position += rest.find(|next| !is_word(next)).unwrap_or(rest.len());
        }
    }

    /// A keyword, a boolean or the name of a function.
    fn word(&mut self) -> Step {
        self.skip_word();
        if !self.at_terminator() {
            return self.bad_character();
        }
        let word = &self.text[self.start..self.position];
        let kind = match (Keyword::find(word), word) {
            (Some(Keyword::Break), _) if !self.options.break_is_keyword => Kind::Identifier,
            (Some(Keyword::Continue), _) if !self.options.continue_is_keyword => Kind::Identifier,
            (Some(keyword), _) => Kind::Keyword(keyword),
            (None, "true" | "false") => Kind::Bool,
            (None, _) => Kind::Identifier,
        };
        self.emit(kind);
        Ok(())
    }

    /// A field or variable after its first character.
    fn name(&mut self, kind: Kind) -> Step {
        if self.at_terminator() {
            self.emit(if kind == Kind::Field {
                Kind::Keyword(Keyword::Dot)
            } else {
                kind
            });
            return Ok(());
        }
        self.skip_word();
        if !self.at_terminator() {
            return self.bad_character();
        }
        self.emit(kind);
        Ok(())
    }

    fn bad_character(&mut self) -> Step {
        let message = format!(
            "bad character {}",
            unicode(self.peek().unwrap_or('\u{fffd}'))
        );
        self.fail(message)
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.at(self.right),
        }
    }

    fn accept(&mut self, valid: &str) -> bool {
        let accepted = self.peek().is_some_and(|next| valid.contains(next));
        if accepted {
            self.position += 1;
        }
        accepted
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    fn number(&mut self) -> Step {
        let mut kind = Kind::Number;
        let mut good = self.scan_number();
        if good && matches!(self.peek(), Some('+' | '-')) {
            kind = Kind::Complex;
            good = self.scan_number() && self.text[..self.position].ends_with('i');
        }
        if !good {
            let number = &self.text.as_bytes()[self.start..self.position];
            let message = format!(
                "bad number syntax: {}",
                crate::quote::quote(number, b'"', false)
            );
            return self.fail(message);
        }
        self.emit(kind);
        Ok(())
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_word) {
            self.next();
            return false;
        }
        true
    }
}

/// Letters, digits and the underscore.
fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// `- ` after a left delimiter.
fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space(*space))
}

/// ` -` before a right delimiter.
fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if is_space(*space))
}

/// A character as `%#U` prints it.
fn unicode(character: char) -> String {
    let code = u32::from(character);
    if crate::printable::is_printable(character) {
        format!("U+{code:04X} '{character}'")
    } else {
        format!("U+{code:04X}")
    }
}
