//! Go's slices: takes values, gives an immutable list that is shared on clone, never changes in
//! place (no template function can do so).

use std::ops::Deref;
use std::rc::Rc;

use crate::copy::Copier;
use crate::value::{ElementKind, Value};

/// A Go slice such as `[]interface {}` or `[]string`. A clone shares the elements.
#[derive(Debug, Clone)]
pub struct List(Rc<Body>);

#[derive(Debug)]
struct Body {
    element: ElementKind,
    /// Made as Go's nil slice.
    nil: bool,
    items: Vec<Value>,
}

impl List {
    /// Makes a `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        Self::with_element(ElementKind::Any, items)
    }

    /// Makes a list whose elements have a declared type, such as `[]string`; the items must fit.
    pub fn with_element(element: ElementKind, items: Vec<Value>) -> Self {
        Self(Rc::new(Body {
            element,
            nil: false,
            items,
        }))
    }

    /// Makes Go's nil slice, which reads as an empty one; JSON has `null` for it.
    pub fn nil(element: ElementKind) -> Self {
        Self(Rc::new(Body {
            element,
            nil: true,
            items: Vec::new(),
        }))
    }

    /// Returns whether this is Go's nil slice.
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// Makes a `[]string`.
    pub fn strings<I>(items: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Value>,
    {
        Self::with_element(
            ElementKind::String,
            items.into_iter().map(Into::into).collect(),
        )
    }

    /// Returns the declared type of the elements.
    pub fn element(&self) -> ElementKind {
        self.0.element
    }

    /// Returns whether both are the same list, not only equal ones.
    pub fn pointer_equal(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Returns whether something else holds the same list.
    pub(crate) fn is_shared(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }

    /// Returns a new list with the items added at the end.
    #[must_use]
    pub fn append(&self, added: impl IntoIterator<Item = Value>) -> Self {
        Self::with_element(self.element(), self.iter().cloned().chain(added).collect())
    }

    /// Returns a list that shares no map or list with this one.
    #[must_use]
    pub fn deep_copy(&self) -> Self {
        Copier::default().list(self)
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.items
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        // A template can nest lists as deep as it has steps; unwinding them must not overflow.
        if !self.items.is_empty() {
            let items = std::mem::take(&mut self.items);
            crate::stack::grow(|| drop(items));
        }
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::new(items.into_iter().collect())
    }
}
