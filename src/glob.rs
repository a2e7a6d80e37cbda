//! Patterns as Argo CD has them in `directory.include`, `directory.exclude` and in projects: takes a
//! pattern, tells which texts it matches, never looks at files.
//!
//! Source: the library `gobwas/glob`, which Argo CD uses: `*` is any text without a separator, `**`
//! any text, `?` one character, `[abc]`, `[a-z]` and `[!abc]` one of these or none, `{a,b}` one of
//! these patterns, `\` takes a character as it is. A brace that is not closed ends with the pattern;
//! a bracket that is not closed makes the whole pattern match nothing.

use std::collections::BTreeSet;

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    /// None where the pattern cannot be read: it then matches nothing.
    parts: Option<Vec<Part>>,
    separators: Vec<char>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// This character.
    Text(char),
    /// Any text without a separator.
    Any,
    /// Any text.
    Super,
    /// One character that is no separator.
    Single,
    /// One character of a list, or none of it.
    List { not: bool, of: Vec<char> },
    /// One character between two, or not.
    Range { not: bool, low: char, high: char },
    /// One of these patterns.
    Either(Vec<Vec<Part>>),
}

impl Glob {
    /// Reads a pattern; a separator is a character that `*` and `?` do not pass.
    pub fn new(pattern: &str, separators: &[char]) -> Self {
        let mut reader = Reader {
            rest: pattern.chars().collect(),
            position: 0,
        };
        Self {
            parts: reader.sequence(0).map(|(parts, _)| parts),
            separators: separators.to_vec(),
        }
    }

    /// Returns true where the pattern could be read.
    pub fn is_valid(&self) -> bool {
        self.parts.is_some()
    }

    /// Tells whether a text matches, all of it.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.parts.as_ref().is_some_and(|parts| {
            let ends = self.ends(parts, &text, BTreeSet::from([0]));
            ends.contains(&text.len())
        })
    }

    /// Returns where matches that begin at these places end: all of them at once, so that no pattern
    /// takes longer than its length times that of the text.
    fn ends(&self, parts: &[Part], text: &[char], starts: BTreeSet<usize>) -> BTreeSet<usize> {
        let is_separator = |character: char| self.separators.contains(&character);
        parts.iter().fold(starts, |places, part| match part {
            Part::Super => match places.first() {
                Some(first) => (*first..=text.len()).collect(),
                None => places,
            },
            Part::Any => {
                let mut reached = BTreeSet::new();
                for place in places {
                    let mut end = place;
                    while reached.insert(end) && end < text.len() && !is_separator(text[end]) {
                        end += 1;
                    }
                }
                reached
            }
            Part::Either(patterns) => patterns
                .iter()
                .flat_map(|pattern| self.ends(pattern, text, places.clone()))
                .collect(),
            one => places
                .into_iter()
                .filter(|place| {
                    text.get(*place).is_some_and(|found| match one {
                        Part::Text(character) => found == character,
                        Part::Single => !is_separator(*found),
                        Part::List { not, of } => of.contains(found) != *not,
                        Part::Range { not, low, high } => (low..=high).contains(&found) != *not,
                        Part::Any | Part::Super | Part::Either(_) => false,
                    })
                })
                .map(|place| place + 1)
                .collect(),
        })
    }
}

/// Braces within braces beyond this are no pattern that a person wrote.
const MAXIMUM_DEPTH: usize = 32;

struct Reader {
    rest: Vec<char>,
    position: usize,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.position += usize::from(next.is_some());
        next
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.position).copied()
    }

    /// Reads up to the end, or within braces up to a comma or a brace, which is returned.
    fn sequence(&mut self, depth: usize) -> Option<(Vec<Part>, Option<char>)> {
        let mut parts = Vec::new();
        while let Some(character) = self.next() {
            parts.push(match character {
                '?' => Part::Single,
                '*' if self.peek() == Some('*') => {
                    self.next();
                    Part::Super
                }
                '*' => Part::Any,
                '[' => self.class()?,
                '{' if depth < MAXIMUM_DEPTH => self.either(depth + 1)?,
                '{' => return None,
                ',' | '}' if depth > 0 => return Some((parts, Some(character))),
                '\\' => match self.next() {
                    Some(escaped) => Part::Text(escaped),
                    None => break,
                },
                character => Part::Text(character),
            });
        }
        Some((parts, None))
    }

    fn either(&mut self, depth: usize) -> Option<Part> {
        let mut patterns = Vec::new();
        loop {
            let (parts, end) = self.sequence(depth)?;
            patterns.push(parts);
            if end != Some(',') {
                return Some(Part::Either(patterns));
            }
        }
    }

    fn class(&mut self) -> Option<Part> {
        let not = self.peek() == Some('!');
        self.position += usize::from(not);
        let low = self.next()?;
        if self.peek() == Some('-') {
            self.next();
            let high = self.next()?;
            return (self.next()? == ']').then_some(Part::Range { not, low, high });
        }
        self.position -= 1;
        let mut of = Vec::new();
        loop {
            match self.next()? {
                ']' => return (!of.is_empty()).then_some(Part::List { not, of }),
                '\\' => of.push(self.next()?),
                character => of.push(character),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_argo_cd() {
        for (pattern, text, expected) in [
            ("*.yaml", "a/b.yaml", true),
            ("{a.yaml,below/*}", "below/deeper/e.yaml", true),
            ("{x,y{1,22}}.yaml", "y22.yaml", true),
            ("{x,y{1,22}}.yaml", "y2.yaml", false),
            ("y?.yaml", "y22.yaml", false),
            ("[x-y]*", "y1", true),
            ("[!x]*", "x1", false),
            ("[abc]", "b", true),
            (r"\{odd\}", "{odd}", true),
            ("{x.yaml", "x.yaml", true),
            ("[x", "x", false),
            ("", "", true),
            ("a,b}", "a,b}", true),
        ] {
            assert_eq!(
                Glob::new(pattern, &[]).matches(text),
                expected,
                "{pattern} {text}"
            );
        }
        assert!(!Glob::new("[x", &[]).is_valid());
    }

    #[test]
    fn separators_stop_one_star_and_not_two() {
        let matches = |pattern, text| Glob::new(pattern, &['/']).matches(text);
        assert!(!matches(
            "https://*.example.org/*",
            "https://git.example.org/a/b"
        ));
        assert!(matches(
            "https://*.example.org/**",
            "https://git.example.org/a/b"
        ));
        assert!(!matches("a?b", "a/b"));
    }

    #[test]
    fn long_patterns_take_no_longer_than_they_are() {
        let pattern = "*a".repeat(2000);
        assert!(!Glob::new(&pattern, &[]).matches(&"a".repeat(1999)));
        assert!(!Glob::new(&"{".repeat(1000), &[]).is_valid());
    }
}
