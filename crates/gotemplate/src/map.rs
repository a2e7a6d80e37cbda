//! Go's maps with string keys: takes entries, gives a map shared by all its clones and changed in
//! place, never yields them in other than key order.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::copy::Copier;
use crate::value::{ElementKind, Value};

/// A Go map such as `map[string]interface {}`. A clone is the same map: what one handle sets, the
/// other sees.
#[derive(Clone)]
pub struct Map(Rc<Body>);

struct Body {
    element: ElementKind,
    /// Made as Go's nil map: it has no entries, and nothing may be set in it.
    nil: bool,
    entries: RefCell<BTreeMap<Arc<str>, Value>>,
}

impl Map {
    /// Makes an empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::with_element(ElementKind::Any)
    }

    /// Makes an empty map whose values have a declared type, such as `map[string]string`.
    pub fn with_element(element: ElementKind) -> Self {
        Self(Rc::new(Body {
            element,
            nil: false,
            entries: RefCell::default(),
        }))
    }

    /// Makes Go's nil map: what a nil argument or the JSON `null` becomes where a map is asked for.
    /// It reads as an empty one; JSON has `null` for it.
    pub fn nil(element: ElementKind) -> Self {
        Self(Rc::new(Body {
            element,
            nil: true,
            entries: RefCell::default(),
        }))
    }

    /// Returns whether this is Go's nil map. Functions that set keys must refuse it, as Go does.
    pub fn is_nil(&self) -> bool {
        self.0.nil && self.is_empty()
    }

    /// Returns the declared type of the values.
    pub fn element(&self) -> ElementKind {
        self.0.element
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.0.entries.borrow().get(key).cloned()
    }

    /// Returns whether the key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.0.entries.borrow().contains_key(key)
    }

    /// Sets a key, in place.
    pub fn set(&self, key: impl Into<Arc<str>>, value: impl Into<Value>) {
        let previous = self.0.entries.borrow_mut().insert(key.into(), value.into());
        // Dropped only now: its destructor may reach this very map.
        drop(previous);
    }

    /// Removes a key, in place, and returns what it had.
    pub fn remove(&self, key: &str) -> Option<Value> {
        self.0.entries.borrow_mut().remove(key)
    }

    /// Returns the number of keys.
    pub fn len(&self) -> usize {
        self.0.entries.borrow().len()
    }

    /// Returns whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.entries.borrow().is_empty()
    }

    /// Returns the entries of this moment in key order; changes made meanwhile are not seen.
    pub fn iter(&self) -> std::vec::IntoIter<(Arc<str>, Value)> {
        let entries = self.0.entries.borrow();
        let snapshot: Vec<_> = entries
            .iter()
            .map(|(key, value)| (Arc::clone(key), value.clone()))
            .collect();
        snapshot.into_iter()
    }

    /// Returns the keys of this moment in order.
    pub fn keys(&self) -> Vec<Arc<str>> {
        self.0.entries.borrow().keys().cloned().collect()
    }

    /// Shows each entry in key order without copying. The visitor must not change this map.
    pub fn visit<E>(
        &self,
        mut visitor: impl FnMut(&str, &Value) -> Result<(), E>,
    ) -> Result<(), E> {
        self.0
            .entries
            .borrow()
            .iter()
            .try_for_each(|(key, value)| visitor(key, value))
    }

    /// Returns a map that shares no map or list with this one.
    #[must_use]
    pub fn deep_copy(&self) -> Self {
        Copier::default().map(self)
    }

    /// Returns a map of the same keys and type with other values.
    pub(crate) fn mapped(&self, mut value: impl FnMut(&Value) -> Value) -> Self {
        let entries = self.0.entries.borrow();
        let mapped = entries
            .iter()
            .map(|(key, old)| (Arc::clone(key), value(old)))
            .collect();
        Self(Rc::new(Body {
            element: self.element(),
            nil: self.0.nil,
            entries: RefCell::new(mapped),
        }))
    }

    /// Returns whether something else holds the same map.
    pub(crate) fn is_shared(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }

    /// Returns whether both are the same map, not only equal ones.
    pub fn pointer_equal(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Map {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let entries = self.entries.take();
        if !entries.is_empty() {
            crate::stack::grow(|| drop(entries));
        }
    }
}

impl<K: Into<Arc<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let map = Self::new();
        *map.0.entries.borrow_mut() = entries
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        map
    }
}

impl IntoIterator for &Map {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
