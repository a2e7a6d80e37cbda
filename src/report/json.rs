//! One JSON object for each event, on a line of its own.

use std::time::Duration;

use serde::Serialize;

use super::{Output, Sink};
use crate::apply::Event;

/// Writes events as JSON lines.
pub struct JsonLines {
    output: Output,
}

#[derive(Serialize)]
struct Line<'a> {
    /// Seconds since the beginning.
    at: f64,
    #[serde(flatten)]
    event: &'a Event,
}

impl JsonLines {
    /// Writes to this output.
    pub fn new(output: Output) -> Self {
        Self { output }
    }
}

impl std::fmt::Debug for JsonLines {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("JsonLines").finish_non_exhaustive()
    }
}

impl Sink for JsonLines {
    fn hear(&mut self, at: Duration, event: &Event) {
        let line = Line {
            at: (at.as_secs_f64() * 1000.0).round() / 1000.0,
            event,
        };
        // A record that fails never fails the run.
        if let Ok(mut text) = serde_json::to_string(&line) {
            text.push('\n');
            let _ = self.output.write_all(text.as_bytes());
            let _ = self.output.flush();
        }
    }
}
