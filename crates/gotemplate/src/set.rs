//! The templates of a run: takes texts under names, gives parsed definitions shared between
//! threads, never executes (that is the engine's).

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::Engine;
use crate::error::{ExecError, ParseError};
use crate::function::FunctionTable;
use crate::meter::Limits;
use crate::parse::{self, Tree};
use crate::threads::in_order;
use crate::value::Value;

/// What a missing key of a map gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// No value: fields of it are no value either. `missingkey=default` or `invalid`.
    #[default]
    Default,
    /// The zero value of the map's elements: nil, whose fields are an error. `missingkey=zero`.
    Zero,
    /// An error. `missingkey=error`.
    Error,
}

/// How many tokens all texts of a set may have: their trees take many times the memory.
const MAXIMUM_TOKENS: usize = 3_000_000;

/// From so many bytes on, texts are parsed faster than threads are begun.
const WORTH_A_THREAD: usize = 96 * 1024;

/// More threads would take longer to begin than they spare.
const MOST_THREADS: usize = 8;

/// Returns how many tokens a text has whose trees these are.
fn tokens_of(trees: &[Arc<Tree>]) -> usize {
    trees.last().map_or(0, |tree| tree.source.tokens)
}

/// Parsed templates by name, with the functions they call.
#[derive(Debug, Clone)]
pub struct TemplateSet {
    name: Arc<str>,
    functions: Arc<FunctionTable>,
    trees: BTreeMap<Arc<str>, Arc<Tree>>,
    missing_key: MissingKey,
    delimiters: (Arc<str>, Arc<str>),
    /// How many tokens all texts had.
    tokens: usize,
}

impl TemplateSet {
    /// Makes an empty set. Templates may call only the functions of the table.
    pub fn new(functions: Arc<FunctionTable>) -> Self {
        Self {
            name: "".into(),
            functions,
            trees: BTreeMap::new(),
            missing_key: MissingKey::Default,
            delimiters: ("{{".into(), "}}".into()),
            tokens: 0,
        }
    }

    /// Names the set itself, for errors about templates that are not in it.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// Says what a missing key gives.
    #[must_use]
    pub fn with_missing_key(mut self, missing_key: MissingKey) -> Self {
        self.missing_key = missing_key;
        self
    }

    /// Sets the marks around actions for texts that are parsed from now on; an empty one stands
    /// for the usual.
    #[must_use]
    pub fn with_delimiters(mut self, left: &str, right: &str) -> Self {
        let or = |given: &str, usual: &str| {
            if given.is_empty() {
                usual.into()
            } else {
                given.into()
            }
        };
        self.delimiters = (or(left, "{{"), or(right, "}}"));
        self
    }

    /// Parses a text and takes up what it defines: itself under the name, and each `define` and
    /// `block`. A later definition replaces an earlier one, but one that is blank does not.
    pub fn parse(&mut self, name: &str, text: impl Into<Arc<str>>) -> Result<(), ParseError> {
        let left = MAXIMUM_TOKENS.saturating_sub(self.tokens);
        let trees = parse::parse(&self.functions, name, text.into(), self.delimiters(), left)?;
        self.take_up(trees);
        Ok(())
    }

    /// Parses texts under their names, as [`Self::parse`] does with one after the other; many at
    /// once, where they are large.
    pub fn parse_all(&mut self, texts: &[(&str, Arc<str>)]) -> Result<(), ParseError> {
        let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
        if bytes >= WORTH_A_THREAD
            && let Some(parsed) = self.parsed_together(texts)
        {
            for trees in parsed {
                self.take_up(trees);
            }
            return Ok(());
        }
        let mut texts = texts.iter();
        texts.try_for_each(|(name, text)| self.parse(name, Arc::clone(text)))
    }

    /// Parses texts on several threads; gives nothing where one of them is wrong or all have too
    /// many tokens together: one after the other tells which is the first.
    fn parsed_together(&self, texts: &[(&str, Arc<str>)]) -> Option<Vec<Vec<Arc<Tree>>>> {
        let tokens = AtomicUsize::new(self.tokens);
        let parsed = in_order(texts, MOST_THREADS, |(name, text)| {
            // Nothing more is made of texts once there are too many tokens.
            let left = MAXIMUM_TOKENS.saturating_sub(tokens.load(Ordering::Relaxed));
            let text = Arc::clone(text);
            let trees = parse::parse(&self.functions, name, text, self.delimiters(), left).ok()?;
            tokens.fetch_add(tokens_of(&trees), Ordering::Relaxed);
            Some(trees)
        });
        let parsed = parsed.into_iter().collect::<Option<_>>()?;
        (tokens.into_inner() <= MAXIMUM_TOKENS).then_some(parsed)
    }

    fn take_up(&mut self, trees: Vec<Arc<Tree>>) {
        self.tokens += tokens_of(&trees);
        for tree in trees {
            self.add(tree);
        }
    }

    /// Returns whether a template of this name is defined.
    pub fn contains(&self, name: &str) -> bool {
        self.trees.contains_key(name)
    }

    /// Returns the names of all templates in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.trees.keys().map(AsRef::as_ref)
    }

    /// Executes a template with the data as its dot. For several templates in one run, keep an
    /// [`Engine`].
    pub fn execute(
        &self,
        name: &str,
        data: Value,
        context: &dyn Any,
        limits: Limits,
    ) -> Result<String, ExecError> {
        let text = Engine::new(self, context, limits).execute(name, data)?;
        Ok(text.to_str().into_owned())
    }

    /// Returns the name of the set itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the functions that templates may call.
    pub fn functions(&self) -> &Arc<FunctionTable> {
        &self.functions
    }

    /// Returns what a missing key gives.
    pub fn missing_key(&self) -> MissingKey {
        self.missing_key
    }

    pub(crate) fn delimiters(&self) -> (&str, &str) {
        (&self.delimiters.0, &self.delimiters.1)
    }

    pub(crate) fn tree(&self, name: &str) -> Option<&Arc<Tree>> {
        self.trees.get(name)
    }

    fn add(&mut self, tree: Arc<Tree>) {
        if tree.is_blank() && self.trees.contains_key(&*tree.name) {
            return;
        }
        self.trees.insert(Arc::clone(&tree.name), tree);
    }
}
