//! A chart as one rendering sees it: takes a chart and the user's values, gives the charts that
//! take part with their names, imported values and tables, never renders.

use std::sync::Arc;

use gotemplate::{Map, Value};
use serde_json::Value as Json;

use crate::chart::{Chart, Content};
use crate::metadata::{Dependency, Metadata};
use crate::origin::Origin;
use crate::tree;
use crate::version::is_compatible;

/// The key of the values that every chart sees.
const GLOBAL: &str = "global";

/// A table stands where a chart's values must stand, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("type mismatch on {chart}: the values have something else than a table there")]
pub struct TypeMismatch {
    /// The chart below, as its parent names it.
    pub chart: String,
    /// Where the value comes from, where that is known.
    pub origin: Option<Origin>,
}

/// A chart with what one rendering changes in it.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) metadata: Metadata,
    pub(crate) values: Map,
    pub(crate) content: Arc<Content>,
    pub(crate) subcharts: Vec<Instance>,
}

impl Instance {
    /// Works out which charts take part and what they import from each other.
    pub(crate) fn new(chart: &Chart, given: &Map) -> Result<Self, TypeMismatch> {
        let mut instance = Self::bare(chart);
        instance.select(given, "")?;
        instance.import()?;
        Ok(instance)
    }

    fn bare(chart: &Chart) -> Self {
        Self {
            metadata: chart.metadata.clone(),
            values: Map::from(chart.content.frozen_values()),
            content: Arc::clone(&chart.content),
            subcharts: chart.subcharts.iter().map(Self::bare).collect(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Keeps the subcharts that conditions and tags enable, under their aliases.
    fn select(&mut self, given: &Map, path: &str) -> Result<(), TypeMismatch> {
        if !self.metadata.has_dependencies {
            return Ok(());
        }
        let wanted = &mut self.metadata.dependencies;
        let fits = |chart: &Instance, dependency: &Dependency| {
            chart.name() == dependency.name
                && is_compatible(&dependency.version, &chart.metadata.version)
        };
        let mut charts: Vec<Instance> = self
            .subcharts
            .iter()
            .filter(|chart| !wanted.iter().any(|dependency| fits(chart, dependency)))
            .cloned()
            .collect();
        for dependency in wanted.iter_mut() {
            if let Some(found) = self.subcharts.iter().find(|chart| fits(chart, dependency)) {
                let mut chart = found.separate();
                if !dependency.alias.is_empty() {
                    chart.metadata.name.clone_from(&dependency.alias);
                }
                charts.push(chart);
            }
            if !dependency.alias.is_empty() {
                dependency.name.clone_from(&dependency.alias);
            }
            dependency.enabled = true;
        }
        self.subcharts = charts;

        let values = self.coalesced(given, false)?;
        let wanted = &mut self.metadata.dependencies;
        apply_tags(wanted, &values);
        apply_conditions(wanted, &values, path);
        let disabled: Vec<String> = wanted
            .iter()
            .filter(|wanted| !wanted.enabled)
            .map(|one| one.name.clone())
            .collect();
        wanted.retain(|dependency| !disabled.contains(&dependency.name));
        self.subcharts
            .retain(|chart| !disabled.iter().any(|name| name == chart.name()));
        for chart in &mut self.subcharts {
            let path = format!("{path}{}.", chart.name());
            chart.select(&values, &path)?;
        }
        Ok(())
    }

    /// Returns a copy that shares no table with this one.
    fn separate(&self) -> Self {
        Self {
            metadata: self.metadata.clone(),
            values: self.values.deep_copy(),
            content: Arc::clone(&self.content),
            subcharts: self.subcharts.iter().map(Self::separate).collect(),
        }
    }

    /// Takes over the values that `import-values` asks for, from the innermost charts outwards.
    fn import(&mut self) -> Result<(), TypeMismatch> {
        for chart in &mut self.subcharts {
            chart.import()?;
        }
        if self.metadata.dependencies.is_empty() {
            return Ok(());
        }
        let values = self.coalesced(&Map::new(), true)?;
        let imported = Map::new();
        for dependency in &mut self.metadata.dependencies {
            let mut normal = Vec::new();
            for item in &dependency.import_values {
                let (child, parent) = match item {
                    Json::Object(pair) => {
                        let part = |name: &str| pair.get(name).map_or("<nil>".into(), plain);
                        (part("child"), part("parent"))
                    }
                    Json::String(name) => (format!("exports.{name}"), ".".to_owned()),
                    _ => continue,
                };
                normal.push(serde_json::json!({"child": child, "parent": parent}));
                let path = format!("{}.{child}", dependency.name);
                if let Some(found) = tree::table(&values, &path) {
                    tree::lay_tables(&imported, &nested(&parent, found), true);
                }
            }
            dependency.import_values = normal;
        }
        let values = values.deep_copy();
        tree::lay_tables(&values, &imported, true);
        self.values = values;
        Ok(())
    }

    /// Returns the given values laid over those of this chart and of all charts below it.
    pub(crate) fn coalesced(&self, given: &Map, keep_nulls: bool) -> Result<Map, TypeMismatch> {
        let values = given.deep_copy();
        self.coalesce(&values, keep_nulls)?;
        Ok(values)
    }

    fn coalesce(&self, values: &Map, keep_nulls: bool) -> Result<(), TypeMismatch> {
        self.lay_over_own(values, keep_nulls);
        for chart in &self.subcharts {
            let below = match values.get(chart.name()) {
                None => {
                    let below = Map::new();
                    values.set(chart.name(), below.clone());
                    below
                }
                Some(Value::Map(below)) => below,
                Some(_) => {
                    return Err(TypeMismatch {
                        chart: chart.name().to_owned(),
                        origin: None,
                    });
                }
            };
            hand_down_globals(&below, values);
            chart.coalesce(&below, keep_nulls)?;
        }
        Ok(())
    }

    /// Lays the given values over the chart's own, in place.
    fn lay_over_own(&self, values: &Map, keep_nulls: bool) {
        for (key, own) in &self.values.deep_copy() {
            match (values.get(&key), &own) {
                (Some(Value::Nil), _) if !keep_nulls => {
                    values.remove(&key);
                }
                (Some(Value::Map(above)), Value::Map(below)) => {
                    let keep = keep_nulls || self.subcharts.iter().any(|one| one.name() == &*key);
                    if !keep {
                        tree::drop_nulls(below);
                    }
                    tree::lay_tables(&above, below, keep);
                }
                (Some(_), _) => {}
                (None, Value::Nil) if !keep_nulls => {}
                (None, own) => {
                    if let (false, Value::Map(below)) = (keep_nulls, own) {
                        tree::drop_nulls(below);
                    }
                    values.set(key, own.clone());
                }
            }
        }
    }
}

/// Gives the globals of a chart to a chart below it. The topmost tables are copied; the tables in
/// them stay shared, as in Helm.
fn hand_down_globals(below: &Map, above: &Map) {
    let globals = |values: &Map| match values.get(GLOBAL) {
        None => Some(Map::new()),
        Some(Value::Map(globals)) => Some(globals),
        Some(_) => None,
    };
    let (Some(target), Some(source)) = (globals(below), globals(above)) else {
        return;
    };
    for (key, value) in &source {
        match (target.get(&key), value) {
            (None, Value::Map(table)) => {
                let copy: Map = table.iter().collect();
                target.set(key, copy);
            }
            (Some(Value::Map(own)), Value::Map(table)) => {
                let copy: Map = table.iter().collect();
                tree::lay_tables(&copy, &own, true);
                target.set(key, copy);
            }
            (Some(_), Value::Map(_)) | (Some(Value::Map(_)), _) => {}
            (_, value) => target.set(key, value),
        }
    }
    below.set(GLOBAL, target);
}

fn apply_tags(dependencies: &mut [Dependency], values: &Map) {
    let Some(tags) = tree::table(values, "tags") else {
        return;
    };
    for dependency in dependencies {
        let mut told = dependency
            .tags
            .iter()
            .filter_map(|tag| match tags.get(tag) {
                Some(Value::Bool(flag)) => Some(flag),
                _ => None,
            });
        // One true tag is enough; only false ones disable.
        dependency.enabled = match told.next() {
            None => true,
            Some(first) => first || told.any(|flag| flag),
        };
    }
}

fn apply_conditions(dependencies: &mut [Dependency], values: &Map, path: &str) {
    for dependency in dependencies {
        let conditions = dependency
            .condition
            .trim()
            .split(',')
            .filter(|one| !one.is_empty());
        for condition in conditions {
            if let Some(Value::Bool(flag)) = tree::scalar(values, &format!("{path}{condition}")) {
                dependency.enabled = flag;
                break;
            }
        }
    }
}

/// Returns what Go prints for the value with `%v`, as far as paths can be written so.
fn plain(value: &Json) -> String {
    gotemplate::format::display(&tree::from_json(value))
}

/// Puts a table below a dotted path.
fn nested(path: &str, table: Map) -> Map {
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |inner, name| {
        let outer = Map::new();
        outer.set(name, inner);
        outer
    })
}
