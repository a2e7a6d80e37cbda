//! Actions of a template as they are written: takes its text and a place in it, gives the action
//! there and the blocks around it, to tell of an error; never parses what stands in an action.

/// A block such as `{{ range .Values.hosts }}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is: `if`, `with`, `range`, `define` or `block`.
    pub keyword: String,
    /// What stands behind the keyword.
    pub head: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column of its `{{` in characters, counted from 1.
    pub column: u32,
}

/// An action with its delimiters.
struct Action<'t> {
    start: usize,
    end: usize,
    /// What stands between the delimiters and trim markers.
    body: &'t str,
}

/// Returns the actions of a text in order, without comments.
fn actions(text: &str) -> Vec<Action<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("{{").map(|at| from + at) {
        let inner = &text[start + 2..];
        let end = start + 2 + end_of(inner);
        from = end;
        let body = text[start + 2..end].trim_end_matches("}}");
        let body = body.strip_prefix('-').unwrap_or(body);
        let body = body.strip_suffix('-').unwrap_or(body).trim();
        if !body.starts_with("/*") {
            found.push(Action { start, end, body });
        }
    }
    found
}

/// Returns where an action ends, behind its delimiter, counted from the end of the first one.
fn end_of(inner: &str) -> usize {
    let trimmed = inner.trim_start_matches(['-', ' ']);
    if trimmed.starts_with("/*") {
        let after = inner.find("*/").map_or(inner.len(), |at| at + 2);
        return inner[after..]
            .find("}}")
            .map_or(inner.len(), |at| after + at + 2);
    }
    let mut quote = None;
    let mut escaped = false;
    for (at, letter) in inner.char_indices() {
        match quote {
            _ if escaped => escaped = false,
            Some('"') if letter == '\\' => escaped = true,
            Some(open) if letter == open => quote = None,
            None if letter == '"' || letter == '`' => quote = Some(letter),
            None if inner[at..].starts_with("}}") => return at + 2,
            _ => {}
        }
    }
    inner.len()
}

/// Returns the action that a byte of the text belongs to.
pub(crate) fn action_at(text: &str, offset: usize) -> Option<&str> {
    let all = actions(text);
    let found = all
        .iter()
        .find(|one| one.start <= offset && offset < one.end);
    found.map(|one| one.body)
}

/// Returns the blocks that are open at a byte of the text, the outermost first.
pub(crate) fn open_blocks(text: &str, offset: usize) -> Vec<Block> {
    let mut open = Vec::new();
    for action in actions(text) {
        if action.end > offset {
            break;
        }
        let (keyword, head) = match action.body.split_once(char::is_whitespace) {
            Some((keyword, head)) => (keyword, head.trim()),
            None => (action.body, ""),
        };
        match keyword {
            "if" | "with" | "range" | "define" | "block" => {
                let (line, column) = position(text, action.start);
                open.push(Block {
                    keyword: keyword.to_owned(),
                    head: head.to_owned(),
                    line,
                    column,
                });
            }
            "end" => drop(open.pop()),
            _ => {}
        }
    }
    open
}

/// Returns the last action before a byte of the text that sets a variable, with its line.
pub(crate) fn setting_of<'t>(
    text: &'t str,
    variable: &str,
    offset: usize,
) -> Option<(&'t str, u32)> {
    let sets = |body: &str| {
        let head = body.split('=').next().unwrap_or_default();
        let names = head
            .trim_start_matches("range ")
            .trim_end_matches([':', ' ']);
        body.contains('=') && names.split(',').any(|name| name.trim() == variable)
    };
    let all = actions(text);
    let found = all
        .iter()
        .rev()
        .find(|one| one.start < offset && sets(one.body))?;
    Some((found.body, position(text, found.start).0))
}

/// Returns the variables that a text sets anywhere.
pub(crate) fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for action in actions(text) {
        let Some((head, _)) = action.body.split_once(":=") else {
            continue;
        };
        let head = head
            .rsplit_once(' ')
            .filter(|_| head.contains("range "))
            .map_or(head, |_| head.trim_start().trim_start_matches("range "));
        for name in head.split(',') {
            let name = name.trim().rsplit(' ').next().unwrap_or_default();
            if name.starts_with('$') && !names.iter().any(|one| one == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// Returns the line that a byte of the text stands in, and where that begins.
pub(crate) fn line_at(text: &str, offset: usize) -> (usize, &str) {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].split('\n').next().unwrap_or_default();
    (start, line)
}

/// Returns the line and column of a byte of the text, both counted from 1.
pub(crate) fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (
        count(before.matches('\n').count() + 1),
        count(before[line_start..].chars().count() + 1),
    )
}

/// Returns the byte of the text at a line and column, both counted from 1.
pub(crate) fn offset_of(text: &str, line: u32, column: u32) -> Option<usize> {
    let before = line.checked_sub(1)? as usize;
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let rest = text.get(start..)?.split('\n').next().unwrap_or_default();
    let within = rest
        .char_indices()
        .nth(column.saturating_sub(1) as usize)
        .map_or(rest.len(), |(index, _)| index);
    Some(start + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{{- define \"a\" -}}
{{- /* a }} in a comment {{ if */ -}}
{{- range $key, $value := .Values.hosts }}
{{ $name := \"}}\" }}{{ .name | upper }}
{{- end }}
{{ if .x }}
";

    #[test]
    fn actions_and_blocks_are_found() {
        let at = TEXT.find(".name").unwrap();
        assert_eq!(action_at(TEXT, at), Some(".name | upper"));
        let open = open_blocks(TEXT, at);
        let heads: Vec<_> = open
            .iter()
            .map(|one| (one.head.as_str(), one.line))
            .collect();
        assert_eq!(heads, [("\"a\"", 1), ("$key, $value := .Values.hosts", 3)]);
        let open = open_blocks(TEXT, TEXT.len());
        let heads: Vec<_> = open
            .iter()
            .map(|one| (one.head.as_str(), one.line))
            .collect();
        assert_eq!(heads, [("\"a\"", 1), (".x", 6)]);
    }

    #[test]
    fn variables_are_found_where_they_are_set() {
        assert_eq!(variables(TEXT), ["$key", "$value", "$name"]);
        let set = setting_of(TEXT, "$value", TEXT.len());
        assert_eq!(set, Some(("range $key, $value := .Values.hosts", 3)));
        assert_eq!(setting_of(TEXT, "$other", TEXT.len()), None);
    }

    #[test]
    fn offsets_and_positions_are_inverse() {
        for offset in [0, 3, 30, 70, TEXT.len()] {
            let (line, column) = position(TEXT, offset);
            assert_eq!(offset_of(TEXT, line, column), Some(offset));
        }
    }
}
