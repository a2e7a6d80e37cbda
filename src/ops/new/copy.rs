//! Files of one environment for another: takes their texts, gives them with host name and path in
//! Vault replaced, and tells where; never touches a word that only contains them.

/// A text that stands for the environment, and what stands for the other one.
#[derive(Debug, Clone)]
pub(super) struct Swap {
    pub(super) old: String,
    pub(super) new: String,
}

/// Returns a text with what stands for one environment replaced, and the lines where that was.
pub(super) fn swapped(text: &str, swaps: &[Swap]) -> (String, Vec<usize>) {
    let mut lines = Vec::new();
    let mut result = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let mut line = line.to_owned();
        let before = line.clone();
        for swap in swaps {
            line = replaced(&line, swap);
        }
        if line != before {
            lines.push(index + 1);
        }
        result.push_str(&line);
    }
    (result, lines)
}

fn replaced(line: &str, swap: &Swap) -> String {
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    let mut result = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(&swap.old) {
        let end = start + swap.old.len();
        let before = result.chars().chain(rest[..start].chars()).next_back();
        let mut after = rest[end..].chars();
        let next = after.next();
        // `a.example.org` is no part of `a.example.organisation` or `a.example.org.uk`, but the end
        // of a sentence is no part of a name.
        let goes_on = match next {
            Some('.') => after.next().is_some_and(is_word),
            Some(next) => is_word(next),
            None => false,
        };
        result.push_str(&rest[..start]);
        let is_whole = !goes_on && !before.is_some_and(is_word);
        result.push_str(if is_whole { &swap.new } else { &swap.old });
        rest = &rest[end..];
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        let swaps = [
            Swap {
                old: "a.example.org".to_owned(),
                new: "b.example.org".to_owned(),
            },
            Swap {
                old: "secret/a".to_owned(),
                new: "secret/b".to_owned(),
            },
        ];
        let text = "host: a.example.org\nurl: https://web.a.example.org/x\n# a.example.org.\n\
                    path: secret/a/web\nother: a.example.org.uk\nmore: aa.example.org secret/ab\n";
        let (swapped, lines) = swapped(text, &swaps);
        assert_eq!(
            swapped,
            "host: b.example.org\nurl: https://web.b.example.org/x\n# b.example.org.\n\
             path: secret/b/web\nother: a.example.org.uk\nmore: aa.example.org secret/ab\n"
        );
        assert_eq!(lines, [1, 2, 3, 4]);
    }
}
