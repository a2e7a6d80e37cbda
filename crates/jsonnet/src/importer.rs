//! Imports: takes what a file asks for, gives what stands in the repository, never leaves it: not by
//! `..`, not by an absolute path, not by a link.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use rsjsonnet_lang::interner::InternedStr;
use rsjsonnet_lang::program::{
    Callbacks, EvalStackTraceItem, ImportError, NativeError, Program, Thunk, Value,
};
use rsjsonnet_lang::span::{SourceId, SpanContext, SpanId};

use crate::error::{Error, Place};
use crate::evaluate::{Variable, directory_of};
use crate::words;

/// No file that people write by hand is larger; libraries that are generated may come near.
const MAXIMUM_FILE_SIZE: u64 = 32 * 1024 * 1024;

/// A text that positions lie in.
#[derive(Debug)]
pub(crate) struct Text {
    /// Its path in the repository, or what it is in `<` and `>`.
    pub(crate) name: String,
    /// Where it stands, where it is a file of the repository.
    path: Option<PathBuf>,
    bytes: Vec<u8>,
}

/// What the library asks while it evaluates.
pub(crate) struct Importer<'p> {
    root: PathBuf,
    libraries: Vec<PathBuf>,
    texts: BTreeMap<SourceId, Text>,
    loaded: BTreeMap<PathBuf, Thunk<'p>>,
    /// Why the last import failed: the library only takes that it did.
    pub(crate) failure: Option<Error>,
}

impl<'p> Importer<'p> {
    pub(crate) fn new(
        program: &Program<'p>,
        root: &Path,
        libraries: &[String],
    ) -> Result<Self, Error> {
        let root = root
            .canonicalize()
            .map_err(|error| Error::new(format!("the repository cannot be read: {error}")))?;
        let (standard_library, bytes) = program.get_stdlib_source();
        let text = Text {
            name: "<std>".to_owned(),
            path: None,
            bytes: bytes.to_vec(),
        };
        Ok(Self {
            root,
            libraries: libraries.iter().map(PathBuf::from).collect(),
            texts: BTreeMap::from([(standard_library, text)]),
            loaded: BTreeMap::new(),
            failure: None,
        })
    }

    /// Returns what a variable stands for, to be evaluated when it is asked for.
    pub(crate) fn variable(
        &mut self,
        program: &mut Program<'p>,
        kind: &str,
        variable: &Variable,
    ) -> Result<Thunk<'p>, Error> {
        if variable.code {
            let text = Text {
                name: format!("<{kind}:{}>", variable.name),
                path: None,
                bytes: variable.value.clone().into_bytes(),
            };
            self.parsed(program, text)
        } else {
            Ok(program.value_to_thunk(&Value::string(&variable.value)))
        }
    }

    /// Loads a file of the repository; `path` is relative to it.
    pub(crate) fn load(
        &mut self,
        program: &mut Program<'p>,
        path: &Path,
    ) -> Result<Thunk<'p>, Error> {
        let path = within(path).ok_or_else(|| leads_out(path))?;
        if let Some(thunk) = self.loaded.get(&path) {
            return Ok(thunk.clone());
        }
        let bytes = self
            .read(&path)?
            .ok_or_else(|| Error::new(format!("{} is not there", path.display())))?;
        let text = Text {
            name: shown(&path),
            path: Some(path.clone()),
            bytes,
        };
        let thunk = self.parsed(program, text)?;
        self.loaded.insert(path, thunk.clone());
        Ok(thunk)
    }

    fn parsed(&mut self, program: &mut Program<'p>, text: Text) -> Result<Thunk<'p>, Error> {
        let length = text.bytes.len();
        let (context, source) = program.span_manager_mut().insert_source_context(length);
        let result = program.load_source(context, &text.bytes, true, &text.name);
        self.texts.insert(source, text);
        result.map_err(|error| words::loading(program, self, &error))
    }

    /// Returns the bytes of a file; nothing where there is none.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        let named = path.display();
        let real = match self.root.join(path).canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(None),
            Err(error) => return Err(Error::new(format!("{named} cannot be read: {error}"))),
        };
        if !real.starts_with(&self.root) {
            let what = format!("{named} is a link that leads out of the repository");
            return Err(Error::new(what));
        }
        if !real.is_file() {
            return Err(Error::new(format!("{named} is no file")));
        }
        let mut bytes = Vec::new();
        std::fs::File::open(&real)
            .and_then(|file| file.take(MAXIMUM_FILE_SIZE + 1).read_to_end(&mut bytes))
            .map_err(|error| Error::new(format!("{named} cannot be read: {error}")))?;
        if bytes.len() as u64 > MAXIMUM_FILE_SIZE {
            let what = format!("{named} is larger than {MAXIMUM_FILE_SIZE} bytes");
            return Err(Error::new(what));
        }
        Ok(Some(bytes))
    }

    /// Returns the path in the repository of what a file imports, with its bytes.
    ///
    /// The order is that of go-jsonnet's `FileImporter`: beside the file that imports, then the
    /// libraries, the last one first.
    fn found(
        &self,
        program: &Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<(PathBuf, Vec<u8>), Error> {
        let asked = Path::new(path);
        if asked.is_absolute() {
            return Err(Error::new(format!(
                "the import {path} is an absolute path, which is another one wherever the \
                 repository stands"
            )));
        }
        let beside = self
            .text(program, from)
            .and_then(|(text, _, _)| text.path.as_deref())
            .map_or(Path::new(""), directory_of);
        let mut outside = false;
        let directories = std::iter::once(beside);
        for directory in directories.chain(self.libraries.iter().rev().map(PathBuf::as_path)) {
            let Some(candidate) = within(&directory.join(asked)) else {
                outside = true;
                continue;
            };
            if let Some(bytes) = self.read(&candidate)? {
                return Ok((candidate, bytes));
            }
        }
        if outside {
            return Err(leads_out(asked));
        }
        let searched: Vec<String> = std::iter::once(beside)
            .chain(self.libraries.iter().rev().map(PathBuf::as_path))
            .map(|directory| match shown(directory) {
                empty if empty.is_empty() => ".".to_owned(),
                directory => directory,
            })
            .collect();
        let searched = searched.join(", ");
        Err(Error::new(format!(
            "the import {path} is not there; looked for it in {searched}"
        )))
    }

    /// Returns the text that a span lies in, with its bounds.
    pub(crate) fn text(
        &self,
        program: &Program<'p>,
        span: SpanId,
    ) -> Option<(&Text, usize, usize)> {
        let manager = program.span_manager();
        let (context, start, end) = manager.get_span(span);
        let SpanContext::Source(source) = manager.get_context(context);
        Some((self.texts.get(source)?, start, end))
    }

    /// Returns where a span begins; nothing for the standard library's own text.
    pub(crate) fn place(&self, program: &Program<'p>, span: SpanId) -> Option<Place> {
        let (text, start, _) = self.text(program, span)?;
        if text.name == "<std>" {
            return None;
        }
        let before = text.bytes.get(..start)?;
        let before = String::from_utf8_lossy(before);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|one| *one != '\n').count() + 1;
        Some(Place {
            file: text.name.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        })
    }

    fn kept<T>(&mut self, result: Result<T, Error>) -> Result<T, ImportError> {
        result.map_err(|error| {
            // The innermost failure is the cause of those around it.
            self.failure.get_or_insert(error);
            ImportError
        })
    }
}

impl<'p> Callbacks<'p> for Importer<'p> {
    fn import(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<Thunk<'p>, ImportError> {
        let found = self.found(program, from, path);
        let result = found.and_then(|(path, _)| self.load(program, &path));
        self.kept(result)
    }

    fn import_str(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<String, ImportError> {
        let found = self.found(program, from, path);
        self.kept(found.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn import_bin(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<Vec<u8>, ImportError> {
        let found = self.found(program, from, path);
        self.kept(found.map(|(_, bytes)| bytes))
    }

    fn trace(&mut self, _: &mut Program<'p>, _: &str, _: &[EvalStackTraceItem]) {
        // A remark for whoever writes the file: Argo CD writes it to the log of its server.
    }

    fn native_call(
        &mut self,
        _: &mut Program<'p>,
        _: InternedStr<'p>,
        _: &[Value<'p>],
    ) -> Result<Value<'p>, NativeError> {
        Err(NativeError)
    }
}

fn leads_out(path: &Path) -> Error {
    Error::new(format!("{} leads out of the repository", path.display()))
}

/// Returns a path without `.` and `..`; nothing where it would lead out.
fn within(path: &Path) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => inside.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                if !inside.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(inside)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
