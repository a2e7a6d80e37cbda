//! What a run remembers: takes the texts that templates gave for their data, gives them again for
//! the same data, never where anything may have changed that the execution has read.
//!
//! An execution may be remembered if it did nothing but give its text: it changed no map that was
//! there before it, and read nothing unsteady. What it read are maps that were there before it.
//! When one of them is changed, everything is forgotten that was remembered after the map's birth;
//! what was remembered before cannot have read it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::ast::Tree;
use crate::journal::{self, Happened};
use crate::text::Text;
use crate::value::Value;

/// The most texts that are remembered.
const MOST: usize = 4096;
/// The most bytes that they may have together.
const MOST_BYTES: usize = 16 << 20;
/// How many texts of one template are looked at.
const TRIES: usize = 12;
/// How deep data is compared that is not the very same.
const DEPTH: usize = 3;
/// How many elements a list or map may have to be compared.
const ELEMENTS: usize = 12;

/// The texts that templates gave.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    texts: RefCell<Remembered>,
    /// What happened in the execution under way.
    happened: Cell<Option<Happened>>,
}

#[derive(Debug, Default)]
struct Remembered {
    /// In the order of their times.
    texts: Vec<Given>,
    /// The places of a template's texts, by its address.
    places: BTreeMap<usize, Vec<usize>>,
    bytes: usize,
}

/// A text that a template gave.
#[derive(Debug)]
struct Given {
    /// When the execution had ended.
    time: u64,
    /// Keeps the address.
    tree: Arc<Tree>,
    data: Value,
    text: Text,
}

/// An execution under way.
#[derive(Debug)]
pub(crate) struct Execution {
    began: u64,
    outer: Happened,
}

impl Memory {
    /// Returns the text that the template gave for the same data.
    pub(crate) fn recall(&self, tree: &Arc<Tree>, data: &Value) -> Option<Text> {
        self.settle();
        let remembered = self.texts.borrow();
        let places = remembered.places.get(&address(tree))?;
        let mut texts = places.iter().rev().take(TRIES);
        texts.find_map(|&place| {
            let given = &remembered.texts[place];
            same(&given.data, data, DEPTH).then(|| given.text.clone())
        })
    }

    /// Begins to watch an execution, after [`Self::recall`].
    pub(crate) fn begin(&self) -> Execution {
        Execution {
            outer: self.happened.take().unwrap_or(Happened::NOTHING),
            began: journal::tick(),
        }
    }

    /// Ends the execution and tells whether it may be remembered.
    pub(crate) fn end(&self, execution: &Execution) -> bool {
        self.settle();
        let own = self.happened.take().unwrap_or(Happened::NOTHING);
        self.happened.set(Some(own.and(execution.outer)));
        own.oldest_changed > execution.began && !own.unsteady
    }

    /// Remembers the text of an execution that may be.
    pub(crate) fn keep(&self, tree: &Arc<Tree>, data: Value, text: &Text) {
        let mut remembered = self.texts.borrow_mut();
        if remembered.texts.len() >= MOST || remembered.bytes + text.len() > MOST_BYTES {
            *remembered = Remembered::default();
        }
        let place = remembered.texts.len();
        remembered.bytes += text.len();
        let places = remembered.places.entry(address(tree)).or_default();
        places.push(place);
        remembered.texts.push(Given {
            time: journal::tick(),
            tree: Arc::clone(tree),
            data,
            text: text.clone(),
        });
    }

    /// Forgets what the changes since the last time may have made untrue.
    fn settle(&self) {
        let now = journal::take();
        if now.oldest_changed == u64::MAX && !now.unsteady {
            return;
        }
        let before = self.happened.take().unwrap_or(Happened::NOTHING);
        self.happened.set(Some(before.and(now)));
        let mut forgotten = Vec::new();
        let mut remembered = self.texts.borrow_mut();
        while let Some(given) = remembered
            .texts
            .pop_if(|given| given.time > now.oldest_changed)
        {
            remembered.bytes -= given.text.len();
            if let Some(places) = remembered.places.get_mut(&address(&given.tree)) {
                places.pop();
            }
            forgotten.push(given);
        }
    }
}

fn address(tree: &Arc<Tree>) -> usize {
    Arc::as_ptr(tree).addr()
}

/// Tells whether a template cannot tell the two apart.
fn same(one: &Value, other: &Value, depth: usize) -> bool {
    match (one, other) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Int(one), Value::Int(other)) | (Value::Int64(one), Value::Int64(other)) => {
            one == other
        }
        (Value::Uint8(one), Value::Uint8(other)) => one == other,
        (Value::Uint64(one), Value::Uint64(other)) => one == other,
        (Value::Float64(one), Value::Float64(other)) => one.to_bits() == other.to_bits(),
        (Value::String(one), Value::String(other)) => one == other,
        (Value::Bytes(one), Value::Bytes(other)) => Rc::ptr_eq(one, other),
        (Value::Host(one), Value::Host(other)) => Rc::ptr_eq(one, other),
        (Value::List(one), Value::List(other)) => {
            one.pointer_equal(other)
                || depth > 0
                    && one.len() == other.len()
                    && one.len() <= ELEMENTS
                    && one.element() == other.element()
                    && one.is_nil() == other.is_nil()
                    && one
                        .iter()
                        .zip(other.iter())
                        .all(|(one, other)| same(one, other, depth - 1))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.pointer_equal(other)
                || depth > 0 && one.alike(other, ELEMENTS, |one, other| same(one, other, depth - 1))
        }
        _ => false,
    }
}
