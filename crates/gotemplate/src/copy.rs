//! Deep copies: takes a value, gives one that shares no map or list with it, never follows a map
//! that contains itself for ever.

use crate::list::List;
use crate::map::Map;
use crate::meter::MAX_ELEMENTS;
use crate::value::Value;

/// How deep values may nest; only a map that contains itself goes deeper.
const MAXIMUM_DEPTH: usize = 10_000;

/// One deep copy under way.
#[derive(Debug, Default)]
pub(crate) struct Copier {
    depth: usize,
    elements: usize,
    /// The value is nested too deep or has too many elements: the rest stays shared.
    pub(crate) overflow: bool,
}

impl Copier {
    pub(crate) fn value(&mut self, value: &Value) -> Value {
        self.elements += 1;
        if self.overflow || self.depth >= MAXIMUM_DEPTH || self.elements > MAX_ELEMENTS {
            self.overflow = true;
            return value.clone();
        }
        match value {
            Value::List(list) => Value::List(self.list(list)),
            Value::Map(map) => Value::Map(self.map(map)),
            Value::Host(host) => {
                let underlying = host.underlying().map(|inner| self.value(&inner));
                host.copied(underlying).unwrap_or_else(|| value.clone())
            }
            other => other.clone(),
        }
    }

    pub(crate) fn list(&mut self, list: &List) -> List {
        if list.is_nil() {
            return list.clone();
        }
        self.deeper(|copier| {
            let items = list.iter().map(|item| copier.value(item)).collect();
            List::with_element(list.element(), items)
        })
    }

    pub(crate) fn map(&mut self, map: &Map) -> Map {
        if let Some(copy) = map.frozen_copy() {
            self.elements += map.frozen_elements().unwrap_or(0);
            return copy;
        }
        self.deeper(|copier| map.mapped(|value| copier.value(value)))
    }

    fn deeper<T>(&mut self, copy: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let copied = crate::stack::grow(|| copy(self));
        self.depth -= 1;
        copied
    }
}
