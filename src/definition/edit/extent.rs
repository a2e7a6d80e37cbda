//! Where values end: takes a text and the places at which its values begin, gives offsets, never
//! reads YAML again. What it cannot know it gets wrong; the caller looks at the result.

use goyaml::{Entry, Kind, Node};

/// Returns true where a collection is written in brackets.
pub(super) fn is_flow(text: &str, node: &Node) -> bool {
    matches!(node.kind, Kind::Mapping(_) | Kind::Sequence(_))
        && text[node.span.offset..].starts_with(['{', '['])
}

/// Returns the column of a block map's keys, counted from 0.
pub(super) fn column_of_keys(map: &Node) -> usize {
    let first = map.as_mapping().and_then(<[Entry]>::first);
    first.map_or(0, |entry| entry.key_span.column as usize - 1)
}

/// The ends of values in a text.
pub(super) struct Extents<'t> {
    text: &'t str,
    line_feed: &'static str,
}

impl<'t> Extents<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let line_feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { text, line_feed }
    }

    /// Returns the offset behind the colon of a key.
    pub(super) fn after_colon(&self, entry: &Entry) -> usize {
        let start = entry.key_span.offset;
        let end = match self.text.as_bytes().get(start) {
            Some(b'"' | b'\'') => self.end_of_quoted(start),
            _ => start,
        };
        self.text[end..]
            .find(':')
            .map_or(self.text.len(), |index| end + index + 1)
    }

    /// Returns what is written as the value of a key, if anything is.
    pub(super) fn written(&self, entry: &Entry, flow: bool) -> Option<(usize, usize)> {
        let value = &entry.value;
        if value.is_null() {
            let after = self.after_colon(entry);
            let rest = &self.text[after..self.line_end(after)];
            let word = rest.trim_start();
            if word.is_empty() || word.starts_with('#') || word.starts_with([',', '}', ']']) {
                return None;
            }
            let start = after + rest.len() - word.len();
            return Some((start, self.end_of_plain(start, flow)));
        }
        let end = if flow {
            self.end_in_flow(value)
        } else {
            self.end(value, entry.key_span.column as usize - 1)
        };
        Some((value.span.offset, end))
    }

    /// Returns where a value ends that stands in a block; `column` is that of the key or dash that it
    /// stands behind.
    pub(super) fn end(&self, node: &Node, column: usize) -> usize {
        let start = node.span.offset;
        match &node.kind {
            Kind::Mapping(entries) if !is_flow(self.text, node) => {
                let last = entries.last();
                last.map_or(start, |last| {
                    self.end_of_entry(last, last.key_span.column as usize - 1)
                })
            }
            Kind::Sequence(items) if !is_flow(self.text, node) => {
                let column = node.span.column as usize - 1;
                items.last().map_or(start, |last| self.end(last, column))
            }
            Kind::Mapping(_) | Kind::Sequence(_) => self.end_in_flow(node),
            _ => match self.text.as_bytes().get(start) {
                Some(b'"' | b'\'') => self.end_of_quoted(start),
                Some(b'|' | b'>') => self.end_of_lines(self.line_end(start), column),
                _ => {
                    let end = self.end_of_plain(start, false);
                    // A comment ends a text; without one it may go on in lines further in.
                    if self.text[end..self.line_end(end)].trim().is_empty() {
                        self.end_of_lines(end, column)
                    } else {
                        end
                    }
                }
            },
        }
    }

    fn end_of_entry(&self, entry: &Entry, column: usize) -> usize {
        match self.written(entry, false) {
            None => self.after_colon(entry),
            Some(_) if !entry.value.is_null() => self.end(&entry.value, column),
            Some((_, end)) => end,
        }
    }

    /// Returns where a value ends that stands in brackets.
    pub(super) fn end_in_flow(&self, node: &Node) -> usize {
        let start = node.span.offset;
        match self.text.as_bytes().get(start) {
            Some(b'"' | b'\'') => self.end_of_quoted(start),
            Some(b'{' | b'[') => self.end_of_brackets(start),
            _ => self.end_of_plain(start, true),
        }
    }

    /// Returns where an entry of a map in brackets ends.
    pub(super) fn end_in_flow_of(&self, entry: &Entry) -> usize {
        let written = self.written(entry, true);
        written.map_or_else(|| self.after_colon(entry), |(_, end)| end)
    }

    fn end_of_brackets(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        let mut at = start;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1;
                    }
                }
                b'"' | b'\'' if !is_word(bytes, at) => {
                    at = self.end_of_quoted(at);
                    continue;
                }
                b'#' if at > 0 && bytes[at - 1].is_ascii_whitespace() => at = self.line_end(at),
                _ => {}
            }
            at += 1;
        }
        self.text.len()
    }

    fn end_of_quoted(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let Some(quote) = bytes.get(start).copied() else {
            return start;
        };
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            if *byte == b'\\' && quote == b'"' {
                at += 1;
            } else if *byte == quote {
                if quote == b'"' || bytes.get(at + 1) != Some(&quote) {
                    return at + 1;
                }
                at += 1;
            }
            at += 1;
        }
        self.text.len()
    }

    fn end_of_plain(&self, start: usize, flow: bool) -> usize {
        let line = &self.text[start..self.line_end(start)];
        let end = line.find(" #").or_else(|| line.find("\t#"));
        let mut word = &line[..end.unwrap_or(line.len())];
        if flow {
            word = &word[..word.find([',', '}', ']']).unwrap_or(word.len())];
        }
        start + word.trim_end().len()
    }

    /// Returns the end of the lines that stand further in than a column.
    fn end_of_lines(&self, from: usize, column: usize) -> usize {
        let mut end = from;
        let mut at = self.next_line(from);
        while at < self.text.len() {
            let line_end = self.line_end(at);
            let line = self.text[at..line_end].trim_end();
            if !line.trim().is_empty() {
                if indentation(line) <= column {
                    break;
                }
                end = at + line.len();
            }
            at = self.next_line(line_end);
        }
        end
    }

    /// Returns where an entry of a block map ends, with the comments behind it that stand as far in.
    pub(super) fn end_with_comments(&self, entry: &Entry, column: usize) -> usize {
        let mut end = self.line_end(self.end_of_entry(entry, column));
        let mut at = self.next_line(end);
        while at < self.text.len() {
            let line_end = self.line_end(at);
            let line = &self.text[at..line_end];
            let word = line.trim();
            if word.starts_with('#') && indentation(line) >= column && column > 0 {
                end = line_end;
            } else if !word.is_empty() {
                break;
            }
            at = self.next_line(line_end);
        }
        end
    }

    /// Returns the start of the line of a key, or of the comments right above it.
    pub(super) fn start_with_comments(&self, entry: &Entry, column: usize) -> Option<usize> {
        let mut start = self.line_start(entry.key_span.offset);
        let before = &self.text[start..entry.key_span.offset];
        if !before.trim().is_empty() {
            return None;
        }
        while start > 0 {
            let above = self.line_start(start - 1);
            let line = &self.text[above..start];
            if !line.trim_start().starts_with('#') || indentation(line) != column {
                break;
            }
            start = above;
        }
        Some(start)
    }

    /// Returns true where the entries of a block map are set apart by blank lines.
    pub(super) fn are_apart(&self, map: &Node) -> bool {
        let entries = map.as_mapping().unwrap_or_default();
        let column = column_of_keys(map);
        entries.len() > 1
            && entries.iter().skip(1).all(|entry| {
                let start = self.start_with_comments(entry, column);
                start.filter(|start| *start > 0).is_some_and(|start| {
                    let above = self.line_start(start - 1);
                    self.text[above..start].trim().is_empty()
                })
            })
    }

    /// Returns lines as they follow a line that ends at `end`.
    pub(super) fn lines_after(&self, end: usize, lines: &str) -> String {
        let lines = lines.trim_end_matches(['\r', '\n']);
        let is_start = end == 0 || self.text[..end].ends_with('\n');
        if is_start {
            return format!("{lines}{}", self.line_feed);
        }
        let has_feed = end < self.text.len();
        let last = if has_feed { "" } else { self.line_feed };
        format!("{}{lines}{last}", self.line_feed)
    }

    /// Returns the end of the line of an offset, before its line feed.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let end = self.text[from..]
            .find('\n')
            .map_or(self.text.len(), |index| from + index);
        if end > from && self.text.as_bytes()[end - 1] == b'\r' {
            end - 1
        } else {
            end
        }
    }

    fn next_line(&self, from: usize) -> usize {
        self.text[from..]
            .find('\n')
            .map_or(self.text.len(), |index| from + index + 1)
    }

    fn line_start(&self, from: usize) -> usize {
        self.text[..from].rfind('\n').map_or(0, |index| index + 1)
    }
}

/// Returns how far in a line begins.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns true where a quote stands within a word, and opens nothing.
fn is_word(bytes: &[u8], at: usize) -> bool {
    at > 0
        && !matches!(
            bytes[at - 1],
            b' ' | b'\t' | b'\n' | b'{' | b'[' | b',' | b':'
        )
}
