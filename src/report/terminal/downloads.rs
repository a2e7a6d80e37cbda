//! Downloads on a live screen: takes the events of fetching, draws what is under way, and clears it
//! at the end.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::fetching::Progress;
use crate::catalog::fetch::FetchEvent;

/// Draws downloads on a terminal's standard error.
#[derive(Debug)]
pub(in crate::report) struct Downloads {
    progress: Progress,
    screen: MultiProgress,
    bar: Option<ProgressBar>,
}

impl Default for Downloads {
    fn default() -> Self {
        Self {
            progress: Progress::default(),
            screen: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(20)),
            bar: None,
        }
    }
}

impl Downloads {
    pub(in crate::report) fn hear(&mut self, event: &FetchEvent) {
        self.progress.hear(event);
        if self.progress.finished {
            if let Some(bar) = self.bar.take() {
                self.screen.remove(&bar);
            }
            let _ = self.screen.clear();
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            self.screen
                .add(ProgressBar::new_spinner().with_style(style))
        });
        bar.set_message(self.progress.lines().join("\n"));
    }

    /// Writes a line that stays.
    pub(in crate::report) fn print(&self, text: &str) {
        let _ = self.screen.println(text);
    }
}
