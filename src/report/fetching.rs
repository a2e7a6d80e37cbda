//! What is told while charts are fetched: takes the events of fetching, gives plain lines or a live
//! line for each download; decides nothing, and says nothing where nothing is fetched.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use super::Output;
use super::terminal::Downloads;
use super::words::{FAINT, one_line, styled};
use crate::catalog::fetch::{ChartRequest, FetchEmitter, FetchEvent, Provenance};

/// How fetching is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchView {
    /// Not at all.
    Nothing,
    /// A line for each thing that stays worth knowing.
    Lines,
    /// A live line for each download, below such lines.
    Terminal {
        /// With colour.
        color: bool,
    },
}

/// Returns where fetching sends its events. Lines go to the output.
pub fn fetch_emitter(view: FetchView, output: Output) -> FetchEmitter {
    let state: Arc<Mutex<State>> = Arc::new(Mutex::new(State {
        output,
        downloads: match view {
            FetchView::Terminal { .. } => Some(Downloads::default()),
            _ => None,
        },
        color: view == FetchView::Terminal { color: true },
    }));
    Arc::new(move |event| {
        if view != FetchView::Nothing {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.hear(&event);
        }
    })
}

struct State {
    output: Output,
    downloads: Option<Downloads>,
    color: bool,
}

impl State {
    fn hear(&mut self, event: &FetchEvent) {
        if let Some(downloads) = &mut self.downloads {
            downloads.hear(event);
        }
        let Some(mut text) = line(event) else {
            return;
        };
        if self.color {
            text = styled(FAINT, &text);
        }
        if let Some(downloads) = &self.downloads {
            downloads.print(&text);
        } else {
            // A line that is lost fails nothing.
            let _ = writeln!(self.output, "{text}");
            let _ = self.output.flush();
        }
    }
}

fn line(event: &FetchEvent) -> Option<String> {
    match event {
        FetchEvent::ChartFetched {
            chart,
            version,
            bytes,
            from,
        } => {
            let from = match from {
                Provenance::Vendor => "vendor/charts",
                Provenance::Cache => "the cache",
                Provenance::Network => &chart.repository,
            };
            let name = &chart.name;
            Some(format!(
                "fetched {name} {version} from {from} ({})",
                size(*bytes)
            ))
        }
        FetchEvent::ChartResumed { chart, bytes, why } => {
            let name = &chart.name;
            let why = one_line(why);
            Some(format!(
                "{name} broke off at {}: {why}; trying again",
                size(*bytes)
            ))
        }
        FetchEvent::RepositoryFetched { repository, commit } => {
            let commit = commit.get(..8).unwrap_or(commit);
            Some(format!("fetched {repository} ({commit})"))
        }
        FetchEvent::FileFetched { url, bytes } => {
            Some(format!("fetched {} ({})", one_line(url), size(*bytes)))
        }
        FetchEvent::FetchStarted { .. }
        | FetchEvent::IndexStarted { .. }
        | FetchEvent::ChartResolved { .. }
        | FetchEvent::ChartProgress { .. }
        | FetchEvent::ChartFailed { .. }
        | FetchEvent::FetchFinished => None,
    }
}

/// Words a size: `812 B`, `12.3 KiB`, `4.0 MiB`.
pub(super) fn size(bytes: u64) -> String {
    // Tenths of the unit, rounded down: enough for people, and whole numbers throughout.
    let tenths = |unit: u64| (bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => {
            let (whole, tenth) = tenths(1024);
            format!("{whole}.{tenth} KiB")
        }
        _ => {
            let (whole, tenth) = tenths(1_048_576);
            format!("{whole}.{tenth} MiB")
        }
    }
}

/// What is known of downloads under way; the live screen is drawn from it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) charts: usize,
    pub(super) done: usize,
    pub(super) index: Option<String>,
    /// Bytes that came, and that will come, by chart.
    pub(super) under_way: BTreeMap<ChartRequest, (u64, Option<u64>)>,
    pub(super) finished: bool,
}

impl Progress {
    pub(super) fn hear(&mut self, event: &FetchEvent) {
        match event {
            FetchEvent::FetchStarted { charts } => {
                *self = Self {
                    charts: *charts,
                    ..Self::default()
                };
            }
            FetchEvent::IndexStarted { repository } => self.index = Some(repository.clone()),
            FetchEvent::ChartProgress {
                chart,
                bytes,
                total,
            } => {
                self.index = None;
                self.under_way.insert(chart.clone(), (*bytes, *total));
            }
            FetchEvent::ChartFetched { chart, .. } | FetchEvent::ChartFailed { chart, .. } => {
                self.under_way.remove(chart);
                self.done += 1;
            }
            FetchEvent::FetchFinished => self.finished = true,
            FetchEvent::ChartResolved { .. }
            | FetchEvent::ChartResumed { .. }
            | FetchEvent::RepositoryFetched { .. }
            | FetchEvent::FileFetched { .. } => {}
        }
    }

    /// Returns the lines to draw.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("fetching charts: {} of {}", self.done, self.charts)];
        if let (Some(repository), true) = (&self.index, self.under_way.is_empty()) {
            lines.push(format!("  the index of {repository}"));
        }
        for (chart, (bytes, total)) in &self.under_way {
            let of = total.map_or_else(String::new, |total| format!(" of {}", size(total)));
            lines.push(format!("  {} {}{of}", chart.name, size(*bytes)));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let words: Vec<String> = [0, 1023, 1024, 12_645, 4_194_304].map(size).to_vec();
        assert_eq!(words, ["0 B", "1023 B", "1.0 KiB", "12.3 KiB", "4.0 MiB"]);
    }

    #[test]
    fn downloads_are_drawn_while_they_last() {
        let chart =
            ChartRequest::new("https://charts.example.org", "redis", "^1").expect("a request");
        let mut progress = Progress::default();
        progress.hear(&FetchEvent::FetchStarted { charts: 2 });
        progress.hear(&FetchEvent::IndexStarted {
            repository: chart.repository.clone(),
        });
        assert_eq!(
            progress.lines(),
            [
                "fetching charts: 0 of 2",
                "  the index of https://charts.example.org"
            ]
        );
        progress.hear(&FetchEvent::ChartProgress {
            chart: chart.clone(),
            bytes: 2048,
            total: Some(4096),
        });
        assert_eq!(
            progress.lines(),
            ["fetching charts: 0 of 2", "  redis 2.0 KiB of 4.0 KiB"]
        );
        let fetched = FetchEvent::ChartFetched {
            chart,
            version: "1.2.3".into(),
            bytes: 4096,
            from: Provenance::Network,
        };
        progress.hear(&fetched);
        assert_eq!(progress.lines(), ["fetching charts: 1 of 2"]);
        assert_eq!(
            line(&fetched).as_deref(),
            Some("fetched redis 1.2.3 from https://charts.example.org (4.0 KiB)")
        );
    }
}
