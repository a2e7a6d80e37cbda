//! The decoder: takes one document as written, gives the tree as sigs.k8s.io/yaml does (types
//! resolved, aliases expanded, maps merged, keys as strings), never reads tokens.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::gosyntax::go_syntax;
use crate::limits::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, excessive_aliasing};
use crate::node::{Entry, Kind, Node};
use crate::number::{format_float, format_float_narrow, not_in_json, through_json};
use crate::raw::{RawDocument, RawKind, RawScalar};
use crate::resolve::{Flavour, Resolved, resolve, short_tag};
use crate::scan::Mark;
use crate::timestamp::to_rfc3339;

/// Decodes a document; a strict one refuses keys given twice.
pub(crate) fn decode(
    document: &RawDocument,
    flavour: Flavour,
    strict: bool,
) -> Result<Node, Error> {
    let mut decoder = Decoder {
        document,
        flavour,
        strict,
        duplicates: Vec::new(),
        conversion: None,
        values: 0,
        through_aliases: 0,
        aliased_bytes: 0,
        open_aliases: BTreeSet::new(),
        depth: 0,
    };
    let node = decoder.value(document.root)?;
    if let Some((mark, _)) = decoder.duplicates.first() {
        let lines: Vec<_> = decoder
            .duplicates
            .iter()
            .map(|(_, message)| format!("  {message}"))
            .collect();
        return Err(Error::at(
            (*mark).into(),
            format!("unmarshal errors:\n{}", lines.join("\n")),
        ));
    }
    decoder.conversion.map_or(Ok(node), Err)
}

/// A map while it is put together: entries in order, and where each key is.
#[derive(Default)]
struct Map {
    entries: Vec<Entry>,
    positions: BTreeMap<String, usize>,
}

impl Map {
    /// Puts an entry in, in place of an earlier one with its key.
    fn insert(&mut self, entry: Entry) {
        if let Some(&position) = self.positions.get(&entry.key) {
            self.entries[position] = entry;
        } else {
            self.positions.insert(entry.key.clone(), self.entries.len());
            self.entries.push(entry);
        }
    }
}

/// A key, decoded.
enum Key {
    /// Spelled as a string, and whether it was one.
    Text(String, bool),
    /// Of a type that JSON's conversion refuses: the type and the key in Go's words.
    Unsupported(String),
}

struct Decoder<'d> {
    document: &'d RawDocument,
    flavour: Flavour,
    strict: bool,
    /// Keys given twice, in strict reading, with Go's sentence.
    duplicates: Vec<(Mark, String)>,
    /// The first thing that JSON cannot hold; Go finds it only once all is decoded.
    conversion: Option<Error>,
    values: usize,
    through_aliases: usize,
    /// The bytes of the texts that came through aliases.
    aliased_bytes: usize,
    /// The aliases that are being expanded.
    open_aliases: BTreeSet<usize>,
    depth: usize,
}

impl Decoder<'_> {
    /// Counts one more value against the limits.
    fn count(&mut self, mark: Mark) -> Result<(), Error> {
        self.values += 1;
        if !self.open_aliases.is_empty() {
            self.through_aliases += 1;
        }
        if excessive_aliasing(self.through_aliases, self.values) {
            return Err(Error::at(
                mark.into(),
                "document contains excessive aliasing",
            ));
        }
        if self.values > MAX_VALUES {
            let message = format!("document contains more than {MAX_VALUES} values");
            return Err(Error::at(mark.into(), message));
        }
        Ok(())
    }

    /// Counts a text that may come through an alias, and so for the second time or more.
    fn count_text(&mut self, scalar: &RawScalar, mark: Mark, is_alias: bool) -> Result<(), Error> {
        if is_alias || !self.open_aliases.is_empty() {
            self.aliased_bytes += scalar.value.len();
        }
        if self.aliased_bytes > MAX_BYTES {
            let message = format!("aliases stand for more than {MAX_BYTES} bytes of text");
            return Err(Error::at(mark.into(), message));
        }
        Ok(())
    }

    fn value(&mut self, number: usize) -> Result<Node, Error> {
        let document = self.document;
        let raw = &document.nodes[number];
        let mark = raw.mark;
        self.count(mark)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("exceeded max depth of {MAX_DEPTH}");
            return Err(Error::at(mark.into(), message));
        }
        let kind = match &raw.kind {
            RawKind::Scalar(scalar) => {
                self.count_text(scalar, mark, false)?;
                scalar_kind(self.flavour, scalar, mark)?
            }
            RawKind::Sequence(items) => {
                let mut nodes = Vec::with_capacity(items.len());
                for item in items {
                    nodes.push(self.value(*item)?);
                }
                Kind::Sequence(nodes)
            }
            RawKind::Mapping(pairs) => {
                let mut map = Map::default();
                self.fill(&mut map, pairs)?;
                Kind::Mapping(map.entries)
            }
            RawKind::Alias { name, target } => {
                self.open_alias(number, name, mark)?;
                let node = self.value(*target)?;
                self.open_aliases.remove(&number);
                self.depth -= 1;
                return Ok(node);
            }
        };
        self.depth -= 1;
        Ok(Node {
            kind,
            span: mark.into(),
        })
    }

    fn open_alias(&mut self, number: usize, name: &str, mark: Mark) -> Result<(), Error> {
        if self.open_aliases.insert(number) {
            return Ok(());
        }
        Err(Error::at(
            mark.into(),
            format!("anchor '{name}' value contains itself"),
        ))
    }

    /// Puts pairs into a map; of equal keys the later wins, whether merged or not.
    fn fill(&mut self, map: &mut Map, pairs: &[(usize, usize)]) -> Result<(), Error> {
        let mut merges = Vec::new();
        for (key, value) in pairs {
            let mark = self.document.nodes[*key].mark;
            if self.is_merge(*key) {
                match self.flavour {
                    Flavour::V2 => self.merge(map, *value)?,
                    Flavour::V3 => merges.push(*value),
                }
                continue;
            }
            let key = self.key(*key)?;
            let value_mark = self.document.nodes[*value].mark;
            let node = self.value(*value)?;
            let (key, is_string) = match key {
                Key::Text(text, is_string) => (text, is_string),
                Key::Unsupported(what) => {
                    let value = match &node.kind {
                        Kind::Null => "<nil>".to_owned(),
                        kind => go_syntax(kind),
                    };
                    let message = format!("unsupported map key of type: {what}, value: {value}");
                    let error = Error::in_json(mark.into(), message);
                    self.conversion.get_or_insert(error);
                    continue;
                }
            };
            if self.flavour == Flavour::V3 {
                check_key(map, &key, is_string, mark)?;
            }
            if self.strict && map.positions.contains_key(&key) {
                let shown = if is_string {
                    go_syntax(&Kind::String(key))
                } else {
                    key
                };
                let line = value_mark.line + 1;
                let message = format!("line {line}: key {shown} already set in map");
                self.duplicates.push((value_mark, message));
                continue;
            }
            map.insert(Entry {
                key,
                key_span: mark.into(),
                value: node,
            });
        }
        for number in merges {
            self.merge_beneath(map, number)?;
        }
        Ok(())
    }

    /// Puts the pairs of a map, of an alias of one, or of a list of such, into a map as far as it
    /// does not have their keys.
    fn merge_beneath(&mut self, map: &mut Map, number: usize) -> Result<(), Error> {
        let document = self.document;
        let maps = match &document.nodes[number].kind {
            RawKind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(&number),
        };
        for item in maps {
            let mut merged = Map::default();
            self.merge_one(&mut merged, *item)?;
            for entry in merged.entries {
                if !map.positions.contains_key(&entry.key) {
                    map.insert(entry);
                }
            }
        }
        Ok(())
    }

    fn is_merge(&self, key: usize) -> bool {
        match &self.document.nodes[key].kind {
            RawKind::Scalar(RawScalar {
                value,
                tag,
                implicit,
            }) => value == "<<" && (*implicit || short_tag(tag) == "!!merge"),
            _ => false,
        }
    }

    /// Puts the pairs of a map, of an alias of one, or of a list of such, into a map.
    fn merge(&mut self, map: &mut Map, number: usize) -> Result<(), Error> {
        match &self.document.nodes[number].kind {
            RawKind::Sequence(items) => {
                // The first of the list wins, and what comes last wins, so backwards.
                for item in items.iter().rev() {
                    self.merge_one(map, *item)?;
                }
                Ok(())
            }
            _ => self.merge_one(map, number),
        }
    }

    fn merge_one(&mut self, map: &mut Map, number: usize) -> Result<(), Error> {
        let document = self.document;
        let raw = &document.nodes[number];
        let refusal = || {
            let message = "map merge requires map or sequence of maps as the value";
            Error::at(raw.mark.into(), message)
        };
        self.count(raw.mark)?;
        match &raw.kind {
            RawKind::Mapping(pairs) => self.fill(map, pairs),
            RawKind::Alias { name, target } => {
                let RawKind::Mapping(pairs) = &document.nodes[*target].kind else {
                    return Err(refusal());
                };
                self.open_alias(number, name, raw.mark)?;
                self.count(raw.mark)?;
                self.fill(map, pairs)?;
                self.open_aliases.remove(&number);
                Ok(())
            }
            _ => Err(refusal()),
        }
    }

    /// Decodes a key and spells it as a string.
    fn key(&mut self, number: usize) -> Result<Key, Error> {
        let document = self.document;
        let mut raw = &document.nodes[number];
        let mark = raw.mark;
        let is_alias = matches!(raw.kind, RawKind::Alias { .. });
        if let RawKind::Alias { target, .. } = &raw.kind {
            raw = &document.nodes[*target];
        }
        let RawKind::Scalar(scalar) = &raw.kind else {
            let key = self.value(number)?;
            let message = format!("invalid map key: {}", go_syntax(&key.kind));
            return Err(Error::at(mark.into(), message));
        };
        self.count(mark)?;
        self.count_text(scalar, mark, is_alias)?;
        Ok(match resolve_scalar(self.flavour, scalar, mark)? {
            Resolved::Null => Key::Unsupported("%!s(<nil>), key: <nil>".to_owned()),
            Resolved::Unsigned(value) => Key::Unsupported(format!("uint64, key: {value:#x}")),
            Resolved::Bool(value) => Key::Text(value.to_string(), false),
            Resolved::Integer(value) => Key::Text(value.to_string(), false),
            Resolved::Float(value) if value.is_finite() => {
                Key::Text(format_float_narrow(value), false)
            }
            Resolved::Float(value) => Key::Text(format_float(value), false),
            Resolved::Timestamp | Resolved::String => Key::Text(text_of(scalar, mark)?, true),
        })
    }
}

/// Returns what a scalar resolves to, without regard to what it will be used for.
fn resolve_scalar(flavour: Flavour, scalar: &RawScalar, mark: Mark) -> Result<Resolved, Error> {
    if scalar.tag.is_empty() && !scalar.implicit {
        return Ok(Resolved::String);
    }
    resolve(flavour, &scalar.tag, &scalar.value).map_err(|message| Error::at(mark.into(), message))
}

fn scalar_kind(flavour: Flavour, scalar: &RawScalar, mark: Mark) -> Result<Kind, Error> {
    Ok(match resolve_scalar(flavour, scalar, mark)? {
        Resolved::Null => Kind::Null,
        Resolved::Bool(value) => Kind::Bool(value),
        Resolved::Integer(value) => Kind::Integer(value),
        Resolved::Unsigned(value) => Kind::Unsigned(value),
        Resolved::Float(value) if value.is_finite() => through_json(value),
        Resolved::Float(value) => {
            return Err(Error::in_json(mark.into(), not_in_json(value)));
        }
        Resolved::Timestamp if flavour == Flavour::V3 => {
            Kind::String(to_rfc3339(&scalar.value).unwrap_or_else(|| scalar.value.clone()))
        }
        Resolved::Timestamp | Resolved::String => Kind::String(text_of(scalar, mark)?),
    })
}

/// Returns the text of a scalar that is one, decoded where it is tagged as binary.
fn text_of(scalar: &RawScalar, mark: Mark) -> Result<String, Error> {
    if short_tag(&scalar.tag) != "!!binary" {
        return Ok(scalar.value.clone());
    }
    crate::binary::decode(&scalar.value)
        .ok_or_else(|| Error::at(mark.into(), "!!binary value contains invalid base64 data"))
}

/// Refuses a key that is no string or was there before.
fn check_key(map: &Map, key: &str, is_string: bool, mark: Mark) -> Result<(), Error> {
    if !is_string {
        return Err(Error::in_json(
            mark.into(),
            format!("map key {key} is not a string"),
        ));
    }
    let Some(&position) = map.positions.get(key) else {
        return Ok(());
    };
    let line = map.entries[position].key_span.line;
    let quoted = go_syntax(&Kind::String(key.to_owned()));
    let message = format!(
        "unmarshal errors:\n  line {}: mapping key {quoted} already defined at line {line}",
        mark.line + 1
    );
    Err(Error::at(mark.into(), message))
}
