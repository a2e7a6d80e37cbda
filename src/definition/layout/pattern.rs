//! Where an environment's name stands in the repository: takes a pattern such as
//! `environments/values-*.yaml`, gives the names that files or directories have, never follows `..`.

use std::collections::BTreeSet;
use std::path::Path;

/// A path in which one `*` stands for an environment's name, or such a name itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern(String);

impl NamePattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let stars = text.matches('*').count();
        if stars > 1 {
            return Err("the name of an environment stands in it once: write one `*`");
        }
        if stars == 0 && text.contains('/') {
            return Err("a path needs a `*` where the name of an environment stands");
        }
        let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        if !text.split('/').all(is_plain) {
            return Err("a path goes from the root of the repository downwards, without . and ..");
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Adds the names that a repository has; what cannot be read has none.
    pub(in crate::definition) fn names(&self, root: &Path, names: &mut BTreeSet<String>) {
        let Some((before, after)) = self.0.split_once('*') else {
            names.insert(self.0.clone());
            return;
        };
        let (folder, prefix) = before.rsplit_once('/').unwrap_or(("", before));
        let (suffix, below) = match after.split_once('/') {
            Some((suffix, below)) => (suffix, Some(below)),
            None => (after, None),
        };
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            return;
        };
        for entry in entries.flatten() {
            let file = entry.file_name();
            let name = (file.to_str())
                .and_then(|file| file.strip_prefix(prefix)?.strip_suffix(suffix))
                .filter(|name| !name.is_empty() && !name.starts_with('.'));
            let path = entry.path();
            let is_there = match below {
                Some(below) => path.join(below).exists(),
                // Where nothing but the name stands, a directory is meant: a file has an ending.
                None => !(prefix.is_empty() && suffix.is_empty()) || path.is_dir(),
            };
            if let Some(name) = name.filter(|_| is_there) {
                names.insert(name.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files_directories_or_of_the_pattern_itself() {
        let root = tempfile::TempDir::new().expect("a directory");
        for file in [
            "e/values.yaml",
            "e/values-a.yaml",
            "c/x/k.yaml",
            "c/y/z",
            "c/file",
        ] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, "").expect("a file");
        }
        let names = |pattern: &str| {
            let mut names = BTreeSet::new();
            let pattern = NamePattern::parse(pattern).expect("a pattern");
            pattern.names(root.path(), &mut names);
            names.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("e/values-*.yaml"), "a");
        assert_eq!(names("c/*"), "x y");
        assert_eq!(names("c/*/k.yaml"), "x");
        assert_eq!(names("production"), "production");
        assert_eq!(names("nothing/*"), "");
        for wrong in ["a/b", "*/*", "../*", "", "/e/*"] {
            assert!(NamePattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
