//! Go's maps with string keys: takes entries, gives a map shared by all its clones and changed in
//! place, never yields them in other than key order.

use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::copy::Copier;
use crate::entries::Entries;
use crate::frozen::FrozenMap;
use crate::journal;
use crate::value::{ElementKind, Value};

/// A Go map such as `map[string]interface {}`. A clone is the same map: what one handle sets, the
/// other sees.
#[derive(Clone)]
pub struct Map(Rc<Body>);

struct Body {
    element: ElementKind,
    /// Made as Go's nil map: it has no entries, and nothing may be set in it.
    nil: bool,
    /// Nothing that reads it may be remembered.
    unsteady: bool,
    /// When it was made.
    birth: u64,
    entries: RefCell<Entries>,
    /// Where the entries are to be taken from as soon as one is asked for.
    frozen: RefCell<Option<Arc<FrozenMap>>>,
}

impl Body {
    fn new(element: ElementKind, entries: Entries) -> Self {
        Self {
            element,
            nil: false,
            unsteady: false,
            birth: journal::tick(),
            entries: RefCell::new(entries),
            frozen: RefCell::new(None),
        }
    }
}

impl Map {
    /// Makes an empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::with_element(ElementKind::Any)
    }

    /// Makes an empty map whose values have a declared type, such as `map[string]string`.
    pub fn with_element(element: ElementKind) -> Self {
        Self::with_entries(element, Entries::new())
    }

    /// Makes Go's nil map: what a nil argument or the JSON `null` becomes where a map is asked for.
    /// It reads as an empty one; JSON has `null` for it.
    pub fn nil(element: ElementKind) -> Self {
        let mut body = Body::new(element, Entries::new());
        body.nil = true;
        Self(Rc::new(body))
    }

    /// Makes a map of which an engine that remembers must remember nothing: templates find another
    /// one in its place each time.
    pub fn unsteady(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        let mut body = Body::new(ElementKind::Any, entries.into_iter().collect());
        body.unsteady = true;
        Self(Rc::new(body))
    }

    fn with_entries(element: ElementKind, entries: Entries) -> Self {
        Self(Rc::new(Body::new(element, entries)))
    }

    fn entries(&self) -> Ref<'_, Entries> {
        if self.0.unsteady {
            journal::unsteady();
        }
        self.thaw();
        self.0.entries.borrow()
    }

    /// Makes the entries of a map that is still frozen.
    fn thaw(&self) {
        if let Some(frozen) = self.0.frozen.take() {
            *self.0.entries.borrow_mut() = frozen.thawed();
        }
    }

    /// Returns whether it is known without a look that neither this map nor one below has a nil.
    pub fn is_known_without_nil(&self) -> bool {
        let frozen = self.0.frozen.borrow();
        frozen.as_ref().is_some_and(|frozen| !frozen.has_nil())
    }

    /// Returns a copy of a map that is still frozen, which is so too.
    pub(crate) fn frozen_copy(&self) -> Option<Self> {
        self.0.frozen.borrow().as_ref().map(Self::from)
    }

    /// Returns how many values are in a map that is still frozen, at all depths.
    pub(crate) fn frozen_elements(&self) -> Option<usize> {
        self.0.frozen.borrow().as_ref().map(|one| one.elements())
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
        self.entries().get(key).cloned()
    }

    /// Returns whether the key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.entries().get(key).is_some()
    }

    /// Sets a key, in place.
    pub fn set(&self, key: impl Into<Arc<str>>, value: impl Into<Value>) {
        journal::changed(self.0.birth);
        self.thaw();
        let previous = self.0.entries.borrow_mut().insert(key.into(), value.into());
        // Dropped only now: its destructor may reach this very map.
        drop(previous);
    }

    /// Puts an unsteady map in the place of another one, which an engine that remembers need not
    /// know.
    pub fn renew(&self, key: &str, unsteady: impl Into<Value>) {
        self.thaw();
        let previous = self
            .0
            .entries
            .borrow_mut()
            .insert(key.into(), unsteady.into());
        drop(previous);
    }

    /// Removes a key, in place, and returns what it had.
    pub fn remove(&self, key: &str) -> Option<Value> {
        journal::changed(self.0.birth);
        self.thaw();
        self.0.entries.borrow_mut().remove(key)
    }

    /// Returns the number of keys.
    pub fn len(&self) -> usize {
        if let Some(frozen) = &*self.0.frozen.borrow() {
            return frozen.len();
        }
        self.entries().len()
    }

    /// Returns whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the entries of this moment in key order; changes made meanwhile are not seen.
    pub fn iter(&self) -> std::vec::IntoIter<(Arc<str>, Value)> {
        let entries = self.entries();
        let snapshot: Vec<_> = entries
            .iter()
            .map(|(key, value)| (Arc::clone(key), value.clone()))
            .collect();
        snapshot.into_iter()
    }

    /// Returns the keys of this moment in order.
    pub fn keys(&self) -> Vec<Arc<str>> {
        self.entries()
            .iter()
            .map(|(key, _)| Arc::clone(key))
            .collect()
    }

    /// Shows each entry in key order without copying. The visitor must not change this map.
    pub fn visit<E>(
        &self,
        mut visitor: impl FnMut(&str, &Value) -> Result<(), E>,
    ) -> Result<(), E> {
        self.entries()
            .iter()
            .try_for_each(|(key, value)| visitor(key, value))
    }

    /// Returns whether both have the same few keys with the same values. Unsteady ones are like no
    /// other.
    pub(crate) fn alike(
        &self,
        other: &Self,
        most: usize,
        mut same: impl FnMut(&Value, &Value) -> bool,
    ) -> bool {
        for map in [self, other] {
            map.thaw();
        }
        let (one, other) = (&self.0, &other.0);
        if one.unsteady || other.unsteady || one.element != other.element || one.nil != other.nil {
            return false;
        }
        let (one, other) = (one.entries.borrow(), other.entries.borrow());
        one.len() == other.len()
            && one.len() <= most
            && one
                .iter()
                .zip(other.iter())
                .all(|(one, other)| one.0 == other.0 && same(one.1, other.1))
    }

    /// Returns a map that shares no map or list with this one.
    #[must_use]
    pub fn deep_copy(&self) -> Self {
        Copier::default().map(self)
    }

    /// Returns a map of the same keys and type with other values.
    pub(crate) fn mapped(&self, value: impl FnMut(&Value) -> Value) -> Self {
        let mapped = self.entries().mapped(value);
        let mut body = Body::new(self.element(), mapped);
        body.nil = self.0.nil;
        Self(Rc::new(body))
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

impl From<&Arc<FrozenMap>> for Map {
    fn from(frozen: &Arc<FrozenMap>) -> Self {
        let map = Self::new();
        map.0.frozen.replace(Some(Arc::clone(frozen)));
        map
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let entries = self.entries.take();
        if entries.len() > 0 {
            crate::stack::grow(|| drop(entries));
        }
    }
}

impl<K: Into<Arc<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        Self::with_entries(ElementKind::Any, entries)
    }
}

impl IntoIterator for &Map {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
