//! What templates compute with: takes Rust values, gives Go's dynamic ones with Go's type names
//! and truth, never prints (that is `printf`'s).

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::copy::Copier;
use crate::host::Host;
use crate::list::List;
use crate::map::Map;
use crate::text::Text;

/// A Go value as it stands in an `interface {}`. Clones are cheap; maps are shared by them.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// `nil`.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int`: integer constants of templates and the results of `len`, `add` and the like.
    Int(i64),
    /// `int64`.
    Int64(i64),
    /// `uint8`: one byte of a string.
    Uint8(u8),
    /// `uint64`.
    Uint64(u64),
    /// `float64`: all numbers that come from JSON or YAML.
    Float64(f64),
    /// `string`.
    String(Text),
    /// `[]uint8`.
    Bytes(Rc<[u8]>),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A value whose type the embedding program defines.
    Host(Rc<dyn Host>),
}

/// The declared type of a list's or map's elements, which Go prints and checks arguments by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementKind {
    /// `interface {}`.
    Any,
    /// `string`.
    String,
    /// `int`.
    Int,
    /// `map[string]interface {}`.
    Map,
    /// `[]interface {}`.
    List,
    /// `[]uint8`.
    Bytes,
}

impl ElementKind {
    /// Returns Go's name of the type.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::String => "string",
            Self::Int => "int",
            Self::Map => "map[string]interface {}",
            Self::List => "[]interface {}",
            Self::Bytes => "[]uint8",
        }
    }

    /// Returns the value that a missing key of such a map stands for.
    pub fn zero(self) -> Value {
        match self {
            Self::Any => Value::Nil,
            Self::String => Value::String(Text::EMPTY),
            Self::Int => Value::Int(0),
            Self::Map => Value::Map(Map::nil(Self::Any)),
            Self::List => Value::List(List::nil(Self::Any)),
            Self::Bytes => Value::Bytes(Rc::from([])),
        }
    }
}

/// Go's `reflect.Kind`, as far as values here can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No value.
    Invalid,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `int64`.
    Int64,
    /// `uint8`.
    Uint8,
    /// `uint64`.
    Uint64,
    /// `float64`.
    Float64,
    /// `string`.
    String,
    /// Any slice.
    Slice,
    /// Any map.
    Map,
    /// A structure.
    Struct,
    /// A pointer to a structure.
    Pointer,
    /// A function.
    Function,
}

impl Kind {
    /// Returns what Go's `reflect.Kind.String` gives.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint64 => "uint64",
            Self::Float64 => "float64",
            Self::String => "string",
            Self::Slice => "slice",
            Self::Map => "map",
            Self::Struct => "struct",
            Self::Pointer => "ptr",
            Self::Function => "func",
        }
    }
}

impl Value {
    /// Makes a value of a type of the embedding program.
    pub fn host(host: impl Host) -> Self {
        Self::Host(Rc::new(host))
    }

    /// Returns Go's kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Nil => Kind::Invalid,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Int64(_) => Kind::Int64,
            Self::Uint8(_) => Kind::Uint8,
            Self::Uint64(_) => Kind::Uint64,
            Self::Float64(_) => Kind::Float64,
            Self::String(_) => Kind::String,
            Self::Bytes(_) | Self::List(_) => Kind::Slice,
            Self::Map(_) => Kind::Map,
            Self::Host(host) => host.kind(),
        }
    }

    /// Returns Go's name of the type, such as `map[string]interface {}`.
    pub fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Uint8(_) => "uint8",
            Self::Uint64(_) => "uint64",
            Self::Float64(_) => "float64",
            Self::String(_) => "string",
            Self::Bytes(_) => "[]uint8",
            Self::List(list) => match list.element() {
                ElementKind::Any => "[]interface {}",
                ElementKind::String => "[]string",
                ElementKind::Int => "[]int",
                ElementKind::Map => "[]map[string]interface {}",
                ElementKind::List => "[][]interface {}",
                ElementKind::Bytes => "[][]uint8",
            },
            Self::Map(map) => match map.element() {
                ElementKind::Any => "map[string]interface {}",
                ElementKind::String => "map[string]string",
                ElementKind::Int => "map[string]int",
                ElementKind::Map => "map[string]map[string]interface {}",
                ElementKind::List => "map[string][]interface {}",
                ElementKind::Bytes => "map[string][]uint8",
            },
            Self::Host(host) => return host.type_name(),
        })
    }

    /// Returns the built-in value below a named type, or the value itself.
    pub fn underlying(&self) -> Cow<'_, Self> {
        if let Self::Host(host) = self
            && let Some(value) = host.underlying()
        {
            return Cow::Owned(value);
        }
        Cow::Borrowed(self)
    }

    /// Returns whether Go's `if` takes the value as true: neither nil nor zero nor empty.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) | Self::Int64(value) => *value != 0,
            Self::Uint8(value) => *value != 0,
            Self::Uint64(value) => *value != 0,
            Self::Float64(value) => *value != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Host(host) => host.underlying().is_none_or(|value| value.is_true()),
        }
    }

    /// Returns whether this is `nil`, without a type.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// Returns whether this is `nil` or a nil slice or map, which Go's `eq` takes as equal to nil.
    pub fn is_nil_of_any_type(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::List(list) => list.is_nil(),
            Self::Map(map) => map.is_nil(),
            Self::Host(host) => host
                .underlying()
                .is_some_and(|value| value.is_nil_of_any_type()),
            _ => false,
        }
    }

    /// Returns the string, if it is one.
    pub fn as_text(&self) -> Option<&Text> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// Returns the map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self {
            Some(map)
        } else {
            None
        }
    }

    /// Returns the list, if it is one.
    pub fn as_list(&self) -> Option<&List> {
        if let Self::List(list) = self {
            Some(list)
        } else {
            None
        }
    }

    /// Returns a deep copy; none where the value contains itself or has more elements than
    /// [`crate::MAX_ELEMENTS`].
    #[must_use]
    pub fn try_deep_copy(&self) -> Option<Self> {
        let mut copier = Copier::default();
        let copy = copier.value(self);
        (!copier.overflow).then_some(copy)
    }

    /// Returns a value that shares no map or list with this one; host values stay shared.
    #[must_use]
    pub fn deep_copy(&self) -> Self {
        Copier::default().value(self)
    }
}

macro_rules! from {
    ($($source:ty => |$name:ident| $value:expr;)*) => {
        $(impl From<$source> for Value {
            fn from($name: $source) -> Self {
                $value
            }
        })*
    };
}

from! {
    bool => |value| Self::Bool(value);
    i64 => |value| Self::Int64(value);
    u8 => |value| Self::Uint8(value);
    u64 => |value| Self::Uint64(value);
    f64 => |value| Self::Float64(value);
    &str => |text| Self::String(text.into());
    String => |text| Self::String(text.into());
    Cow<'_, str> => |text| Self::String(text.into());
    Arc<str> => |text| Self::String(text.into());
    Text => |text| Self::String(text);
    List => |list| Self::List(list);
    Vec<Value> => |items| Self::List(List::new(items));
    Map => |map| Self::Map(map);
    Rc<dyn Host> => |host| Self::Host(host);
}
