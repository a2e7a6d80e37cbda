//! Where in a manifest something stands: takes keys and indices, gives a path as people write it,
//! never looks at the manifest.

use std::fmt;

/// One step into a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

/// The way from a manifest to one of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path<'p> {
    steps: Vec<Step<'p>>,
}

impl<'p> Path<'p> {
    /// Goes into a key for as long as `inside` takes.
    pub fn key<R>(&mut self, key: &'p str, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.steps.push(Step::Key(key));
        let result = inside(self);
        self.steps.pop();
        result
    }

    /// Goes into an item for as long as `inside` takes.
    pub fn index<R>(&mut self, index: usize, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.steps.push(Step::Index(index));
        let result = inside(self);
        self.steps.pop();
        result
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Key(key) if key.contains(['.', '/', '[']) => {
                    write!(formatter, "[\"{key}\"]")?;
                }
                Step::Key(key) if position == 0 => formatter.write_str(key)?,
                Step::Key(key) => write!(formatter, ".{key}")?,
            }
        }
        Ok(())
    }
}
