//! Spellings of identifiers: takes text, gives it in camel, snake or kebab case as Sprig does,
//! never knows templates.

/// Go's `unicode.ToUpper`: one character for one, where Unicode has such a pair.
pub(super) fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => char::from_u32(match u32::from(c) {
            code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => code + 8,
            code @ (0x1fb3 | 0x1fc3 | 0x1ff3) => code + 9,
            code => code,
        })
        .unwrap_or(c),
    }
}

/// Go's `unicode.ToLower`.
pub(super) fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ if c == '\u{130}' => 'i',
        _ => c,
    }
}

/// Go's `unicode.ToTitle`, which is not the upper case of digraphs and of Georgian.
pub(super) fn title_case(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        c => upper(c),
    }
}

/// Letters of Chinese, Japanese and Korean writing that make no word here.
fn is_ideograph(c: char) -> bool {
    matches!(
        c,
        '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}'
    )
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

/// Swaps cases; a small letter at the beginning of a word becomes large.
pub(super) fn swap(text: &str) -> String {
    let mut blank = true;
    text.chars()
        .map(|c| {
            if c.is_uppercase() {
                blank = false;
                lower(c)
            } else if c.is_lowercase() {
                if std::mem::take(&mut blank) {
                    title_case(c)
                } else {
                    upper(c)
                }
            } else if lower(c) != c {
                // A digraph with its first letter large.
                blank = false;
                lower(c)
            } else {
                blank = c.is_whitespace();
                c
            }
        })
        .collect()
}

/// Writes words together, each with a large first letter.
pub(super) fn pascal(text: &str) -> String {
    let mut rest = text.chars().peekable();
    let mut out = String::new();
    while let Some(c) = rest.next_if(|&c| is_connector(c)) {
        out.push(c);
    }
    let Some(first) = rest.next() else {
        // A text of connectors alone repeats its last one.
        out.extend(text.chars().last());
        return out;
    };
    let mut run_of_capitals = first.is_uppercase();
    let mut current = upper(first);
    if rest.peek().is_none() {
        out.push(current);
        return out;
    }
    for next in rest {
        let previous = current;
        current = next;
        if is_connector(current) && is_connector(previous) {
            out.push(previous);
            continue;
        }
        if is_connector(previous) {
            run_of_capitals = current.is_uppercase();
            current = upper(current);
        } else {
            if run_of_capitals {
                if current.is_uppercase() {
                    current = lower(current);
                } else {
                    run_of_capitals = false;
                }
            }
            out.push(previous);
        }
    }
    out.push(current);
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    End,
    Number,
    Capitals,
    Letters,
    Connector,
    Punctuation,
    Other,
}

fn class(c: char) -> Class {
    if is_connector(c) {
        Class::Connector
    } else if is_punctuation(c) {
        Class::Punctuation
    } else if c.is_uppercase() {
        Class::Capitals
    } else if c.is_alphabetic() && !is_ideograph(c) {
        Class::Letters
    } else if c.is_numeric() {
        Class::Number
    } else {
        Class::Other
    }
}

/// Go's `unicode.IsPunct` within ASCII; symbols such as `$+<=>^|~` and the backtick are none.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
        || matches!(c, '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3003}' | '¡' | '§' | '«' | '¶' | '·' | '»' | '¿')
}

/// Takes one word off the front of the text.
fn next_word(text: &str) -> (Class, &str, &str) {
    let mut letters = text.char_indices();
    let Some((_, first)) = letters.next() else {
        return (Class::End, "", "");
    };
    let kind = class(first);
    let run = |from: usize, fits: &dyn Fn(char) -> bool| {
        text[from..]
            .char_indices()
            .find(|&(_, c)| !fits(c))
            .map_or(text.len(), |(at, _)| from + at)
    };
    let small = |c: char| class(c) == Class::Letters;
    let end = match kind {
        Class::Capitals => {
            let second = first.len_utf8();
            match text[second..].chars().next().map(class) {
                Some(Class::Capitals) => {
                    let end = run(second, &|c| class(c) == Class::Capitals);
                    // "HTTPStatus" is "HTTP" and "Status".
                    if text[end..].chars().next().is_some_and(small) {
                        text[..end].char_indices().last().map_or(end, |(at, _)| at)
                    } else {
                        end
                    }
                }
                Some(Class::Letters) => run(second, &small),
                _ => second,
            }
        }
        Class::Other => run(0, &|c| matches!(class(c), Class::Other)),
        kind => run(0, &|c| class(c) == kind),
    };
    (kind, &text[..end], &text[end..])
}

fn push_lower(out: &mut String, kind: Class, word: &str, connector: char) {
    if kind != Class::Capitals && kind != Class::Connector {
        out.push_str(word);
        return;
    }
    out.extend(
        word.chars()
            .map(|c| if is_connector(c) { connector } else { lower(c) }),
    );
}

/// Writes small letters with a connector between words.
pub(super) fn separated(text: &str, connector: char) -> String {
    let mut out = String::new();
    let (mut kind, mut word, mut rest) = next_word(text);
    let joins = |kind: Class| !matches!(kind, Class::Connector | Class::Punctuation);
    let lettered = |kind: Class| matches!(kind, Class::Letters | Class::Number);
    while !rest.is_empty() {
        if kind != Class::Connector {
            push_lower(&mut out, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match previous {
            Class::Number => {
                while lettered(kind) {
                    push_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if kind != Class::End && joins(kind) {
                    out.push(connector);
                }
            }
            Class::Connector => push_lower(&mut out, previous, last, connector),
            Class::Punctuation => {}
            _ if kind != Class::Number => {
                if joins(kind) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind == Class::Letters {
                    // "HTTP2xx" is "http_2xx".
                    out.push(connector);
                    push_lower(&mut out, Class::Number, number, connector);
                    while lettered(kind) {
                        push_lower(&mut out, kind, word, connector);
                        (kind, word, rest) = next_word(rest);
                    }
                    if kind != Class::End && joins(kind) {
                        out.push(connector);
                    }
                } else {
                    // "Bld4Floor" is "bld4_floor".
                    push_lower(&mut out, Class::Number, number, connector);
                    if joins(kind) {
                        out.push(connector);
                    }
                }
            }
        }
    }
    push_lower(&mut out, kind, word, connector);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        let snake = |text: &str| separated(text, '_');
        assert_eq!(snake("FirstName"), "first_name");
        assert_eq!(snake("HTTPServer"), "http_server");
        assert_eq!(snake("NoHTTPS"), "no_https");
        assert_eq!(snake("GO_PATH"), "go_path");
        assert_eq!(snake("GO PATH"), "go_path");
        assert_eq!(snake("http2xx"), "http_2xx");
        assert_eq!(snake("HTTP20xOK"), "http_20x_ok");
        assert_eq!(snake("Duration2m3s"), "duration_2m3s");
        assert_eq!(snake("Bld4Floor3rd"), "bld4_floor_3rd");
        assert_eq!(separated("my-releaseName", '-'), "my-release-name");
        assert_eq!(pascal("http_server"), "HttpServer");
        assert_eq!(pascal("foo-bar baz"), "FooBarBaz");
        assert_eq!(swap("aB c"), "Ab C");
    }
}
