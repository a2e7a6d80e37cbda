//! `.Files` of a chart: takes the chart's files, gives the methods that templates call, never
//! reads from disk.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{ElementKind, FunctionError, Host, List, Map, Signature, Text, Value};

use crate::chart::Content;
use crate::files::File;
use crate::functions::yaml::to_yaml;
use crate::go_path;
use crate::objects;
use crate::pattern::files_glob;

/// The files that templates can read.
#[derive(Debug)]
pub(crate) struct Files {
    content: Arc<Content>,
    /// The places of some of them in the order of their paths; all where this is missing.
    chosen: Option<Vec<usize>>,
}

impl Files {
    /// Makes `.Files`.
    pub(crate) fn new(content: &Arc<Content>) -> Self {
        Self {
            content: Arc::clone(content),
            chosen: None,
        }
    }

    /// Returns the places of the files in the order of their paths.
    fn places(&self) -> Vec<usize> {
        match &self.chosen {
            Some(chosen) => chosen.clone(),
            None => self.content.file_places().values().copied().collect(),
        }
    }

    /// Returns the files in the order of their paths.
    fn all(&self) -> impl Iterator<Item = &File> {
        self.places().into_iter().map(|at| &self.content.files[at])
    }

    fn get(&self, path: &str) -> &[u8] {
        let place = self.content.file_places().get(path);
        let place = place.filter(|place| {
            let chosen = self.chosen.as_ref();
            chosen.is_none_or(|chosen| chosen.contains(place))
        });
        place.map_or(&[], |place| &self.content.files[*place].data)
    }

    fn text(bytes: &[u8]) -> Value {
        Value::String(Text::from_bytes(bytes.to_vec()))
    }

    fn glob(&self, pattern: &str) -> Self {
        let pattern = files_glob(pattern);
        let mut chosen = self.places();
        chosen.retain(|at| pattern.is_match(&self.content.files[*at].path));
        Self {
            content: Arc::clone(&self.content),
            chosen: Some(chosen),
        }
    }

    fn lines(&self, path: &str) -> Value {
        let data = self.get(path);
        if data.is_empty() {
            return Value::List(List::strings(Vec::<Value>::new()));
        }
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        Value::List(List::strings(
            data.split(|&byte| byte == b'\n').map(Self::text),
        ))
    }

    /// Gives the files by their last path part, as YAML.
    fn flattened(&self, convert: impl Fn(&[u8]) -> Value) -> Value {
        let map: Map = self
            .all()
            .map(|file| (go_path::base(&file.path), convert(&file.data)))
            .collect();
        Value::from(to_yaml(&Value::Map(map)).unwrap_or_default())
    }
}

impl Host for Files {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("engine.files")
    }

    /// Each of these looks at all files.
    fn steps(&self, method: &str) -> usize {
        match method {
            "Get" | "GetBytes" | "Lines" => 0,
            _ => match &self.chosen {
                Some(chosen) => chosen.len(),
                None => self.content.file_places().len(),
            },
        }
    }

    fn underlying(&self) -> Option<Value> {
        let map = Map::with_element(ElementKind::Bytes);
        for file in self.all() {
            map.set(file.path.as_str(), Value::Bytes(Rc::from(&*file.data)));
        }
        Some(Value::Map(map))
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        match method {
            "Get" | "GetBytes" | "Glob" | "Lines" => Some(objects::TEXT),
            "AsConfig" | "AsSecrets" => Some(Signature::fixed(&[])),
            _ => None,
        }
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let path = objects::text(arguments);
        Ok(match name {
            "Get" => Self::text(self.get(&path)),
            "GetBytes" => Value::Bytes(Rc::from(self.get(&path))),
            "Glob" => Value::host(self.glob(&path)),
            "Lines" => self.lines(&path),
            "AsConfig" => self.flattened(Self::text),
            _ => self.flattened(|data| Value::from(STANDARD.encode(data))),
        })
    }
}
