//! `.Files` of a chart: takes the chart's files, gives the methods that templates call, never
//! reads from disk.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{ElementKind, FunctionError, Host, List, Map, Signature, Text, Value};

use crate::files::File;
use crate::functions::yaml::to_yaml;
use crate::go_path;
use crate::objects;
use crate::pattern::files_glob;

/// The files that templates can read, by path.
#[derive(Debug)]
pub(crate) struct Files(BTreeMap<String, Rc<[u8]>>);

impl Files {
    /// Makes `.Files`.
    pub(crate) fn new(files: &[File]) -> Self {
        Self(
            files
                .iter()
                .map(|file| (file.path.clone(), Rc::from(&*file.data)))
                .collect(),
        )
    }

    fn get(&self, path: &str) -> Rc<[u8]> {
        self.0.get(path).cloned().unwrap_or_else(|| Rc::from([]))
    }

    fn text(bytes: &[u8]) -> Value {
        Value::String(Text::from_bytes(bytes.to_vec()))
    }

    fn glob(&self, pattern: &str) -> Self {
        let pattern = files_glob(pattern);
        let fits = self.0.iter().filter(|(path, _)| pattern.is_match(path));
        Self(
            fits.map(|(path, data)| (path.clone(), Rc::clone(data)))
                .collect(),
        )
    }

    fn lines(&self, path: &str) -> Value {
        let data = self.get(path);
        if data.is_empty() {
            return Value::List(List::strings(Vec::<Value>::new()));
        }
        let data = data.strip_suffix(b"\n").unwrap_or(&data);
        Value::List(List::strings(
            data.split(|&byte| byte == b'\n').map(Self::text),
        ))
    }

    /// Gives the files by their last path part, as YAML.
    fn flattened(&self, convert: impl Fn(&[u8]) -> Value) -> Value {
        let map: Map = self
            .0
            .iter()
            .map(|(path, data)| (go_path::base(path), convert(data)))
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
            _ => self.0.len(),
        }
    }

    fn underlying(&self) -> Option<Value> {
        let map = Map::with_element(ElementKind::Bytes);
        for (path, data) in &self.0 {
            map.set(path.as_str(), Value::Bytes(Rc::clone(data)));
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
            "Get" => Self::text(&self.get(&path)),
            "GetBytes" => Value::Bytes(self.get(&path)),
            "Glob" => Value::host(self.glob(&path)),
            "Lines" => self.lines(&path),
            "AsConfig" => self.flattened(Self::text),
            _ => self.flattened(|data| Value::from(STANDARD.encode(data))),
        })
    }
}
