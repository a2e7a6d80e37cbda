//! A live screen: takes events, draws what is under way below the lines that stay, and clears it at
//! the end.

mod downloads;
mod screen;

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::screen::{Screen, live, permanent};
use super::Sink;
use super::model::Model;
use crate::apply::Event;

pub(super) use self::downloads::Downloads;

/// A run that is over sooner than this shows no live screen: nothing flashes.
const DELAY: Duration = Duration::from_millis(250);

/// Draws events on a terminal's standard error.
#[derive(Debug)]
pub struct Terminal {
    model: Model,
    progress: MultiProgress,
    bar: Option<ProgressBar>,
    color: bool,
}

impl Terminal {
    /// Draws with or without colour.
    pub fn new(color: bool) -> Self {
        let progress = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(20));
        Self {
            model: Model::default(),
            progress,
            bar: None,
            color,
        }
    }

    fn draw(&mut self, at: Duration) {
        if at < DELAY || self.model.finished {
            return;
        }
        let (height, width) = console_size();
        let lines = live(
            &self.model,
            &Screen {
                at,
                height,
                width,
                color: self.color,
            },
        );
        // One bar holds all lines: they are drawn at once, and always fit together.
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            self.progress
                .add(ProgressBar::new_spinner().with_style(style))
        });
        bar.set_message(lines.join("\n"));
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            self.progress.remove(&bar);
        }
        let _ = self.progress.clear();
    }
}

/// Returns the terminal's rows and columns.
fn console_size() -> (usize, usize) {
    let (rows, columns) = console::Term::stderr().size();
    (usize::from(rows), usize::from(columns))
}

impl Sink for Terminal {
    fn hear(&mut self, at: Duration, event: &Event) {
        self.model.hear(at, event);
        for line in permanent(&self.model, at, event, self.color) {
            let _ = self.progress.println(line);
        }
        if self.model.finished {
            self.clear();
        } else {
            self.draw(at);
        }
    }

    fn tick(&mut self, at: Duration) {
        self.draw(at);
    }

    fn finish(&mut self, _at: Duration) {
        self.clear();
    }
}
