//! `.Files` of a chart: takes the chart's files, gives the methods that templates call, never
//! reads from disk.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{FunctionError, Host, List, Map, Text, Value};

use crate::capabilities::text_argument;
use crate::files::File;
use crate::functions::yaml::to_yaml;
use crate::go_path;
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

    fn get(&self, path: &Text) -> Rc<[u8]> {
        self.0
            .get(&*path.to_str())
            .cloned()
            .unwrap_or_else(|| Rc::from([]))
    }

    fn text(bytes: &[u8]) -> Value {
        Value::String(Text::from_bytes(bytes.to_vec()))
    }

    fn glob(&self, pattern: &Text) -> Self {
        let pattern = files_glob(&pattern.to_str());
        let fits = self.0.iter().filter(|(path, _)| pattern.is_match(path));
        Self(
            fits.map(|(path, data)| (path.clone(), Rc::clone(data)))
                .collect(),
        )
    }

    fn lines(&self, path: &Text) -> Value {
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

    fn underlying(&self) -> Option<Value> {
        let map: Map = self
            .0
            .iter()
            .map(|(path, data)| (path.as_str(), Value::Bytes(Rc::clone(data))))
            .collect();
        Some(Value::Map(map))
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let no_arguments = || {
            let given = arguments.len();
            let wrong = || {
                FunctionError::new(format!(
                    "wrong number of args for {name}: want 0 got {given}"
                ))
            };
            if given == 0 { Ok(()) } else { Err(wrong()) }
        };
        Some(match name {
            "Get" => text_argument(name, arguments).map(|path| Self::text(&self.get(path))),
            "GetBytes" => text_argument(name, arguments).map(|path| Value::Bytes(self.get(path))),
            "Glob" => text_argument(name, arguments).map(|path| Value::host(self.glob(path))),
            "Lines" => text_argument(name, arguments).map(|path| self.lines(path)),
            "AsConfig" => no_arguments().map(|()| self.flattened(Self::text)),
            "AsSecrets" => {
                no_arguments().map(|()| self.flattened(|data| Value::from(STANDARD.encode(data))))
            }
            _ => return None,
        })
    }
}
