//! Which of what yields Applications is the root: takes all, gives candidates, the likeliest first,
//! never looks at a file.

use std::collections::{BTreeMap, BTreeSet};

use crate::glob::Glob;

use super::scan::{Scan, Yielder, YielderKind};

/// A root, or roots that are alike but for the name of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The path; `*` stands for the environment's name.
    pub(super) path: String,
    pub(super) kind: YielderKind,
    /// Files of values; `*` stands for the environment's name.
    pub(super) value_files: Option<String>,
    /// The roots that it stands for.
    pub(super) roots: Vec<String>,
    /// How many Applications are reached from it.
    pub(super) reached: usize,
}

/// Directories whose manifests are there to be looked at, not to be run.
const SHOWN: &[&str] = &[
    "test",
    "tests",
    "testdata",
    "example",
    "examples",
    "docs",
    "doc",
    "hack",
    "templates",
];

/// Returns the candidates.
pub(super) fn candidates(scan: &Scan) -> Vec<Candidate> {
    let yielders = &split(&scan.yielders);
    let points: Vec<Vec<usize>> = yielders.iter().map(|own| targets(own, yielders)).collect();
    let roots = first(yielders, &points);
    let mut found: Vec<Candidate> = Vec::new();
    let mut open: BTreeSet<usize> = roots.iter().copied().collect();
    for (pattern, members) in patterns(&roots, yielders) {
        if members.iter().all(|member| open.contains(member)) {
            open.retain(|root| !members.contains(root));
            found.push(candidate(pattern, &members, yielders, &points));
        }
    }
    for root in open {
        found.push(candidate(
            yielders[root].path.clone(),
            &[root],
            yielders,
            &points,
        ));
    }
    for candidate in &mut found {
        if candidate.kind == YielderKind::Chart {
            candidate.value_files = value_files(&candidate.path, &scan.files);
        }
    }
    found.sort_by_key(|candidate| {
        let is_shown = candidate.path.split('/').any(|part| SHOWN.contains(&part));
        (
            is_shown,
            std::cmp::Reverse(candidate.reached),
            candidate.path.matches('/').count(),
            candidate.path.clone(),
        )
    });
    found
}

/// Returns yielders with directories taken apart whose files each lead to something else that yields
/// Applications: there a file is the root of an environment.
fn split(yielders: &[Yielder]) -> Vec<Yielder> {
    let mut split = Vec::new();
    for yielder in yielders {
        let led: Vec<Vec<usize>> = (yielder.parts.iter())
            .map(|part| targets(part, yielders))
            .collect();
        let all: BTreeSet<usize> = led.iter().flatten().copied().collect();
        let are_apart = all.len() == led.iter().map(Vec::len).sum::<usize>();
        if led.is_empty() || !are_apart || led.iter().any(Vec::is_empty) {
            split.push(yielder.clone());
        } else {
            split.extend(yielder.parts.iter().cloned());
        }
    }
    split
}

/// Returns those that nothing leads to from outside. Where several lead to each other, as where an
/// Application keeps the directory that it stands in, one of them: the one that points at most, then
/// the one nearest to the top.
fn first(yielders: &[Yielder], points: &[Vec<usize>]) -> Vec<usize> {
    let reached: Vec<BTreeSet<usize>> = (0..yielders.len())
        .map(|own| reach(&[own], points))
        .collect();
    let is_first = |&own: &usize| {
        let leading = (0..yielders.len()).filter(|&other| reached[other].contains(&own));
        let mut alike: Vec<usize> = leading.collect();
        if alike.iter().any(|&other| !reached[own].contains(&other)) {
            return false;
        }
        alike.sort_by_key(|&one| {
            let path = &yielders[one].path;
            (
                std::cmp::Reverse(points[one].len()),
                path.matches('/').count(),
                path.clone(),
            )
        });
        alike.first() == Some(&own)
    };
    (0..yielders.len()).filter(is_first).collect()
}

/// Returns what is reached from some, themselves among it.
fn reach(from: &[usize], points: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut seen: BTreeSet<usize> = from.iter().copied().collect();
    let mut open = from.to_vec();
    while let Some(next) = open.pop() {
        open.extend(
            points[next]
                .iter()
                .copied()
                .filter(|&target| seen.insert(target)),
        );
    }
    seen
}

/// Returns the yielders that a yielder's Applications point at.
fn targets(own: &Yielder, yielders: &[Yielder]) -> Vec<usize> {
    let patterns: Vec<Glob> = own
        .points_at
        .iter()
        .map(|path| Glob::new(path, &['/']))
        .collect();
    let exact =
        |path: &str| own.points_at.contains(path) || patterns.iter().any(|glob| glob.matches(path));
    let is_target = |yielder: &Yielder| {
        let path = yielder.path.as_str();
        let is_within = match yielder.kind {
            YielderKind::File => path.rsplit_once('/').is_some_and(|(above, _)| exact(above)),
            // Also what lies below a directory that is read as a whole.
            YielderKind::Directory => (path.match_indices('/')).any(|(end, _)| exact(&path[..end])),
            YielderKind::Chart | YielderKind::Kustomization => false,
        };
        exact(path) || is_within
    };
    let found = yielders
        .iter()
        .enumerate()
        .filter(|(_, yielder)| is_target(yielder));
    found.map(|(index, _)| index).collect()
}

/// Returns paths with one `*` that stand for several roots, those that stand for most first.
fn patterns(roots: &[usize], yielders: &[Yielder]) -> Vec<(String, Vec<usize>)> {
    let mut groups: BTreeMap<(String, YielderKind), Vec<usize>> = BTreeMap::new();
    for &root in roots {
        let Yielder { path, kind, .. } = &yielders[root];
        let parts: Vec<&str> = path.split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            let is_file = *kind == YielderKind::File && index + 1 == parts.len();
            for star in stars(part, is_file) {
                let mut pattern: Vec<&str> = parts.clone();
                pattern[index] = &star;
                groups
                    .entry((pattern.join("/"), *kind))
                    .or_default()
                    .push(root);
            }
        }
    }
    let mut groups: Vec<(String, Vec<usize>)> = (groups.into_iter())
        .filter(|(_, members)| members.len() > 1)
        .map(|((pattern, _), members)| (pattern, members))
        .collect();
    // The most roots, then the most said of them.
    groups.sort_by_key(|(pattern, members)| {
        (
            std::cmp::Reverse(members.len()),
            std::cmp::Reverse(pattern.len()),
            pattern.clone(),
        )
    });
    groups
}

/// Returns a name with a `*` where an environment's name may stand in it.
fn stars(part: &str, is_file: bool) -> Vec<String> {
    let (stem, end) = match part.rsplit_once('.') {
        Some((stem, end)) if is_file => (stem, format!(".{end}")),
        _ => (part, String::new()),
    };
    let mut stars = vec![format!("*{end}")];
    for (position, _) in stem.match_indices(['-', '.', '_']) {
        stars.push(format!("{}*{end}", &stem[..=position]));
        stars.push(format!("*{}{end}", &stem[position..]));
    }
    stars
}

fn candidate(
    path: String,
    members: &[usize],
    yielders: &[Yielder],
    points: &[Vec<usize>],
) -> Candidate {
    let seen = reach(members, points);
    Candidate {
        path,
        kind: yielders[members[0]].kind,
        value_files: None,
        roots: members
            .iter()
            .map(|&member| yielders[member].path.clone())
            .collect(),
        reached: seen.iter().map(|&index| yielders[index].count).sum(),
    }
}

/// Returns where a chart's values for environments are, by the names of files in it and beside it.
fn value_files(chart: &str, files: &BTreeSet<String>) -> Option<String> {
    let within = |folder: &str| -> Vec<String> {
        let prefix = match (chart, folder) {
            ("", "") => String::new(),
            ("", folder) => format!("{folder}/"),
            (chart, "") => format!("{chart}/"),
            (chart, folder) => format!("{chart}/{folder}/"),
        };
        let names = files.iter().filter_map(|file| file.strip_prefix(&prefix));
        let names =
            names.filter(|name| !name.contains('/') && name.rsplit('.').next() == Some("yaml"));
        names.map(str::to_owned).collect()
    };
    let join = |folder: &str, name: &str| {
        let parts = [chart, folder, name];
        parts
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/")
    };
    let named = |name: &String, start: &str, end: &str| {
        name.strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|middle| !middle.is_empty())
    };
    for (start, end) in [
        ("values-", ".yaml"),
        ("values.", ".yaml"),
        ("values_", ".yaml"),
        ("", "-values.yaml"),
        ("", ".values.yaml"),
    ] {
        if within("").iter().any(|name| named(name, start, end)) {
            return Some(join("", &format!("{start}*{end}")));
        }
    }
    for folder in ["values", "environments", "envs", "env", "clusters"] {
        if within(folder).iter().any(|name| name != "values.yaml") {
            return Some(join(folder, "*.yaml"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yielder(path: &str, kind: YielderKind, points_at: &[&str]) -> Yielder {
        Yielder {
            path: path.to_owned(),
            kind,
            count: 2,
            parts: Vec::new(),
            points_at: points_at.iter().map(|&path| path.to_owned()).collect(),
        }
    }

    fn chosen(yielders: Vec<Yielder>, files: &[&str]) -> Vec<(String, Option<String>)> {
        let scan = Scan {
            yielders,
            files: files.iter().map(|&file| file.to_owned()).collect(),
            ..Scan::default()
        };
        candidates(&scan)
            .into_iter()
            .map(|one| (one.path, one.value_files))
            .collect()
    }

    #[test]
    fn the_root_is_what_nobody_points_at() {
        let found = chosen(
            vec![
                yielder("apps", YielderKind::Chart, &["charts/a"]),
                yielder("bootstrap", YielderKind::Chart, &["bootstrap", "apps"]),
                yielder("examples/one.yaml", YielderKind::File, &["guestbook"]),
            ],
            &["bootstrap/values-test.yaml", "apps/values.yaml"],
        );
        assert_eq!(
            found,
            [
                (
                    "bootstrap".to_owned(),
                    Some("bootstrap/values-*.yaml".to_owned())
                ),
                ("examples/one.yaml".to_owned(), None),
            ]
        );
    }

    #[test]
    fn roots_that_are_alike_are_environments() {
        use YielderKind::{File, Kustomization};
        let found = chosen(
            vec![
                yielder("argo/overlays/dev", Kustomization, &["apps"]),
                yielder("argo/overlays/prod", Kustomization, &["apps"]),
                yielder("apps", YielderKind::Directory, &[]),
            ],
            &[],
        );
        assert_eq!(found, [("argo/overlays/*".to_owned(), None)]);
        let found = chosen(
            vec![
                yielder("root-dev.yaml", File, &["a"]),
                yielder("root-prod.yaml", File, &["b"]),
            ],
            &[],
        );
        assert_eq!(found, [("root-*.yaml".to_owned(), None)]);
    }

    #[test]
    fn templates_in_paths_point_at_all_that_they_may_mean() {
        let found = chosen(
            vec![
                yielder("root.yaml", YielderKind::File, &["envs/*"]),
                yielder("envs/dev", YielderKind::Chart, &[]),
                yielder("envs/prod", YielderKind::Chart, &[]),
            ],
            &[],
        );
        assert_eq!(found, [("root.yaml".to_owned(), None)]);
    }
}
