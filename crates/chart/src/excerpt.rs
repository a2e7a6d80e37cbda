//! Parts of files: takes a file's text and a range of it, gives the part, never a copy of it.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A part of a text that others share.
#[derive(Clone)]
pub struct Excerpt {
    whole: Arc<String>,
    range: Range<usize>,
}

impl Excerpt {
    /// Takes a part of `whole`; the range must be one of it.
    pub(crate) fn new(whole: &Arc<String>, range: Range<usize>) -> Self {
        Self {
            whole: Arc::clone(whole),
            range,
        }
    }

    /// Takes all of a text.
    pub(crate) fn all(whole: &Arc<String>) -> Self {
        Self::new(whole, 0..whole.len())
    }
}

impl From<String> for Excerpt {
    fn from(text: String) -> Self {
        Self::all(&Arc::new(text))
    }
}

impl Deref for Excerpt {
    type Target = str;

    fn deref(&self) -> &str {
        &self.whole[self.range.clone()]
    }
}

impl PartialEq for Excerpt {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Excerpt {}

impl fmt::Debug for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}
