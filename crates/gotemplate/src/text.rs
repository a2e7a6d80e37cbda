//! The string of the template language: takes UTF-8 or raw bytes, gives a cheaply cloned Go string,
//! never interprets it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A Go string: immutable, shared on clone, usually UTF-8 but not necessarily so.
///
/// Go's strings are bytes; a decoded secret or a binary file keeps its bytes here, so that it can
/// be hashed or encoded again without loss.
#[derive(Clone)]
pub struct Text(Body);

#[derive(Clone)]
enum Body {
    Static(&'static str),
    Shared(Arc<str>),
    /// Bytes that are not UTF-8.
    Raw(Arc<[u8]>),
}

impl Text {
    /// The empty string.
    pub const EMPTY: Self = Self(Body::Static(""));

    /// Wraps a string constant without copying it.
    pub const fn from_static(text: &'static str) -> Self {
        Self(Body::Static(text))
    }

    /// Takes bytes as Go's `string(bytes)` does.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::from(text),
            Err(error) => Self(Body::Raw(error.into_bytes().into())),
        }
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Body::Static(text) => text.as_bytes(),
            Body::Shared(text) => text.as_bytes(),
            Body::Raw(bytes) => bytes,
        }
    }

    /// Returns the text if it is UTF-8, which all but decoded binary data is.
    pub fn as_utf8(&self) -> Option<&str> {
        match &self.0 {
            Body::Static(text) => Some(text),
            Body::Shared(text) => Some(text),
            Body::Raw(_) => None,
        }
    }

    /// Returns the text, with U+FFFD in place of what is not UTF-8.
    pub fn to_str(&self) -> Cow<'_, str> {
        match &self.0 {
            Body::Static(text) => Cow::Borrowed(text),
            Body::Shared(text) => Cow::Borrowed(text),
            Body::Raw(bytes) => String::from_utf8_lossy(bytes),
        }
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Returns whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether something else holds the same text, or it is a constant.
    pub(crate) fn is_shared(&self) -> bool {
        match &self.0 {
            Body::Static(_) => true,
            Body::Shared(text) => Arc::strong_count(text) > 1,
            Body::Raw(bytes) => Arc::strong_count(bytes) > 1,
        }
    }

    /// Returns the text as a shareable map key.
    pub fn to_key(&self) -> Arc<str> {
        match &self.0 {
            Body::Static(text) => Arc::from(*text),
            Body::Shared(text) => Arc::clone(text),
            Body::Raw(bytes) => String::from_utf8_lossy(bytes).into(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Body::Shared(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Body::Shared(text.into()))
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self(Body::Shared(text.into()))
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Self(Body::Shared(text))
    }
}

impl From<&Arc<str>> for Text {
    fn from(text: &Arc<str>) -> Self {
        Self(Body::Shared(Arc::clone(text)))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), formatter)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.to_str())
    }
}
